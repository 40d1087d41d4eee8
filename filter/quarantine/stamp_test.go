package quarantine

import (
	"bytes"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/stamp"
)

// proving is a store, the key of its stamps, and a server that redeems them as our
// filter does. What is true at the end of a message is asked of redeem.
type proving struct {
	*Store
	key    *stamp.Key
	sink   *smtpsink.Sink
	now    time.Time
	honour bool // the server asks for the proof
}

func newProving(t *testing.T, b *backend) *proving {
	p := &proving{now: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), honour: true, sink: smtpsink.Start(t)}
	p.Store = b.open(t, Options{Now: func() time.Time { return p.now }})
	var err error
	if p.key, err = stamp.Open(filepath.Join(t.TempDir(), "key")); err != nil {
		t.Fatal(err)
	}
	p.answer(t, nil)
	return p
}

// answer lets the server redeem, and then say what end says.
func (p *proving) answer(t *testing.T, end func() string) {
	p.sink.Answer(func(verb, arg string) string {
		if verb != "." {
			return ""
		}
		if p.honour && !p.redeem(t, []byte(arg), "a@b") {
			return "550 5.7.1 judged"
		}
		if end != nil {
			return end()
		}
		return ""
	})
}

// redeem reports whether our filter would let a message pass.
func (p *proving) redeem(t *testing.T, message []byte, to string) bool {
	t.Helper()
	h, body, err := mail.ReadFile(bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.key.Check([]string{to}, h, body, p.now)
	if err != nil {
		return false
	}
	ok, err := p.Redeem(t.Context(), s)
	if err != nil {
		t.Error(err)
	}
	return ok
}

func (p *proving) release(t *testing.T, id string) (State, error) {
	t.Helper()
	items, err := p.Release(t.Context(), id, ReleaseOptions{Addr: p.sink.Addr, Key: p.key, Timeout: 20 * time.Second})
	return items[0].State, err
}

func TestReleaseByStamp(t *testing.T) { onEach(t, testReleaseByStamp) }

// testReleaseByStamp: the message passes once, and never again.
func testReleaseByStamp(t *testing.T, b *backend) {
	p := newProving(t, b)
	id := stored(t, p.Store, entry("x\r\n", "a@b"))
	if state, err := p.release(t, id); state != Released || err != nil {
		t.Fatalf("%s, %v", state, err)
	}
	sent := p.sink.Messages()[0].Data
	if !bytes.HasPrefix(sent, []byte(stamp.Field+": ")) || !bytes.HasSuffix(sent, []byte(header+"x\r\n")) {
		t.Errorf("sent:\n%s", sent)
	}
	if p.redeem(t, sent, "a@b") {
		t.Error("the stamp was good twice")
	}
	if state, err := p.release(t, id); state != Released || err != nil || len(p.sink.Messages()) != 1 {
		t.Errorf("again: %s, %v, %d messages", state, err, len(p.sink.Messages()))
	}
}

func TestStampEndsWithItsAttempt(t *testing.T) { onEach(t, testStampEndsWithItsAttempt) }

// testStampEndsWithItsAttempt: a stamp whose attempt was refused is good for
// nothing, although it was never used.
func testStampEndsWithItsAttempt(t *testing.T, b *backend) {
	p := newProving(t, b)
	id := stored(t, p.Store, entry("x\r\n", "a@b"))
	var sent []byte
	p.sink.Answer(func(verb, arg string) string {
		if verb != "." {
			return ""
		}
		sent = []byte(arg)
		return "451 4.3.0 not now"
	})
	if state, err := p.release(t, id); state != Held || err == nil {
		t.Fatalf("%s, %v", state, err)
	}
	if p.redeem(t, sent, "a@b") {
		t.Error("an attempt that has ended passes")
	}
	p.answer(t, nil)
	if state, err := p.release(t, id); state != Released || err != nil {
		t.Errorf("%s, %v", state, err)
	}
}

func TestUnprovedIsNotReleased(t *testing.T) { onEach(t, testUnprovedIsNotReleased) }

// testUnprovedIsNotReleased: a server that takes the message without asking us for
// its proof may have held it again, so success is not told.
func testUnprovedIsNotReleased(t *testing.T, b *backend) {
	p := newProving(t, b)
	p.honour = false
	id := stored(t, p.Store, entry("x\r\n", "a@b"))
	if state, err := p.release(t, id); state != Releasing || !errors.Is(err, ErrUnproved) {
		t.Fatalf("%s, %v", state, err)
	}
	p.now = p.now.Add(time.Hour)
	if state, err := p.release(t, id); state != Releasing || !errors.Is(err, ErrPending) || len(p.sink.Messages()) != 1 {
		t.Errorf("an hour later: %s, %v, %d messages", state, err, len(p.sink.Messages()))
	}
}

func TestAnswerLost(t *testing.T) { onEach(t, testAnswerLost) }

// testAnswerLost: what our filter let pass is not sent again. What it did not see
// is, once its stamp has expired: nothing can pass by it then.
func testAnswerLost(t *testing.T, b *backend) {
	for name, passed := range map[string]bool{"passed": true, "never seen": false} {
		t.Run(name, func(t *testing.T) {
			p := newProving(t, b)
			id := stored(t, p.Store, entry("x\r\n", "a@b"))
			var sent []byte
			p.sink.Answer(func(verb, arg string) string {
				if verb != "." {
					return ""
				}
				if sent = []byte(arg); passed && !p.redeem(t, sent, "a@b") {
					t.Error("does not pass")
				}
				return smtpsink.Hangup
			})
			if state, err := p.release(t, id); state != Releasing || err == nil {
				t.Fatalf("%s, %v", state, err)
			}
			p.answer(t, nil)
			if state, err := p.release(t, id); state != Releasing || !errors.Is(err, ErrPending) {
				t.Errorf("at once: %s, %v", state, err)
			}
			p.now = p.now.Add(2 * time.Minute)
			if p.redeem(t, sent, "a@b") {
				t.Error("an expired stamp passes")
			}
			state, err := p.release(t, id)
			switch {
			case passed && (state != Releasing || !errors.Is(err, ErrPending) || len(p.sink.Messages()) != 0):
				t.Errorf("passed before: %s, %v", state, err)
			case !passed && (state != Released || err != nil || len(p.sink.Messages()) != 1):
				t.Errorf("never seen: %s, %v", state, err)
			}
		})
	}
}

func TestDoubleClicks(t *testing.T) { onEach(t, testDoubleClicks) }

// testDoubleClicks: however often and from wherever it is asked for, one delivery;
// and who is told that it is released is told the truth.
func testDoubleClicks(t *testing.T, b *backend) {
	p := newProving(t, b)
	id := stored(t, p.Store, entry("x\r\n", "a@b"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			state, err := p.release(t, id)
			if err != nil && !errors.Is(err, ErrPending) {
				t.Error(err)
			}
			if state == Released && len(p.sink.Messages()) != 1 {
				t.Error("told of a release that was none")
			}
		})
	}
	wg.Wait()
	if n := len(p.sink.Messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
}
