package quarantine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// files is what the store asks of a file system when it writes. Tests put one
// in its place that fails.
type files interface {
	create(name string) (file, error) // fails when name exists
	rename(from, to string) error
	syncDir(name string) error
	remove(name string) error
}

// file is a file being written.
type file interface {
	io.Writer
	Sync() error
	Close() error
}

// disk is the operating system's file system.
type disk struct{}

func (disk) create(name string) (file, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (disk) rename(from, to string) error { return os.Rename(from, to) }
func (disk) remove(name string) error     { return os.Remove(name) }

// syncDir makes the names in a folder durable: fsync of a file does not cover
// the entry that leads to it.
func (disk) syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// lock takes the shared lock of a store for as long as the file is open. Who
// gets the exclusive lock first is alone and may tidy up; the operating system
// lets go of both when a process dies.
func lock(path string, tidy func() error) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	switch err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case err == nil:
		err = tidy()
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = nil
	}
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

// empty removes all files in dir.
func empty(fs files, dir string) error {
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := fs.remove(filepath.Join(dir, n.Name())); err != nil {
			return err
		}
	}
	return nil
}
