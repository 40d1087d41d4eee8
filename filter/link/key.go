package link

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Keys sign links and check them. They are safe for concurrent use.
type Keys struct{ all [][]byte }

// Open reads the keys in a file, and makes one where there is none. Several processes
// may do so at once: all get the same.
func Open(path string) (*Keys, error) {
	k, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the key of links: %w", err)
	}
	return Load(path)
}

// Load reads the keys in a file. A file that others may read is refused: what it holds
// is no secret any more.
func Load(path string) (*Keys, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("keys of links: %w", err)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("keys of links: others may use %s (mode %04o): remove it, and the daemon makes a new one when it starts", path, info.Mode().Perm())
	case info.Size() > maxFile:
		return nil, fmt.Errorf("keys of links: %s has more than %d bytes", path, maxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("keys of links: %w", err)
	}
	k := &Keys{}
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		key, err := base64.StdEncoding.Strict().DecodeString(string(bytes.TrimSpace(line)))
		if err != nil || len(key) != keyBytes {
			return nil, fmt.Errorf("keys of links: %s: line %d is not %d bytes in base64, as of openssl rand -base64 %d", path, i+1, keyBytes, keyBytes)
		}
		if k.all = append(k.all, key); len(k.all) > maxKeys {
			return nil, fmt.Errorf("keys of links: %s has more than %d", path, maxKeys)
		}
	}
	return k, nil
}

// create makes the file whole before it bears its name, and never in place of another.
func create(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".link-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	key := make([]byte, keyBytes)
	if _, err := rand.Read(key); err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
