package quarantine

import (
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sekisho/filter/quarantine/smtpsink"
)

// marked is a copy for some recipients.
func marked(body string, to ...string) Entry {
	e := entry(body, to...)
	for i := range e.Recipients {
		e.Recipients[i].Verdict = "tag"
	}
	return e
}

func TestCopiesGoOut(t *testing.T) { onEach(t, testCopiesGoOut) }

// testCopiesGoOut: each recipient gets a copy alone, once, and it does not stay here;
// what is held stays held.
func testCopiesGoOut(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	held := stored(t, s, entry("held\r\n", "c@d"))
	id := stored(t, s, marked("copy\r\n", "a@b", "bcc@b"))
	for range 2 {
		if _, err := s.Deliver(t.Context(), ReleaseOptions{Addr: sink.Addr}); err != nil {
			t.Fatal(err)
		}
	}
	messages := sink.Messages()
	if len(messages) != 2 {
		t.Fatalf("%d messages", len(messages))
	}
	for i, to := range []string{"a@b", "bcc@b"} {
		if m := messages[i]; len(m.Recipients) != 1 || m.Recipients[0] != to || string(m.Data) != header+"copy\r\n" {
			t.Errorf("%v: %q", m.Recipients, m.Data)
		}
	}
	items, err := s.Show(t.Context(), id)
	if err != nil || items[0].State != Erased || items[1].State != Erased || items[0].Recipient != "" {
		t.Errorf("%+v, %v", items, err)
	}
	if items, err := s.Show(t.Context(), held); err != nil || items[0].State != Held {
		t.Errorf("%+v, %v", items, err)
	}
	if counts, err := s.Feedback(t.Context(), time.Time{}); err != nil || len(counts) != 0 {
		t.Errorf("counted as what people say: %v, %v", counts, err)
	}
}

func TestCopiesWait(t *testing.T) { onEach(t, testCopiesWait) }

// testCopiesWait: what the server refuses is tried again, and holds nobody up; when
// nobody answers, all wait.
func testCopiesWait(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	sink.Answer(func(verb, arg string) string {
		if verb == "RCPT" && strings.Contains(arg, "a@b") {
			return "450 4.2.0 busy"
		}
		return ""
	})
	id := stored(t, s, marked("x\r\n", "a@b", "c@d"))
	if d, err := s.Deliver(t.Context(), ReleaseOptions{Addr: sink.Addr}); err == nil || d != (Delivery{Sent: 1, Waiting: 1}) {
		t.Errorf("%+v, %v", d, err)
	}
	items, err := s.Show(t.Context(), id+"-1")
	if err != nil || items[0].State != Held || !strings.Contains(items[0].Note, "busy") {
		t.Errorf("%+v, %v", items, err)
	}
	stored(t, s, marked("y\r\n", "e@f"))
	sink.Close()
	if d, err := s.Deliver(t.Context(), ReleaseOptions{Addr: sink.Addr}); err == nil || d != (Delivery{Waiting: 2}) {
		t.Errorf("%+v, %v", d, err)
	}
	again := smtpsink.Start(t)
	if d, err := s.Deliver(t.Context(), ReleaseOptions{Addr: again.Addr}); err != nil || d != (Delivery{Sent: 2}) {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestCopyWhoseAnswerWasLost(t *testing.T) { onEach(t, testCopyWhoseAnswerWasLost) }

// testCopyWhoseAnswerWasLost: is not sent again while the attempt may be under way,
// and is afterwards, since nobody else would.
func testCopyWhoseAnswerWasLost(t *testing.T, b *backend) {
	now := time.Now()
	s, sink := b.open(t, Options{Now: func() time.Time { return now }}), smtpsink.Start(t)
	sink.Answer(func(verb, _ string) string { return map[string]string{".": smtpsink.Hangup}[verb] })
	stored(t, s, marked("x\r\n", "a@b"))
	o := ReleaseOptions{Addr: sink.Addr, Timeout: time.Minute}
	if d, err := s.Deliver(t.Context(), o); err == nil || d != (Delivery{Waiting: 1}) {
		t.Errorf("%+v, %v", d, err)
	}
	sink.Answer(nil)
	if d, err := s.Deliver(t.Context(), o); err != nil || d != (Delivery{Waiting: 1}) {
		t.Errorf("at once: %+v, %v", d, err)
	}
	now = now.Add(time.Minute + stampGrace + time.Second)
	if d, err := s.Deliver(t.Context(), o); err != nil || d != (Delivery{Sent: 1}) {
		t.Errorf("later: %+v, %v", d, err)
	}
}

func TestCopyTries(t *testing.T) { onEach(t, testCopyTries) }

// testCopyTries: a server that takes copies and never says so does not get them for
// ever.
func testCopyTries(t *testing.T, b *backend) {
	now := time.Now()
	s, sink := b.open(t, Options{Now: func() time.Time { return now }}), smtpsink.Start(t)
	sink.Answer(func(verb, _ string) string { return map[string]string{"TAKEN": smtpsink.Hangup}[verb] })
	stored(t, s, marked("x\r\n", "a@b"))
	for range maxUnknown + 3 {
		if d, _ := s.Deliver(t.Context(), ReleaseOptions{Addr: sink.Addr}); d != (Delivery{Waiting: 1}) {
			t.Errorf("%+v", d)
		}
		now = now.Add(time.Hour)
	}
	if n := len(sink.Messages()); n != maxUnknown {
		t.Errorf("sent %d times", n)
	}
}

func TestCopyUnproved(t *testing.T) { onEach(t, testCopyUnproved) }

// testCopyUnproved: a server without our filter has taken the copy all the same.
func testCopyUnproved(t *testing.T, b *backend) {
	p := newProving(t, b)
	p.honour = false
	stored(t, p.Store, marked("x\r\n", "a@b"))
	for want := 1; want >= 0; want-- {
		if d, err := p.Deliver(t.Context(), ReleaseOptions{Addr: p.sink.Addr, Key: p.key}); err != nil || d != (Delivery{Sent: want}) {
			t.Errorf("%+v, %v", d, err)
		}
	}
}

// TestAllOrNone: wherever the disk fails, entries that are put together are there
// together or not at all.
func TestAllOrNone(t *testing.T) {
	for n := int64(1); ; n++ {
		dir := filepath.Join(t.TempDir(), "q")
		left := &atomic.Int64{}
		left.Store(1 << 40)
		s, err := open(dir, Options{}, faulty{left: left, err: syscall.ENOSPC})
		if err != nil {
			t.Fatal(err)
		}
		left.Store(n)
		ids, err := s.PutAll(t.Context(), entry("held", "a@b"), marked("copy", "c@d"), marked("another", "e@f"))
		failed := left.Load() <= 0
		if failed != (err != nil) || failed && !errors.Is(err, syscall.ENOSPC) || len(ids) != map[bool]int{true: 0, false: 3}[failed] {
			t.Fatalf("step %d: %v, %v", n, ids, err)
		}
		items, err := s.List(t.Context(), Filter{})
		if want := map[bool]int{true: 0, false: 3}[failed]; err != nil || len(items) != want {
			t.Errorf("step %d: %d items, %v", n, len(items), err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if !failed {
			return
		}
		if n > 100 {
			t.Fatal("more steps than there can be")
		}
	}
}
