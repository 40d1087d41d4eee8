package stamp

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Key makes stamps and checks them. It is safe for concurrent use.
type Key struct{ secret []byte }

// Open reads the key in a file, and makes one where there is none. Several
// processes may do so at once: all get the same.
func Open(path string) (*Key, error) {
	k, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the release key: %w", err)
	}
	return Load(path)
}

// Load reads the key in a file. A file that others may read is refused: what it
// holds is no secret any more.
func Load(path string) (*Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("release key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("release key: %w", err)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("release key: others may use %s (mode %04o): remove it, and the daemon makes a new one when it starts", path, info.Mode().Perm())
	case info.Size() != keyBytes:
		return nil, fmt.Errorf("release key: %s has %d bytes in place of %d: remove it, and the daemon makes a new one when it starts", path, info.Size(), keyBytes)
	}
	secret := make([]byte, keyBytes)
	if _, err := f.ReadAt(secret, 0); err != nil {
		return nil, fmt.Errorf("release key: %w", err)
	}
	return &Key{secret: secret}, nil
}

// create makes the file whole before it bears its name, and never in place of
// another.
func create(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".release-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	secret := make([]byte, keyBytes)
	if _, err := rand.Read(secret); err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.Write(secret)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
