package quarantine

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/quarantine/smtpsink"
)

const body = ".\r\n..two\r\n.three\r\n\r\n  \xe6\xa5\xbd\xff \r bare CR\r\n.\r\n"

func stored(t *testing.T, s *Store, e Entry) string {
	t.Helper()
	id, err := s.Put(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestReleaseIsTheOriginal(t *testing.T) { onEach(t, testReleaseIsTheOriginal) }

func testReleaseIsTheOriginal(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	e := entry(body, "one@example.jp", "two@example.org", `"t> h"@example.org`)
	e.Envelope.SenderArgs = []string{"SMTPUTF8", "BODY=8BITMIME", "SIZE=3"}
	e.Envelope.Recipients = []string{"bcc@example.net"}
	id := stored(t, s, e)
	items, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr, Helo: "mx.example.jp"})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if it.State != Released || it.Note != "" {
			t.Errorf("%s is %s, %q", it.ID, it.State, it.Note)
		}
	}
	messages := sink.Messages()
	if len(messages) != 3 {
		t.Fatalf("%d messages", len(messages))
	}
	for i, m := range messages {
		want := smtpsink.Message{
			Helo: "mx.example.jp", Sender: "a@example.com", SenderArgs: []string{"BODY=8BITMIME", "SMTPUTF8", "SIZE=" + strconv.Itoa(len(header+body))},
			Recipients: []string{e.Recipients[i].Address}, Data: []byte(header + body), Received: m.Received,
		}
		if diff := cmp.Diff(want, m); diff != "" {
			t.Error(diff)
		}
	}
	// Nothing is sent twice.
	if _, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr}); err != nil || len(sink.Messages()) != 3 {
		t.Errorf("second release: %d messages, %v", len(sink.Messages()), err)
	}
}

func TestReleaseNullSender(t *testing.T) { onEach(t, testReleaseNullSender) }

func testReleaseNullSender(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	sink.Hide("8BITMIME", "SMTPUTF8", "SIZE")
	e := entry("seven bits\r\n", "a@b.example")
	e.Envelope.Sender = ""
	if _, err := s.Release(t.Context(), stored(t, s, e), ReleaseOptions{Addr: sink.Addr}); err != nil {
		t.Fatal(err)
	}
	if m := sink.Messages()[0]; m.Sender != "" || len(m.SenderArgs) != 0 || m.Helo != "localhost" {
		t.Errorf("%+v", m)
	}
}

// TestReleaseFails: whatever goes wrong, the item is held as before and says
// why, or it is pending when nobody can know.
func TestReleaseFails(t *testing.T) { onEach(t, testReleaseFails) }

func testReleaseFails(t *testing.T, b *backend) {
	answer := func(on, reply string) func(*smtpsink.Sink) {
		return func(s *smtpsink.Sink) {
			s.Answer(func(verb, _ string) string {
				if verb == on {
					return reply
				}
				return ""
			})
		}
	}
	s := b.open(t, Options{})
	for name, tc := range map[string]struct {
		set   func(*smtpsink.Sink)
		entry Entry
		state State
		note  string
		taken int
	}{
		"greeting":               {set: answer("CONNECT", "554 no"), state: Held, note: "554"},
		"sender refused":         {set: answer("MAIL", "451 4.7.1 not now"), state: Held, note: `451 "4.7.1 not now"`},
		"recipient refused":      {set: answer("RCPT", "550 5.1.1 who?"), state: Held, note: "550"},
		"data refused":           {set: answer("DATA", "452 4.3.1 full"), state: Held, note: "452"},
		"message refused":        {set: answer(".", "550 5.7.1 spam"), state: Held, note: "550"},
		"connection lost early":  {set: answer("RCPT", smtpsink.Hangup), state: Held, note: "EOF"},
		"lost after the message": {set: answer(".", smtpsink.Hangup), state: Releasing, note: "no answer"},
		"lost before the answer": {set: answer("TAKEN", smtpsink.Hangup), state: Releasing, note: "no answer", taken: 1},
		"nonsense as the answer": {set: answer(".", "zwei fünfzig"), state: Releasing, note: "no answer"},
		"no 8BITMIME":            {set: func(s *smtpsink.Sink) { s.Hide("8BITMIME") }, entry: entry("楽天\r\n", "a@b"), state: Held, note: "8BITMIME"},
		"no SMTPUTF8":            {set: func(s *smtpsink.Sink) { s.Hide("SMTPUTF8") }, entry: entry("x\r\n", "楽天@b"), state: Held, note: "SMTPUTF8"},
		"bare LF":                {entry: entry("a\n.\r\nMAIL FROM:<>\r\n", "a@b"), state: Held, note: "bare LF"},
		"LF first in body":       {entry: entry("\n", "a@b"), state: Held, note: "bare LF"},
		"line end in recipient":  {entry: entry("x\r\n", "a@b>\r\nRCPT TO:<c@d"), state: Held, note: "control character"},
		"closed port":            {set: (*smtpsink.Sink).Close, state: Held, note: "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			sink := smtpsink.Start(t)
			if tc.set != nil {
				tc.set(sink)
			}
			if tc.entry.Recipients == nil {
				tc.entry = entry("x\r\n", "a@b")
			}
			id := stored(t, s, tc.entry)
			items, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr, Timeout: 5 * time.Second})
			if err == nil || len(items) != 1 {
				t.Fatalf("%v, %v", items, err)
			}
			if it := items[0]; it.State != tc.state || !strings.Contains(it.Note, tc.note) {
				t.Errorf("%s, note %q; want %s, %q", it.State, it.Note, tc.state, tc.note)
			}
			if got := len(sink.Messages()); got != tc.taken {
				t.Errorf("%d messages were taken", got)
			}
			if tc.state == Releasing {
				pendingThenAgain(t, s, id, sink)
			}
		})
	}
}

func pendingThenAgain(t *testing.T, s *Store, id string, sink *smtpsink.Sink) {
	t.Helper()
	sink.Answer(nil)
	if _, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr}); !errors.Is(err, ErrPending) {
		t.Errorf("pending: %v", err)
	}
	items, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr, Again: true})
	if err != nil || items[0].State != Released {
		t.Errorf("again: %v, %v", items, err)
	}
}

func TestReleaseTimeout(t *testing.T) { onEach(t, testReleaseTimeout) }

func testReleaseTimeout(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0") // connects, says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	items, err := s.Release(t.Context(), stored(t, s, entry("x\r\n", "a@b")), ReleaseOptions{Addr: l.Addr().String(), Timeout: 50 * time.Millisecond})
	if err == nil || items[0].State != Held {
		t.Errorf("%v, %v", items, err)
	}
}

func TestReleaseOnceByMany(t *testing.T) { onEach(t, testReleaseOnceByMany) }

func testReleaseOnceByMany(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	id := stored(t, s, entry("x\r\n", "a@b"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr}); err != nil && !errors.Is(err, ErrPending) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if items, err := s.Show(t.Context(), id); err != nil || items[0].State != Released || len(sink.Messages()) != 1 {
		t.Errorf("%v, %v, %d messages", items, err, len(sink.Messages()))
	}
}

// TestReleaseOneOfSeveral: only that recipient, and the others stay held.
func TestReleaseOneOfSeveral(t *testing.T) { onEach(t, testReleaseOneOfSeveral) }

func testReleaseOneOfSeveral(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	id := stored(t, s, entry("x\r\n", "a@b", "c@d"))
	if _, err := s.Release(t.Context(), id+"-2", ReleaseOptions{Addr: sink.Addr}); err != nil {
		t.Fatal(err)
	}
	items, err := s.Show(t.Context(), id)
	if err != nil || items[0].State != Held || items[1].State != Released {
		t.Errorf("%v, %v", items, err)
	}
	if m := sink.Messages(); len(m) != 1 || len(m[0].Recipients) != 1 || m[0].Recipients[0] != "c@d" {
		t.Errorf("%+v", m)
	}
}

// TestForcedTwice: an attempt that was overtaken by a second one and still
// arrives is what counts.
func TestForcedTwice(t *testing.T) { onEach(t, testForcedTwice) }

func testForcedTwice(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	id := stored(t, s, entry("x\r\n", "a@b"))
	var once sync.Once
	sink.Answer(func(verb, _ string) string {
		if verb != "DATA" {
			return ""
		}
		var reply string
		once.Do(func() {
			sink.Answer(func(verb, _ string) string { return map[string]string{"MAIL": "550 no"}[verb] })
			if _, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr, Again: true}); err == nil {
				t.Error("the second attempt was to fail")
			}
			sink.Answer(nil)
		})
		return reply
	})
	items, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr})
	if err != nil || items[0].State != Released || len(sink.Messages()) != 1 {
		t.Errorf("%v, %v, %d messages", items, err, len(sink.Messages()))
	}
}
