package promote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sekisho/policy"
	"sekisho/policy/strictyaml"
)

// site is a folder with a live and a candidate directory, as links or not.
type site struct {
	t   *testing.T
	dir string
}

func (s site) path(name string) string { return filepath.Join(s.dir, name) }

func (s site) write(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s site) link(target, name string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink(target, s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

// holds is which of old and new a name leads to, and what the name is.
func (s site) holds(name string) string {
	s.t.Helper()
	set, err := policy.Load(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	what := strings.TrimSuffix(strings.Join(set.Domains(), " "), ".test")
	if target, err := os.Readlink(s.path(name)); err == nil {
		what += " -> " + strings.ReplaceAll(target, s.dir, "DIR")
	}
	return what
}

// shapes are how live and candidate may lie, and what is there after Do.
var shapes = map[string]struct {
	make            func(s site)
	live, candidate string // afterwards
	how, former     string // DIR is the folder
	spent           bool
}{
	"directories": {
		func(s site) { s.write("live/old.test.yaml", ""); s.write("candidate/new.test.yaml", "") },
		"new", "old", "DIR/live and DIR/candidate change places", "DIR/candidate", false,
	},
	"live is a link": {
		func(s site) {
			s.write("releases/1/old.test.yaml", "")
			s.write("candidate/new.test.yaml", "")
			s.link("releases/1", "live")
		},
		"new -> candidate", "new", "DIR/live -> releases/1 becomes -> candidate", "DIR/releases/1", true,
	},
	"live is an absolute link": {
		func(s site) {
			s.write("releases/1/old.test.yaml", "")
			s.write("candidate/new.test.yaml", "")
			s.link(s.path("releases/1"), "live")
		},
		"new -> DIR/candidate", "new", "DIR/live -> DIR/releases/1 becomes -> DIR/candidate", "DIR/releases/1", true,
	},
	"candidate is a link": {
		func(s site) {
			s.write("live/old.test.yaml", "")
			s.write("git/2/new.test.yaml", "")
			s.link("git/2", "candidate")
		},
		"new", "old -> git/2", "DIR/live and DIR/git/2 change places", "DIR/git/2", false,
	},
	"both are links": {
		func(s site) {
			s.write("releases/1/old.test.yaml", "")
			s.write("releases/2/new.test.yaml", "")
			s.link("releases/1", "live")
			s.link("releases/2", "candidate")
		},
		"new -> releases/2", "old -> releases/1",
		"DIR/live -> releases/1 becomes -> releases/2; DIR/candidate -> releases/2 becomes -> releases/1", "DIR/candidate", false,
	},
	"links in a folder that is a link": {
		func(s site) {
			s.write("a/b/releases/1/old.test.yaml", "")
			s.write("a/b/releases/2/new.test.yaml", "")
			s.link("../a/b", "etc/sekisho")
			s.link("releases/1", "a/b/current")
			s.link("etc/sekisho/current", "live") // a link to a link
			s.link("etc/sekisho/releases/2", "candidate")
		},
		"new -> a/b/releases/2", "old -> a/b/releases/1",
		"DIR/live -> etc/sekisho/current becomes -> a/b/releases/2; DIR/candidate -> etc/sekisho/releases/2 becomes -> a/b/releases/1", "DIR/candidate", false,
	},
}

// prepare makes a shape and a promotion of it.
func prepare(t *testing.T, shape string) (site, *Promotion) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := site{t, dir}
	shapes[shape].make(s)
	p, err := Prepare(s.path("live"), s.path("candidate"))
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

// TestDo: however the two lie, the live name leads to the candidate's policies
// when the daemon is told, and what was live is where Former says.
func TestDo(t *testing.T) {
	for name, shape := range shapes {
		s, p := prepare(t, name)
		if how := strings.ReplaceAll(p.How(), s.dir, "DIR"); how != shape.how {
			t.Errorf("%s: how:\n got %s\nwant %s", name, how, shape.how)
		}
		if p.Spent() != shape.spent || p.Domains != 1 || p.Before != 1 || p.Broken != nil {
			t.Errorf("%s: %+v, spent %v", name, p, p.Spent())
		}
		generation, err := p.Do(t.Context(), func(context.Context) (uint64, error) {
			if got := s.holds("live"); got != shape.live {
				t.Errorf("%s: live when the daemon is told: %s, want %s", name, got, shape.live)
			}
			return 7, nil
		})
		if generation != 7 || err != nil {
			t.Errorf("%s: %d, %v", name, generation, err)
		}
		if got := s.holds("candidate"); got != shape.candidate {
			t.Errorf("%s: candidate: %s, want %s", name, got, shape.candidate)
		}
		former := strings.ReplaceAll(p.Former(), s.dir, "DIR")
		if former != shape.former || !strings.HasPrefix(s.holds(strings.TrimPrefix(former, "DIR/")), "old") {
			t.Errorf("%s: former %s, want %s", name, former, shape.former)
		}
		s.nothingLeft(name)
	}
}

// nothingLeft: no link of a try lies about.
func (s site) nothingLeft(name string) {
	s.t.Helper()
	if left, err := filepath.Glob(s.path(".*.promote-*")); err != nil || len(left) > 0 {
		s.t.Errorf("%s: left behind: %q, %v", name, left, err)
	}
}

// TestRefused: when the daemon refuses, all is as before, and the error says so.
func TestRefused(t *testing.T) {
	for name := range shapes {
		s, p := prepare(t, name)
		live, candidate := s.holds("live"), s.holds("candidate")
		refusal := &strictyaml.Problem{Pos: strictyaml.Pos{File: "f", Line: 1, Column: 2}, Message: "no", Source: "no"}
		_, err := p.Do(t.Context(), func(context.Context) (uint64, error) { return 0, refusal })
		var not *NotTaken
		if !errors.As(err, &not) || !errors.Is(err, error(refusal)) {
			t.Fatalf("%s: %v", name, err)
		}
		const want = "f:1:2: no\n    no\n     ^\nthe directories are as they were before"
		if got := not.Detail(); got != want {
			t.Errorf("%s: %s", name, got)
		}
		if s.holds("live") != live || s.holds("candidate") != candidate {
			t.Errorf("%s: live %s, was %s; candidate %s, was %s", name, s.holds("live"), live, s.holds("candidate"), candidate)
		}
		s.nothingLeft(name)
	}
}

// TestUnanswered: when nobody knows what the daemon did, the directories stay.
func TestUnanswered(t *testing.T) {
	s, p := prepare(t, "directories")
	_, err := p.Do(t.Context(), func(context.Context) (uint64, error) { return 0, fmt.Errorf("%w: EOF", ErrUnanswered) })
	if !errors.Is(err, ErrUnanswered) || !strings.Contains(err.Error(), "live holds the new policies; ask the daemon again") {
		t.Error(err)
	}
	if s.holds("live") != "new" {
		t.Errorf("live holds %s", s.holds("live"))
	}
}

// TestPrepareRefuses: what cannot or must not be promoted, and what to do about it.
func TestPrepareRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(s site)
		want string
	}{
		"broken candidate": {func(s site) { s.write("live/a.test.yaml", ""); s.write("candidate/a.test.yaml", "tagg: 1") }, "candidate/a.test.yaml:1:1: unknown key"},
		"no candidate":     {func(s site) { s.write("live/a.test.yaml", "") }, "candidate: no such file or directory"},
		"no live":          {func(s site) { s.write("candidate/a.test.yaml", "") }, "live: no such file or directory"},
		"the same":         {func(s site) { s.write("live/a.test.yaml", ""); s.link("live", "candidate") }, "lead to the same directory"},
		"dangling link":    {func(s site) { s.write("candidate/a.test.yaml", ""); s.link("nowhere", "live") }, "nowhere: no such file or directory"},
		"a file":           {func(s site) { s.write("candidate/a.test.yaml", ""); s.write("live", "") }, "live is not a directory"},
	} {
		s := site{t, t.TempDir()}
		tt.make(s)
		if _, err := Prepare(s.path("live"), s.path("candidate")); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// TestBrokenLive: a live directory with a mistake can be replaced by a good one.
func TestBrokenLive(t *testing.T) {
	s := site{t, t.TempDir()}
	s.write("live/a.test.yaml", "tagg: 1")
	s.write("candidate/new.test.yaml", "")
	p, err := Prepare(s.path("live"), s.path("candidate"))
	if err != nil || p.Broken == nil {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := p.Swap(); err != nil || s.holds("live") != "new" {
		t.Errorf("%s, %v", s.holds("live"), err)
	}
}

// TestExchangeFails: what the kernel cannot do is told with the way around it.
func TestExchangeFails(t *testing.T) {
	e := exchange{live: "/etc/p", candidate: "/srv/c"}
	for err, want := range map[error]string{
		syscall.EXDEV:  "cp -a /srv/c /etc/p.candidate",
		syscall.EINVAL: "mv /etc/p /etc/p.old && mv /srv/c /etc/p && mv /etc/p.old /srv/c && sekisho reload",
		syscall.ENOSYS: "mv /etc/p /etc/p.old",
		syscall.EBUSY:  "mount the directory above it",
		syscall.EACCES: "cannot change places: permission denied",
		syscall.EROFS:  "cannot change places: read-only file system",
	} {
		if got := e.explain(err).Error(); !strings.Contains(got, want) {
			t.Errorf("%v: %s, want %q", err, got, want)
		}
	}
}

// TestOtherFileSystem: two file systems, where the machine has them.
func TestOtherFileSystem(t *testing.T) {
	s := site{t, t.TempDir()}
	s.write("live/old.test.yaml", "")
	shm, err := os.MkdirTemp("/dev/shm", "promote")
	if err != nil {
		t.Skipf("no second file system: %v", err)
	}
	defer os.RemoveAll(shm)
	var a, b syscall.Stat_t
	if syscall.Stat(shm, &a) != nil || syscall.Stat(s.dir, &b) != nil || a.Dev == b.Dev {
		t.Skip("/dev/shm is no second file system")
	}
	if err := os.WriteFile(filepath.Join(shm, "new.test.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Prepare(s.path("live"), shm); err == nil || !strings.Contains(err.Error(), "on different file systems") {
		t.Errorf("planned: %v", err)
	}
	err = exchange{s.path("live"), shm}.do()
	if err == nil || !strings.Contains(err.Error(), "on different file systems") || s.holds("live") != "old" {
		t.Errorf("done: %v, live holds %s", err, s.holds("live"))
	}
	// A live link can lead anywhere.
	s.link("live", "current")
	p, err := Prepare(s.path("current"), shm)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Swap(); err != nil || !strings.HasPrefix(s.holds("current"), "new") {
		t.Errorf("%v, current holds %s", err, s.holds("current"))
	}
}

// TestNeverMissing: whoever looks while places change sees a whole directory.
func TestNeverMissing(t *testing.T) {
	for _, name := range []string{"directories", "both are links"} {
		s, p := prepare(t, name)
		done := make(chan bool)
		var reader sync.WaitGroup
		reader.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := os.Stat(s.path("live") + "/."); err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
			}
		})
		for range 100 {
			if err := p.swap.do(); err != nil {
				t.Error(err)
			}
			if err := p.swap.undo(); err != nil {
				t.Error(err)
			}
		}
		close(done)
		reader.Wait()
	}
}
