// Package wholefile replaces small state files whole: after a crash there is the
// old content or the new, never a part of either.
package wholefile

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace makes text the content of the file at path, which only this user may
// read. When it returns without error the content survives a power cut.
func Replace(path string, text []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
