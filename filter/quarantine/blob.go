package quarantine

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"sync"

	"github.com/klauspost/compress/zstd"

	"sekisho/filter/mail"
)

// blobs packs messages and unpacks them, held against their hashes.
type blobs struct {
	shelf    shelf
	encoders sync.Pool // of *zstd.Encoder: making one costs more than a message
}

// present reports whether there is something of that name. What cannot be looked
// at counts as absent: then the message is written again.
func (b *blobs) present(name string) bool {
	there, err := b.shelf.has(context.Background(), name)
	return there && err == nil
}

// writeMessage writes the original bytes of a message.
func writeMessage(w io.Writer, h mail.Header, body []byte) error {
	for _, f := range h {
		if _, err := w.Write(f.Raw); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, "\r\n"); err != nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

// messageSize is the length in bytes of what writeMessage writes.
func messageSize(h mail.Header, body []byte) int64 {
	n := len("\r\n") + len(body)
	for _, f := range h {
		n += len(f.Raw)
	}
	return int64(n)
}

// hashOf is the name of a message's content.
func hashOf(h mail.Header, body []byte) (string, error) {
	digest := sha256.New()
	if err := writeMessage(digest, h, body); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// put makes the message safe under a name that only it bears.
func (b *blobs) put(ctx context.Context, name string, h mail.Header, body []byte) error {
	return b.putWritten(ctx, name, func(w io.Writer) error { return writeMessage(w, h, body) })
}

// putWritten makes safe what write writes.
func (b *blobs) putWritten(ctx context.Context, name string, write func(io.Writer) error) error {
	return b.shelf.put(ctx, name, func(w io.Writer) error { return b.compress(w, write) })
}

// share makes the message safe under a name that an equal one may bear already. A
// damaged file of that name is replaced: we have the right bytes in hand.
func (b *blobs) share(ctx context.Context, name string, h mail.Header, body []byte) error {
	if b.check(ctx, name, name, messageSize(h, body)) != nil {
		return b.put(ctx, name, h, body)
	}
	return b.shelf.keep(ctx, name) // whoever put it may not have come so far
}

func (b *blobs) compress(w io.Writer, write func(io.Writer) error) error {
	enc, ok := b.encoders.Get().(*zstd.Encoder)
	if !ok {
		var err error
		enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
		if err != nil {
			return err
		}
	}
	enc.Reset(w)
	err := errors.Join(write(enc), enc.Close())
	enc.Reset(nil)
	b.encoders.Put(enc)
	return err
}

// get returns the message whose hash and size are known, or ErrCorrupt when
// what lies there is anything else.
func (b *blobs) get(ctx context.Context, name, sum string, size int64) ([]byte, error) {
	if size < 0 || size > MaxMessage {
		return nil, fmt.Errorf("%w: size %d", ErrCorrupt, size)
	}
	message := &sliceWriter{make([]byte, 0, size)}
	if err := b.read(ctx, name, sum, size, message); err != nil {
		return nil, err
	}
	return message.b, nil
}

// check reports whether the message lies there undamaged.
func (b *blobs) check(ctx context.Context, name, sum string, size int64) error {
	return b.read(ctx, name, sum, size, io.Discard)
}

// read unpacks a file into w, at most one byte more than size, and holds the
// result against size and hash.
func (b *blobs) read(ctx context.Context, name, sum string, size int64, w io.Writer) error {
	n, err := b.unpack(ctx, name, sum, size, w)
	if err == nil && n != size {
		err = fmt.Errorf("%w: it does not have its %d bytes", ErrCorrupt, size)
	}
	return err
}

// unpack unpacks a file into w, at most one byte more than most, and holds the
// result against its hash.
func (b *blobs) unpack(ctx context.Context, name, sum string, most int64, w io.Writer) (int64, error) {
	if len(sum) != hex.EncodedLen(sha256.Size) {
		return 0, fmt.Errorf("%w: its hash is %q", ErrCorrupt, sum)
	}
	f, err := b.shelf.open(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, fmt.Errorf("%w: %w", errMissing, err)
	case err != nil:
		return 0, err
	}
	defer f.Close()
	from := &source{r: f}
	dec, err := zstd.NewReader(bufio.NewReaderSize(from, 1<<16), zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(MaxMessage), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return 0, err
	}
	defer dec.Close()
	var digest hash.Hash = sha256.New()
	n, err := io.Copy(io.MultiWriter(w, digest), io.LimitReader(dec, most+1))
	switch {
	case from.err != nil:
		return n, from.err // the disk or the network, not the bytes
	case err != nil:
		return n, fmt.Errorf("%w: %w", ErrCorrupt, err)
	case n <= most && hex.EncodeToString(digest.Sum(nil)) != sum:
		return n, fmt.Errorf("%w: its hash is not %s", ErrCorrupt, sum)
	}
	return n, nil
}

// errMissing is the damage of a message that is not there at all.
var errMissing = fmt.Errorf("%w: the file is missing", ErrCorrupt)

// source remembers how reading failed.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// sliceWriter gathers what is written in a slice that was made large enough.
type sliceWriter struct{ b []byte }

func (w *sliceWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}
