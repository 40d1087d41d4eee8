package quarantine

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/stamp"
)

// letter is the message of a digest, and notes what it tells of.
func letter(told *[]Digest) func(Digest) ([]byte, error) {
	return func(d Digest) ([]byte, error) {
		if told != nil {
			*told = append(*told, d)
		}
		return []byte("From: gate@kaisha.test\r\nMessage-ID: <" + d.ID + "@gate.test>\r\n\r\nheld\r\n"), nil
	}
}

func TestTell(t *testing.T) { onEach(t, testTell) }

// testTell: each item is told of once, to its own recipient, and not before its time.
func testTell(t *testing.T, b *backend) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := b.open(t, Options{Now: func() time.Time { return now }})
	sink := smtpsink.Start(t)
	o := ReleaseOptions{Addr: sink.Addr}
	put := func(e Entry) {
		t.Helper()
		if _, err := s.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	put(entry("one", "Hanako@kaisha.test", "taro@kaisha.test", "x@other.test"))
	now = now.Add(time.Minute)
	put(entry("two", "hanako@kaisha.test"))
	copied := entry("three", "hanako@kaisha.test")
	copied.Recipients[0].Verdict = "tag" // on its way, not held
	put(copied)
	due := now
	now = now.Add(time.Minute)
	put(entry("later", "hanako@kaisha.test"))

	who, err := s.Untold(t.Context(), "KAISHA.test", due)
	if err != nil || !slices.Equal(who, []string{"hanako@kaisha.test", "taro@kaisha.test"}) {
		t.Fatalf("%q %v", who, err)
	}
	news, err := s.News(t.Context(), "hanako@kaisha.test", due, 1)
	if err != nil || len(news.Items) != 1 || news.More != 1 {
		t.Errorf("news: %+v %v", news, err)
	}
	var told []Digest
	sent, err := s.Tell(t.Context(), "hanako@kaisha.test", due, 1, o, letter(&told))
	if err != nil || !sent || len(told) != 1 || told[0].More != 1 || len(told[0].Items) != 1 || told[0].Recipient != "hanako@kaisha.test" {
		t.Fatalf("%v %+v %v", sent, told, err)
	}
	if sent, err := s.Tell(t.Context(), "hanako@kaisha.test", due, 9, o, letter(&told)); sent || err != nil || len(told) != 1 {
		t.Errorf("told twice: %v %v", sent, err)
	}
	if sent, err := s.Tell(t.Context(), "hanako@kaisha.test", now, 9, o, letter(&told)); !sent || err != nil || len(told[1].Items) != 1 || told[1].More != 0 {
		t.Errorf("the later one: %v %v", sent, err)
	}
	messages := sink.Messages()
	if len(messages) != 2 || messages[0].Sender != "" || !slices.Equal(messages[0].Recipients, []string{"hanako@kaisha.test"}) {
		t.Errorf("%+v", messages)
	}
	if who, err := s.Untold(t.Context(), "kaisha.test", now); err != nil || !slices.Equal(who, []string{"taro@kaisha.test"}) {
		t.Errorf("left: %q %v", who, err)
	}
}

func TestTellRefused(t *testing.T) { onEach(t, testTellRefused) }

// testTellRefused: what was not taken is news again, under the same id, with what has
// come since if there is any.
func testTellRefused(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	if _, err := s.Put(t.Context(), entry("one", "hanako@kaisha.test")); err != nil {
		t.Fatal(err)
	}
	var told []Digest
	tell := func(o ReleaseOptions) (bool, error) {
		return s.Tell(t.Context(), "hanako@kaisha.test", time.Now(), 9, o, letter(&told))
	}
	sink.Answer(func(verb, _ string) string {
		if verb == "." {
			return "451 4.3.0 not now"
		}
		return ""
	})
	if sent, err := tell(ReleaseOptions{Addr: sink.Addr}); sent || err == nil {
		t.Errorf("refused: %v %v", sent, err)
	}
	if sent, err := tell(ReleaseOptions{Addr: "127.0.0.1:1"}); sent || err == nil {
		t.Errorf("nobody there: %v %v", sent, err)
	}
	broken := errors.New("cannot write it")
	if sent, err := s.Tell(t.Context(), "hanako@kaisha.test", time.Now(), 9, ReleaseOptions{Addr: sink.Addr}, func(Digest) ([]byte, error) { return nil, broken }); sent || !errors.Is(err, broken) {
		t.Errorf("not written: %v %v", sent, err)
	}
	sink.Answer(nil)
	if sent, err := tell(ReleaseOptions{Addr: sink.Addr}); !sent || err != nil || len(sink.Messages()) != 1 {
		t.Errorf("at last: %v %v", sent, err)
	}
	if len(told) != 3 || told[0].ID != told[2].ID || told[0].ID == "" {
		t.Errorf("%+v", told)
	}
}

func TestTellByMany(t *testing.T) { onEach(t, testTellByMany) }

// testTellByMany: of several gates that do it at once, one sends the digest.
func testTellByMany(t *testing.T, b *backend) {
	sink := smtpsink.Start(t)
	stores := []*Store{b.open(t, Options{}), b.open(t, Options{}), b.open(t, Options{})}
	for range 5 {
		if _, err := stores[0].Put(t.Context(), entry("one", "hanako@kaisha.test")); err != nil {
			t.Fatal(err)
		}
	}
	var sent atomic.Int32
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			ok, err := stores[i%len(stores)].Tell(context.Background(), "hanako@kaisha.test", time.Now(), 9, ReleaseOptions{Addr: sink.Addr}, letter(nil))
			if err != nil {
				t.Error(err)
			}
			if ok {
				sent.Add(1)
			}
		})
	}
	all.Wait()
	if sent.Load() != 1 || len(sink.Messages()) != 1 {
		t.Errorf("%d sent, %d arrived", sent.Load(), len(sink.Messages()))
	}
}

// TestTellCrash: whatever happens between the claim and the last write, what our
// filter let pass is sent once, and what it did not is sent again.
func TestTellCrash(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		passed, stamp bool
		want          int // messages in all
	}{
		{"before it passed", false, true, 1},
		{"after it passed", true, true, 1},
		{"after it passed, by a port without a filter", true, false, 2}, // nobody can know; with one Message-ID
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			dir, sink := t.TempDir(), smtpsink.Start(t)
			key, err := stamp.Open(filepath.Join(t.TempDir(), "key"))
			if err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir, Options{Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Put(t.Context(), entry("one", "hanako@kaisha.test")); err != nil {
				t.Fatal(err)
			}
			o := ReleaseOptions{Addr: sink.Addr, Timeout: time.Minute}
			if c.stamp {
				o.Key = key
			}
			redeem := func(store *Store, arg string) string {
				if !c.stamp {
					return ""
				}
				h, body, err := mail.ReadFile(bytes.NewReader([]byte(arg)))
				if err != nil {
					t.Error(err)
				}
				mark, err := key.Check([]string{"hanako@kaisha.test"}, h, body, now)
				if err == nil {
					var ok bool
					if ok, err = store.Redeem(context.Background(), mark); err == nil && !ok {
						err = errors.New("used")
					}
				}
				if err != nil {
					return "550 5.7.1 " + err.Error()
				}
				return ""
			}
			died := make(chan struct{})
			sink.Answer(func(verb, arg string) string {
				switch {
				case verb == "." && c.passed:
					return redeem(s, arg)
				case verb == "TAKEN" || verb == ".":
					close(died)
					return smtpsink.Hangup
				}
				return ""
			})
			if sent, err := s.Tell(t.Context(), "hanako@kaisha.test", now, 9, o, letter(nil)); sent || err == nil {
				t.Errorf("nobody knows: %v %v", sent, err)
			}
			<-died
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = opened(t, dir, Options{Now: func() time.Time { return now }})
			sink.Answer(func(verb, arg string) string {
				if verb == "." {
					return redeem(s, arg)
				}
				return ""
			})
			for range 4 {
				who, err := s.Untold(t.Context(), "kaisha.test", now)
				if err != nil {
					t.Fatal(err)
				}
				for _, to := range who {
					if _, err := s.Tell(t.Context(), to, now, 9, o, letter(nil)); err != nil {
						t.Error(err)
					}
				}
				now = now.Add(time.Minute)
			}
			ids := map[string]bool{}
			for _, m := range sink.Messages() {
				_, id, _ := bytes.Cut(m.Data, []byte("Message-ID: "))
				ids[string(id)] = true
			}
			if n := len(sink.Messages()); n != c.want || len(ids) != 1 {
				t.Errorf("%d messages, %d Message-IDs, want %d", n, len(ids), c.want)
			}
		})
	}
}

// TestTellSlowly: a digest that takes long to write is sent in a time of its own; one
// that took so long that somebody else has seen to it is not sent.
func TestTellSlowly(t *testing.T) {
	t.Parallel()
	p := newProving(t, newBackend(t, "sqlite and files"))
	if _, err := p.Put(t.Context(), entry("one", "a@b")); err != nil {
		t.Fatal(err)
	}
	o := ReleaseOptions{Addr: p.sink.Addr, Key: p.key, Timeout: time.Minute}
	slowly := func(then func()) (bool, error) {
		return p.Tell(t.Context(), "a@b", p.now, 9, o, func(d Digest) ([]byte, error) {
			p.now = p.now.Add(time.Hour)
			then()
			return letter(nil)(d)
		})
	}
	sent, err := slowly(func() {
		if who, err := p.Untold(t.Context(), "b", p.now); len(who) != 1 || err != nil {
			t.Errorf("abandoned: %q %v", who, err)
		}
	})
	if sent || err == nil || len(p.sink.Messages()) != 0 {
		t.Errorf("somebody else has it: %v %v", sent, err)
	}
	if sent, err := slowly(func() {}); !sent || err != nil || len(p.sink.Messages()) != 1 {
		t.Errorf("slow: %v %v", sent, err)
	}
}

// TestTellUnproved: a digest that was taken past our filter counts as sent, and is told
// of: the address for releases is not what it should be.
func TestTellUnproved(t *testing.T) {
	t.Parallel()
	p := newProving(t, newBackend(t, "sqlite and files"))
	p.honour = false
	if _, err := p.Put(t.Context(), entry("one", "a@b")); err != nil {
		t.Fatal(err)
	}
	sent, err := p.Tell(t.Context(), "a@b", p.now, 9, ReleaseOptions{Addr: p.sink.Addr, Key: p.key}, letter(nil))
	if !sent || !errors.Is(err, ErrUnproved) {
		t.Error(sent, err)
	}
	if who, err := p.Untold(t.Context(), "b", p.now); len(who) != 0 || err != nil {
		t.Errorf("%q %v", who, err)
	}
}
