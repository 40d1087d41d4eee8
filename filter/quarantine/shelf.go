package quarantine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// shelf is where packed messages lie, each under its name. What is not there is
// told as fs.ErrNotExist.
type shelf interface {
	put(ctx context.Context, name string, fill func(io.Writer) error) error // safe when it returns, and never there in part
	keep(ctx context.Context, name string) error                            // makes safe what somebody else has put
	open(ctx context.Context, name string) (io.ReadCloser, error)
	has(ctx context.Context, name string) (bool, error)
	remove(ctx context.Context, name string) error                                             // for good; it may be gone already
	walk(ctx context.Context, prefix string, each func(name string, at time.Time) error) error // over names that begin so; "" or two characters at least
	close() error
}

// ours reports whether a name is one that we give: a hash or what stands for it when
// it is sealed, and the id of an entry where that is told.
func ours(name string) bool {
	sum, entry, own := strings.Cut(name, "-")
	_, err := hex.DecodeString(sum)
	return err == nil && (len(sum) == hashSize || len(sum) == veilSize) && own == (entry != "")
}

// folder keeps messages in files: dir/ab/abcd....zst.
type folder struct {
	fs       files
	dir, tmp string
	lock     *os.File
}

// openFolder makes the folders of a new store. All 256 are made and synced here,
// since a folder made during put would have to be synced by everyone who finds
// it there. Who is alone in it removes what a crash has left in tmp.
func openFolder(fs files, root string) (*folder, error) {
	b := &folder{fs: fs, dir: filepath.Join(root, "messages"), tmp: filepath.Join(root, "tmp")}
	if err := os.MkdirAll(b.tmp, 0o700); err != nil {
		return nil, err
	}
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(b.dir, hex.EncodeToString([]byte{byte(i)})), 0o700); err != nil {
			return nil, err
		}
	}
	err := errors.Join(fs.syncDir(b.dir), fs.syncDir(root))
	if err == nil {
		b.lock, err = lock(filepath.Join(root, "lock"), func() error { return empty(fs, b.tmp) })
	}
	return b, err
}

func (b *folder) close() error { return b.lock.Close() }

const suffix = ".zst"

func (b *folder) path(name string) string { return filepath.Join(b.dir, name[:2], name+suffix) }

// put makes the file, complete and synced before it bears its name.
func (b *folder) put(ctx context.Context, name string, fill func(io.Writer) error) (err error) {
	tmp := filepath.Join(b.tmp, rand.Text())
	f, err := b.fs.create(tmp)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.fs.remove(tmp))
		}
	}()
	if err := errors.Join(fill(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := b.fs.rename(tmp, b.path(name)); err != nil {
		return err
	}
	return b.keep(ctx, name)
}

func (b *folder) keep(_ context.Context, name string) error {
	return b.fs.syncDir(filepath.Dir(b.path(name)))
}

func (b *folder) open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(b.path(name))
}

func (b *folder) has(_ context.Context, name string) (bool, error) {
	_, err := os.Stat(b.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (b *folder) remove(ctx context.Context, name string) error {
	if err := b.fs.remove(b.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return b.keep(ctx, name)
}

// walk goes over the names in their order.
func (b *folder) walk(ctx context.Context, prefix string, each func(name string, at time.Time) error) error {
	from := b.dir
	if prefix != "" {
		from = filepath.Join(from, prefix[:2])
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		name, packed := strings.CutSuffix(filepath.Base(path), suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile
		case err != nil:
			return err
		case !packed || !d.Type().IsRegular() || !strings.HasPrefix(name, prefix) || !ours(name):
			return ctx.Err()
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return errors.Join(ctx.Err(), each(name, info.ModTime()))
	})
}
