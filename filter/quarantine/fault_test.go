package quarantine

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
)

// faulty is the disk, until its n-th operation: that one fails.
type faulty struct {
	disk
	left *atomic.Int64 // operations to go until then
	gone bool          // all that follow fail too
	die  bool          // the process is killed instead
	err  error
}

func (f faulty) step() error {
	n := f.left.Add(-1)
	if n == 0 && f.die {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	if n == 0 || n < 0 && f.gone {
		return f.err
	}
	return nil
}

func (f faulty) create(name string) (file, error) {
	if err := f.step(); err != nil {
		return nil, err
	}
	inner, err := f.disk.create(name)
	if err != nil {
		return nil, err
	}
	return faultyFile{inner, f}, nil
}

func (f faulty) rename(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.disk.rename(from, to)
}

func (f faulty) syncDir(name string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.disk.syncDir(name)
}

func (f faulty) remove(name string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.disk.remove(name)
}

type faultyFile struct {
	file
	fs faulty
}

// Write may write a part before it fails, as a full disk does.
func (f faultyFile) Write(p []byte) (int, error) {
	if err := f.fs.step(); err != nil {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, err
	}
	return f.file.Write(p)
}

func (f faultyFile) Sync() error {
	if err := f.fs.step(); err != nil {
		return err
	}
	return f.file.Sync()
}

// TestEachStepMayFail: wherever the disk fails, Put says so and leaves no item,
// and what was stored before and comes after is whole.
func TestEachStepMayFail(t *testing.T) {
	for _, gone := range []bool{false, true} {
		for n := int64(1); ; n++ {
			dir := t.TempDir()
			left := &atomic.Int64{}
			left.Store(1 << 40)
			s, err := open(dir, Options{}, faulty{left: left, gone: gone, err: syscall.ENOSPC})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Put(t.Context(), entry("before", "a@b")); err != nil {
				t.Fatal(err)
			}
			left.Store(n)
			_, err = s.Put(t.Context(), entry("now", "a@b"))
			if failed := left.Load() <= 0; failed != (err != nil) || failed && !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("step %d: failed %v, error %v", n, failed, err)
			}
			done := err == nil
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}

			s = opened(t, dir, Options{})
			if names, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(names) != 0 {
				t.Errorf("step %d: left in tmp: %v, %v", n, names, err)
			}
			items, err := s.List(t.Context(), Filter{})
			if want := map[bool]int{false: 1, true: 2}[done]; err != nil || len(items) != want {
				t.Fatalf("step %d: %d items, %v", n, len(items), err)
			}
			for _, it := range items {
				if _, err := s.Message(t.Context(), it.ID); err != nil {
					t.Errorf("step %d: %v", n, err)
				}
			}
			if done {
				break
			}
			if id, err := s.Put(t.Context(), entry("now", "a@b")); err != nil {
				t.Errorf("step %d, again: %v", n, err)
			} else if _, err := s.Message(t.Context(), id); err != nil {
				t.Errorf("step %d, again: %v", n, err)
			}
			if n > 100 {
				t.Fatal("more steps than there can be")
			}
		}
	}
}

func TestOpenFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, Options{}); err == nil {
		t.Error("opened a file as a store")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.db"), []byte("this is no database, but it is long enough to look at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); err == nil {
		t.Error("opened what is no database")
	}
}
