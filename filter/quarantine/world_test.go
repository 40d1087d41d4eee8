package quarantine_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sekisho/filter/act"
	"sekisho/filter/cases"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/stamp"
	"sekisho/policy"
)

// world is a site of mail in one process: an MTA that asks the gate and delivers, a
// store on a disk that can be full, and whoever releases.
type world struct {
	tb    testing.TB
	kept  *quarantine.Backend
	left  atomic.Int64 // disk operations until one fails
	key   *stamp.Key
	store *quarantine.Store
	base  *gate.Set
	gate  *gate.Gate
	sink  *smtpsink.Sink // the MTA's port for what we send

	mu    sync.Mutex
	now   time.Time
	inbox map[string][]string // messages by recipient
	fault func() fault        // of the next message that we send; nil for none
	rcpt  string              // that the client at the sink has named: one at a time is there
}

// fault is what goes wrong with one message that we send. The set is closed.
type fault int

const (
	none         fault = iota
	refusedEarly       // before the filter was asked
	goneEarly          // the connection is lost before the filter was asked
	refusedLate        // after the filter let it pass
	goneLate           // the same, and the connection is lost
	answerLost         // delivered, but nobody hears of it
)

func newWorld(tb testing.TB, kept *quarantine.Backend) *world {
	w := &world{tb: tb, kept: kept, now: time.Unix(1_800_000_000, 0), inbox: map[string][]string{}, sink: smtpsink.Start(tb)}
	var err error
	if w.key, err = stamp.Open(filepath.Join(tb.TempDir(), "key")); err != nil {
		tb.Fatal(err)
	}
	if w.base, err = gate.LoadSet(1, "", nil); err != nil {
		tb.Fatal(err)
	}
	w.left.Store(1 << 40)
	w.open()
	tb.Cleanup(func() { w.store.Close() })
	w.sink.Answer(func(verb, arg string) string {
		switch verb {
		case "RCPT":
			w.mu.Lock()
			defer w.mu.Unlock()
			_, w.rcpt, _ = strings.Cut(strings.TrimSuffix(arg, ">"), "<")
		case ".":
			return w.take([]byte(arg))
		}
		return ""
	})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// fails says what goes wrong with the next messages that we send.
func (w *world) fails(f func() fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
}

// later lets time go by.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) open() {
	var err error
	if w.store, err = w.kept.OpenFaulty(quarantine.Options{Now: w.clock}, &w.left); err != nil {
		w.tb.Fatal(err)
	}
}

// judgeBy makes a gate with these policies. The store may be closed and opened
// again: it is asked for at each message, as after a start of the daemon.
func (w *world) judgeBy(files map[string]string, split bool) {
	dir, err := os.MkdirTemp(w.tb.TempDir(), "p")
	if err != nil {
		w.tb.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			w.tb.Fatal(err)
		}
	}
	set := *w.base
	if set.Policies, err = policy.Load(dir); err != nil {
		w.tb.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gate = gate.New(&set, gate.Options{
		AuthservID: "mx.kaisha.test", Store: storeOf{w}, Key: w.key, Redeemer: storeOf{w}, Split: split, Clock: w.clock,
		Prover: func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof { return proof.Unproved(m) },
	})
}

// storeOf is the store that is open at the moment.
type storeOf struct{ *world }

func (s storeOf) PutAll(ctx context.Context, e ...quarantine.Entry) ([]string, error) {
	return s.store.PutAll(ctx, e...)
}

func (s storeOf) Redeem(ctx context.Context, of stamp.Stamp) (bool, error) {
	return s.store.Redeem(ctx, of)
}

// receive is a transaction with the MTA: its filter is asked, and what it says is
// done. With lost, everybody dies when the filter has answered: the sender hears
// nothing, and tries again.
func (w *world) receive(c cases.Case, to []string, lost bool) act.Plan {
	env := c.Envelope
	env.Recipients = to
	plan := w.gate.Judge(context.Background(), env, c.Header, c.Body)
	if !lost && plan.Reply == act.Continue && plan.Hold == "" {
		off := map[string]bool{}
		for _, r := range plan.DeleteRecipients {
			off[r] = true
		}
		for _, r := range to {
			if !off[r] {
				off[r] = true // the MTA delivers once to each
				w.deliver(r, c.Header, c.Body, plan)
			}
		}
	}
	return plan
}

func (w *world) deliver(to string, h mail.Header, body []byte, plan act.Plan) {
	h, body = act.Apply(h, body, plan)
	var b strings.Builder
	for _, f := range h {
		b.Write(f.Raw)
	}
	fmt.Fprintf(&b, "\r\n%s", body)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inbox[to] = append(w.inbox[to], b.String())
}

func (w *world) arrived(to string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.inbox[to]
}

// take is the MTA's side of a message that we send.
func (w *world) take(message []byte) string {
	w.mu.Lock()
	f, to, g := none, w.rcpt, w.gate
	if w.fault != nil {
		f = w.fault()
	}
	w.mu.Unlock()
	switch f {
	case refusedEarly:
		return "451 4.3.0 before"
	case goneEarly:
		return smtpsink.Hangup
	}
	h, body, err := mail.ReadFile(bytes.NewReader(message))
	if err != nil {
		return "451 4.3.0 " + err.Error()
	}
	plan := g.Judge(context.Background(), mail.Envelope{Recipients: []string{to}}, h, body)
	switch {
	case plan.Reply == act.Reject:
		return "550 5.7.1 judged"
	case plan.Reply == act.Tempfail:
		return "451 4.7.1 judged"
	case plan.Reply == act.Discard:
		return ""
	case f == refusedLate:
		return "451 4.3.0 after"
	case f == goneLate:
		return smtpsink.Hangup
	}
	w.deliver(to, h, body, plan)
	if f == answerLost {
		return smtpsink.Hangup
	}
	return ""
}
