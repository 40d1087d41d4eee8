package quarantine

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/klauspost/compress/zstd"

	"sekisho/filter/mail"
)

// blobs keeps messages in files named by their content: dir/ab/abcd....zst.
type blobs struct {
	fs       files
	dir, tmp string
	encoders sync.Pool // of *zstd.Encoder: making one costs more than a message
}

// openBlobs makes the folders of a new store. All 256 are made and synced here,
// since a folder made during put would have to be synced by everyone who finds
// it there.
func openBlobs(fs files, root string) (*blobs, error) {
	b := &blobs{fs: fs, dir: filepath.Join(root, "messages"), tmp: filepath.Join(root, "tmp")}
	if err := os.MkdirAll(b.tmp, 0o700); err != nil {
		return nil, err
	}
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(b.dir, hex.EncodeToString([]byte{byte(i)})), 0o700); err != nil {
			return nil, err
		}
	}
	return b, errors.Join(fs.syncDir(b.dir), fs.syncDir(root))
}

// present reports whether a file of that name is there.
func (b *blobs) present(sum string) bool {
	_, err := os.Stat(b.path(sum))
	return err == nil
}

// remove removes a message for good. It may be gone already.
func (b *blobs) remove(sum string) error {
	name := b.path(sum)
	if err := b.fs.remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return b.fs.syncDir(filepath.Dir(name))
}

func (b *blobs) path(sum string) string { return filepath.Join(b.dir, sum[:2], sum+".zst") }

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

// put makes the message durable under its hash.
func (b *blobs) put(h mail.Header, body []byte) (sum string, err error) {
	digest := sha256.New()
	if err := writeMessage(digest, h, body); err != nil {
		return "", err
	}
	sum = hex.EncodeToString(digest.Sum(nil))
	name := b.path(sum)
	// A damaged file of that name is replaced: we have the right bytes in hand.
	if b.check(sum, messageSize(h, body)) != nil {
		if err := b.write(name, h, body); err != nil {
			return "", err
		}
	}
	// Also when the file was there: whoever put it may not have come so far.
	return sum, b.fs.syncDir(filepath.Dir(name))
}

// write makes the file name, complete and synced before it bears that name.
func (b *blobs) write(name string, h mail.Header, body []byte) (err error) {
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
	if err := errors.Join(b.compress(f, h, body), f.Sync(), f.Close()); err != nil {
		return err
	}
	return b.fs.rename(tmp, name)
}

func (b *blobs) compress(w io.Writer, h mail.Header, body []byte) error {
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
	err := errors.Join(writeMessage(enc, h, body), enc.Close())
	enc.Reset(nil)
	b.encoders.Put(enc)
	return err
}

// get returns the message whose hash and size are known, or ErrCorrupt when
// what lies there is anything else.
func (b *blobs) get(sum string, size int64) ([]byte, error) {
	if size < 0 || size > MaxMessage {
		return nil, fmt.Errorf("%w: size %d", ErrCorrupt, size)
	}
	message := &sliceWriter{make([]byte, 0, size)}
	if err := b.read(sum, size, message); err != nil {
		return nil, err
	}
	return message.b, nil
}

// check reports whether the message lies there undamaged.
func (b *blobs) check(sum string, size int64) error { return b.read(sum, size, io.Discard) }

// read unpacks a file into w, at most one byte more than size, and holds the
// result against size and hash.
func (b *blobs) read(sum string, size int64, w io.Writer) error {
	if len(sum) != hex.EncodedLen(sha256.Size) {
		return fmt.Errorf("%w: its hash is %q", ErrCorrupt, sum)
	}
	f, err := os.Open(b.path(sum))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: the file is missing: %w", ErrCorrupt, err)
	case err != nil:
		return err
	}
	defer f.Close()
	dec, err := zstd.NewReader(bufio.NewReaderSize(f, 1<<16), zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(MaxMessage), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return err
	}
	defer dec.Close()
	var digest hash.Hash = sha256.New()
	n, err := io.Copy(io.MultiWriter(w, digest), io.LimitReader(dec, size+1))
	var disk *os.PathError
	switch {
	case errors.As(err, &disk):
		return err // the disk, not the bytes
	case err != nil:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case n != size:
		return fmt.Errorf("%w: it does not have its %d bytes", ErrCorrupt, size)
	case hex.EncodeToString(digest.Sum(nil)) != sum:
		return fmt.Errorf("%w: its hash is not %s", ErrCorrupt, sum)
	}
	return nil
}

// sliceWriter gathers what is written in a slice that was made large enough.
type sliceWriter struct{ b []byte }

func (w *sliceWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}
