package quarantine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"sekisho/filter/freeport"
	"sekisho/filter/quarantine/servers"
)

// outage stores messages from several goroutines while breaking and mending
// happen, and holds what was acknowledged against what is there afterwards.
func outage(t *testing.T, b *backend, rounds int, breaking func(), mending func() error) {
	t.Helper()
	s := b.open(t, Options{})
	var mu sync.Mutex
	acknowledged, refused := map[string]string{}, 0
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				body := fmt.Sprintf("%d-%d", w, i)
				id, err := s.Put(t.Context(), entry(body, "a@b", "c@d"))
				mu.Lock()
				if err == nil {
					acknowledged[id] = body
				} else {
					refused++
				}
				mu.Unlock()
			}
		})
	}
	progress := func(what func() int) {
		mu.Lock()
		from := what()
		mu.Unlock()
		for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
			mu.Lock()
			now := what()
			mu.Unlock()
			if now > from+4 {
				return
			}
			if time.Since(begin) > time.Minute {
				t.Error("nothing was stored, or nothing refused, for a minute")
				return
			}
		}
	}
	for range rounds {
		progress(func() int { return len(acknowledged) })
		breaking()
		progress(func() int { return refused })
		if err := mending(); err != nil {
			t.Error(err)
			break
		}
		progress(func() int { return len(acknowledged) })
	}
	stop()
	wg.Wait()
	verify(t, b, acknowledged)
	t.Logf("%d outages: %d entries acknowledged, all whole; %d refused", rounds, len(acknowledged), refused)
}

func ownPostgres(t *testing.T, dir string) (*servers.Postgres, *backend) {
	t.Helper()
	p, err := servers.StartPostgres(dir)
	skipAbsent(t, err)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &backend{dir: t.TempDir(), options: Options{PasswordFile: p.PasswordFile}}
	if b.options.Database, err = p.NewDatabase(); err != nil {
		t.Fatal(err)
	}
	return p, b
}

// TestDatabaseGone: the server of the database is ended in good order, and killed.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	p, b := ownPostgres(t, "")
	t.Run("stopped", func(t *testing.T) { outage(t, b, 2, p.Stop, p.Start) })
	t.Run("killed", func(t *testing.T) { outage(t, b, 3, p.Kill, p.Start) })
}

func TestObjectsGone(t *testing.T) {
	t.Parallel()
	s3, err := servers.StartS3(freeport.Take(t))
	skipAbsent(t, err)
	t.Cleanup(func() {
		if err := s3.Close(); err != nil {
			t.Error(err)
		}
	})
	b := newBackend(t, "postgres and files")
	if b.options.Objects, _, err = s3.NewBucket(); err != nil {
		t.Fatal(err)
	}
	b.options.ObjectsKey = s3.KeyFile
	outage(t, b, 2, s3.Kill, s3.Start)
}

// TestDatabaseFull: the disk of the database's server fills up. It may end over
// that, and is started again when there is room.
func TestDatabaseFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "128m")
	p, b := ownPostgres(t, disk)
	filler := filepath.Join(disk, "filler")
	outage(t, b, 1, func() { fill(t, filler) }, func() error {
		if err := os.Remove(filler); err != nil {
			return err
		}
		p.Kill()
		return p.Start()
	})
}

// TestFilesFull: the disk for the messages fills up.
func TestFilesFull(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sqlite and files", "postgres and files"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBackend(t, name)
			b.dir = smallDisk(t, "8m")
			filler := filepath.Join(b.dir, "filler")
			outage(t, b, 2, func() { fill(t, filler) }, func() error { return os.Remove(filler) })
		})
	}
}

// smallDisk is a file system of its own.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "disk")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=0755"); err != nil {
		t.Skipf("no disk of a size of our own, which needs root: %v", errors.Join(err, os.Remove(dir)))
	}
	t.Cleanup(func() {
		// Whoever had files open there has just been told to go.
		err := syscall.Unmount(dir, syscall.MNT_DETACH)
		if err := errors.Join(err, os.Remove(dir)); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes until there is no room.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}
