package quarantine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"sekisho/filter/quarantine/s3"
)

// bucket keeps messages as objects of a store that speaks S3: prefix/ab/abcd....zst.
type bucket struct {
	client *s3.Client
	prefix string
}

// openBucket takes s3://BUCKET/PREFIX?endpoint=URL&region=NAME and the file of its keys.
func openBucket(address, keyFile string) (*bucket, error) {
	place, prefix, err := s3.ParsePlace(address)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(string(text))
	if len(words) != 2 {
		return nil, fmt.Errorf("%s has %d words: it needs an access key and a secret key", keyFile, len(words))
	}
	place.AccessKey, place.SecretKey = words[0], words[1]
	return &bucket{s3.New(place), prefix}, nil
}

func (b *bucket) key(name string) string { return path.Join(b.prefix, name[:2], name+suffix) }

func (b *bucket) close() error {
	b.client.Close()
	return nil
}

// put packs in memory: a request says first how long it is and what its hash is.
func (b *bucket) put(ctx context.Context, name string, fill func(io.Writer) error) error {
	var packed bytes.Buffer
	if err := fill(&packed); err != nil {
		return err
	}
	return b.client.Put(ctx, b.key(name), packed.Bytes())
}

func (*bucket) keep(context.Context, string) error { return nil }

func (b *bucket) open(ctx context.Context, name string) (io.ReadCloser, error) {
	return b.client.Get(ctx, b.key(name))
}

func (b *bucket) has(ctx context.Context, name string) (bool, error) {
	return b.client.Has(ctx, b.key(name))
}

func (b *bucket) remove(ctx context.Context, name string) error {
	return b.client.Delete(ctx, b.key(name))
}

func (b *bucket) walk(ctx context.Context, prefix string, each func(name string, at time.Time) error) error {
	from := b.prefix
	if from != "" {
		from += "/"
	}
	if prefix != "" {
		from = path.Join(b.prefix, prefix[:2], prefix)
	}
	return b.client.List(ctx, from, func(o s3.Object) error {
		name, packed := strings.CutSuffix(path.Base(o.Key), suffix)
		if !packed || !ours(name) || b.key(name) != o.Key {
			return nil
		}
		return each(name, o.Modified)
	})
}
