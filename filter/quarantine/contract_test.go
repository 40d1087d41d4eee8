package quarantine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sekisho/filter/freeport"
	"sekisho/filter/quarantine/servers"
)

// running are the servers of all tests, started by the first one that needs them.
var running struct {
	onceP, onceS         sync.Once
	postgres             *servers.Postgres
	s3                   *servers.S3
	failPostgres, failS3 error
}

func sharedPostgres() (*servers.Postgres, error) {
	running.onceP.Do(func() { running.postgres, running.failPostgres = servers.StartPostgres("") })
	return running.postgres, running.failPostgres
}

func sharedS3(tb testing.TB) (*servers.S3, error) {
	running.onceS.Do(func() { running.s3, running.failS3 = servers.StartS3(freeport.Take(tb)) })
	return running.s3, running.failS3
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		storeUntilKilled(dir, os.Getenv(childStep))
	}
	if text := os.Getenv(childWork); text != "" {
		doWork(text)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		var err error
		if running.postgres != nil && running.failPostgres == nil {
			err = running.postgres.Close()
		}
		if running.s3 != nil && running.failS3 == nil {
			err = errors.Join(err, running.s3.Close())
		}
		if err != nil {
			fmt.Println(err)
			code = 1
		}
		os.Exit(code)
	}), goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait")) // of the servers, which end after the check
}

// backend is one of the ways to keep a store. What is not said about one in a
// test holds for all.
type backend struct {
	dir     string
	options Options
}

// onEach runs a test of what a store promises on each back end.
func onEach(t *testing.T, test func(*testing.T, *backend)) {
	t.Helper()
	for _, name := range []string{"sqlite and files", "sqlite and sealed files", "postgres and files", "postgres and objects"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newBackend(t, name))
		})
	}
}

func newBackend(tb testing.TB, name string) *backend {
	b := &backend{dir: tb.TempDir()}
	switch name {
	case "sqlite and sealed files":
		b.options.KeyFile = keyFile(tb, newKey())
		return b
	case "sqlite and files":
		return b
	}
	p, err := sharedPostgres()
	skipAbsent(tb, err)
	if b.options.Database, err = p.NewDatabase(); err != nil {
		tb.Fatal(err)
	}
	b.options.PasswordFile = p.PasswordFile
	if name == "postgres and objects" {
		s, err := sharedS3(tb)
		skipAbsent(tb, err)
		if b.options.Objects, _, err = s.NewBucket(); err != nil {
			tb.Fatal(err)
		}
		b.options.ObjectsKey = s.KeyFile
	}
	return b
}

func skipAbsent(tb testing.TB, err error) {
	tb.Helper()
	if errors.Is(err, servers.ErrAbsent) {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// with adds where the store is to other options.
func (b *backend) with(o Options) Options {
	o.Database, o.PasswordFile, o.Objects, o.ObjectsKey = b.options.Database, b.options.PasswordFile, b.options.Objects, b.options.ObjectsKey
	o.KeyFile = b.options.KeyFile
	return o
}

func (b *backend) open(tb testing.TB, o Options) *Store {
	tb.Helper()
	return opened(tb, b.dir, b.with(o))
}

// messageFiles lists the messages in a store by name.
func messageFiles(tb testing.TB, s *Store) (names []string) {
	tb.Helper()
	err := s.blobs.shelf.walk(tb.Context(), "", func(name string, _ time.Time) error {
		names = append(names, name)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return names
}

// whole holds an item's message against its hash.
func whole(ctx context.Context, s *Store, it Item) error {
	return s.blobs.check(ctx, s.index.file(it.SHA256, it.Entry), it.SHA256, it.Size)
}

// TestNoFolderForObjects: a gate that keeps nothing itself makes no folder.
func TestNoFolderForObjects(t *testing.T) {
	t.Parallel()
	b := newBackend(t, "postgres and objects")
	b.dir = filepath.Join(b.dir, "none")
	stored(t, b.open(t, Options{}), entry("x", "a@b"))
	if _, err := os.Stat(b.dir); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestTwoGates: what one gate holds, another one shows, releases and erases.
func TestTwoGates(t *testing.T) {
	onEach(t, func(t *testing.T, b *backend) {
		one, other := b.open(t, Options{}), b.open(t, Options{Existing: true})
		id := stored(t, one, entry("x", "a@b", "c@d"))
		if message, err := other.Message(t.Context(), id); err != nil || string(message) != header+"x" {
			t.Errorf("%q, %v", message, err)
		}
		// Both erase the last items of one entry at the same time.
		var wg sync.WaitGroup
		for s, item := range map[*Store]string{one: id + "-1", other: id + "-2"} {
			wg.Go(func() {
				if _, err := s.Erase(t.Context(), item); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if files := messageFiles(t, one); len(files) != 0 {
			t.Errorf("left: %v", files)
		}
		if items, err := one.Show(t.Context(), id); err != nil || items[0].Sender != "" {
			t.Errorf("%+v, %v", items, err)
		}
	})
}

// TestAnyBytes: what a client says may be no text at all, and comes back as it was.
func TestAnyBytes(t *testing.T) {
	onEach(t, func(t *testing.T, b *backend) {
		s := b.open(t, Options{})
		const odd = "\x00\xff\\x41\\楽天\xe6\x80'\"?$1"
		e := entry("x", odd+"@"+odd)
		e.Envelope.Sender, e.Envelope.Helo, e.Envelope.ClientName, e.Envelope.AuthUser, e.Envelope.QueueID = odd, odd, odd, odd, odd
		e.Why, e.Brand, e.Trace = odd, odd, odd
		id := stored(t, s, e)
		items, err := s.List(t.Context(), Filter{To: []string{odd}})
		if err != nil || len(items) != 1 {
			t.Fatalf("%+v, %v", items, err)
		}
		it := items[0]
		for _, got := range []string{it.Sender, it.Helo, it.ClientName, it.AuthUser, it.QueueID, it.Why, it.Brand, it.Trace} {
			if got != odd {
				t.Errorf("%q", got)
			}
		}
		if it.Recipient != odd+"@"+odd {
			t.Errorf("%q", it.Recipient)
		}
		if _, err := s.Mark(t.Context(), id, KindPhishing, odd); err != nil {
			t.Error(err)
		}
		if items, err := s.Show(t.Context(), id); err != nil || items[0].Feedback[0].By != odd {
			t.Errorf("%+v, %v", items, err)
		}
	})
}

func TestExisting(t *testing.T) {
	onEach(t, func(t *testing.T, b *backend) {
		if _, err := Open(b.dir, b.with(Options{Existing: true})); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a store that is not there: %v", err)
		}
		b.open(t, Options{})
		b.open(t, Options{Existing: true})
	})
}
