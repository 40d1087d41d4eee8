package quarantine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"sekisho/filter/stamp"
)

// childWork is the environment of a child process that does one thing, step by step,
// and is killed at one of them: JSON of work.
const childWork = "QUARANTINE_TEST_WORK"

// work is what a child does.
type work struct {
	Dir     string
	Options Options
	Do      string // name in deeds
	Entry   string // id of an entry that is there
	Token   string // of the messages of this run
	Report  string // id of an approved report
	Sink    string
	Key     string // file
	Step    int64  // at which it dies; 0 tells all steps, and dies at none
}

// deeds are the things that a store does in several steps.
var deeds = map[string]func(context.Context, *Store, work, ReleaseOptions) error{
	"put": func(ctx context.Context, s *Store, w work, _ ReleaseOptions) error {
		_, err := s.Put(ctx, tokened(w.Token, w.Token+" new"))
		return err
	},
	"put, equal": func(ctx context.Context, s *Store, w work, _ ReleaseOptions) error {
		_, err := s.Put(ctx, tokened(w.Token, w.Token+" there"))
		return err
	},
	"release": func(ctx context.Context, s *Store, w work, o ReleaseOptions) error {
		_, err := s.Release(ctx, w.Entry+"-1", o)
		return err
	},
	"release by link": func(ctx context.Context, s *Store, w work, o ReleaseOptions) error {
		if use, err := s.Spend(ctx, w.Token, "release", time.Now().Add(24*time.Hour)); err != nil || use != UseFirst {
			return errors.Join(err, fmt.Errorf("link: %s", use))
		}
		_, err := s.Release(ctx, w.Entry+"-1", o)
		return errors.Join(err, s.Spent(ctx, w.Token, "release", time.Now().Add(24*time.Hour)))
	},
	"copy": func(ctx context.Context, s *Store, w work, o ReleaseOptions) error {
		_, err := s.Deliver(ctx, o)
		return err
	},
	"erase": func(ctx context.Context, s *Store, w work, _ ReleaseOptions) error {
		_, err := s.Erase(ctx, w.Entry)
		return err
	},
	"expire": func(ctx context.Context, s *Store, _ work, _ ReleaseOptions) error {
		_, err := s.Expire(ctx)
		return err
	},
	"digest": func(ctx context.Context, s *Store, w work, o ReleaseOptions) error {
		_, err := s.Tell(ctx, w.Token+"@one.test", time.Now().Add(time.Hour), 9, o, telling(w.Token))
		return err
	},
	"report": func(ctx context.Context, s *Store, w work, o ReleaseOptions) error {
		_, _, err := s.SendReport(ctx, ReportLimits{Target: 1e6, All: 1e6}, "gate@kaisha.test", o, &tokenClerk{w.Token})
		return err
	},
}

// tokened is an entry for two recipients that only this run has.
func tokened(token, body string) Entry {
	e := entry(body, token+"@one.test", token+"@two.test")
	e.Brand = token
	return e
}

func telling(token string) func(Digest) ([]byte, error) {
	return func(Digest) ([]byte, error) { return []byte("From: a@b\r\n\r\n" + token + "\r\n"), nil }
}

type tokenClerk struct{ token string }

func (c *tokenClerk) Compose(context.Context, Report) ([]byte, string, error) {
	return []byte("From: a@b\r\n\r\n" + c.token + "\r\n"), "s", nil
}

// trail is the steps that a process goes through: they are told, or it dies at one.
type trail struct {
	armed atomic.Bool
	n     atomic.Int64
	die   int64
}

func (s *trail) at(name string) {
	if !s.armed.Load() {
		return
	}
	if s.die == 0 {
		fmt.Println("step", name)
	}
	if s.n.Add(1) == s.die {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

type stepFiles struct {
	disk
	*trail
}

func (f stepFiles) create(name string) (file, error) {
	f.at("create file")
	inner, err := f.disk.create(name)
	return stepFile{inner, f.trail}, err
}

func (f stepFiles) rename(from, to string) error { f.at("rename"); return f.disk.rename(from, to) }
func (f stepFiles) syncDir(name string) error    { f.at("sync folder"); return f.disk.syncDir(name) }
func (f stepFiles) remove(name string) error     { f.at("remove file"); return f.disk.remove(name) }

type stepFile struct {
	file
	*trail
}

func (f stepFile) Write(p []byte) (int, error) {
	f.at("write")
	n, err := f.file.Write(p[:len(p)/2])
	f.at("write, half")
	if err != nil {
		return n, err
	}
	m, err := f.file.Write(p[len(p)/2:])
	return n + m, err
}

func (f stepFile) Sync() error { f.at("sync file"); return f.file.Sync() }

type stepShelf struct {
	shelf
	*trail
}

func (s stepShelf) put(ctx context.Context, name string, fill func(io.Writer) error) error {
	s.at("put message")
	err := s.shelf.put(ctx, name, fill)
	s.at("message is put")
	return err
}

func (s stepShelf) remove(ctx context.Context, name string) error {
	s.at("remove message")
	err := s.shelf.remove(ctx, name)
	s.at("message is removed")
	return err
}

type stepDatabase struct {
	database
	*trail
}

func (d stepDatabase) words(query string) string {
	verb := strings.Fields(query)
	name := verb[0]
	for i, v := range verb {
		if v == "INTO" || v == "FROM" || i == 1 && name == "UPDATE" {
			if table := strings.Trim(verb[min(i+map[bool]int{true: 0, false: 1}[name == "UPDATE"], len(verb)-1)], "(),"); len(table) < 20 {
				name += " " + table
			}
			break
		}
	}
	d.at(name)
	return d.database.words(query)
}

// doWork is the child.
func doWork(text string) {
	var w work
	err := json.Unmarshal([]byte(text), &w)
	if err == nil {
		err = stepByStep(w)
	}
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func stepByStep(w work) error {
	st := &trail{die: w.Step}
	s, err := open(w.Dir, w.Options, stepFiles{trail: st})
	if err != nil {
		return err
	}
	if w.Options.Objects != "" {
		s.blobs.shelf = stepShelf{s.blobs.shelf, st}
	}
	s.index.kind = stepDatabase{s.index.kind, st}
	key, err := stamp.Load(w.Key)
	if err != nil {
		return err
	}
	st.armed.Store(true)
	if err := deeds[w.Do](context.Background(), s, w, ReleaseOptions{Addr: w.Sink, Key: key, Timeout: time.Minute, By: "child"}); err != nil {
		return err
	}
	st.at("answer")
	fmt.Println("done")
	st.at("after the answer")
	return nil
}
