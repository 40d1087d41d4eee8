package gate_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/act"
	"sekisho/filter/cases"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/spf"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/policy"
)

// vault is a quarantine that remembers what it was given, or fails.
type vault struct {
	entries []quarantine.Entry
	err     error
}

func (v *vault) PutAll(_ context.Context, entries ...quarantine.Entry) ([]string, error) {
	if v.err != nil {
		return nil, v.err
	}
	v.entries = append(v.entries, entries...)
	return make([]string, len(entries)), nil
}

func unproved(_ context.Context, msg *mail.Message, _ *mail.Envelope) proof.Proof {
	return proof.Unproved(msg)
}

func fake(tb testing.TB, prover gate.Prover, store gate.Store) *gate.Gate {
	return gate.New(embedded(tb), gate.Options{
		AuthservID: "mx.kaisha.test", Prover: prover, Store: store,
		Random: bytes.NewReader(bytes.Repeat([]byte{0x5a}, 1000)),
	})
}

func phish(tb testing.TB) cases.Case { return cases.Load(tb, "story-a-")[0] }

func TestHeldIsStoredBeforeTheAnswer(t *testing.T) {
	v := &vault{}
	c := phish(t)
	plan := fake(t, unproved, v).Judge(t.Context(), c.Envelope, c.Header, c.Body)
	if plan.Reply != act.Discard {
		t.Fatalf("plan %+v", plan)
	}
	if len(v.entries) != 1 {
		t.Fatalf("%d entries", len(v.entries))
	}
	e := v.entries[0]
	if e.Brand != "rakuten" || len(e.Recipients) != 1 || e.Recipients[0].Address != "hanako@kaisha.test" || e.Recipients[0].Cause == "" {
		t.Errorf("entry %+v", e)
	}
	if f := e.Recipients[0].Findings; !slices.Contains(f, e.Recipients[0].Cause) {
		t.Errorf("findings %v", f)
	}
	if !bytes.Equal(e.Body, c.Body) || len(e.Header) != len(c.Header) {
		t.Error("the entry is not the message")
	}
}

func TestStoreFailureIsTemporary(t *testing.T) {
	c := phish(t)
	for name, store := range map[string]gate.Store{"failing": &vault{err: errors.New("disk full")}, "none": nil} {
		plan := fake(t, unproved, store).Judge(t.Context(), c.Envelope, c.Header, c.Body)
		if plan.Reply != act.Tempfail || plan.Status.Code != 451 || len(plan.DeleteRecipients) > 0 {
			t.Errorf("%s store: plan %+v", name, plan)
		}
		if strings.Contains(plan.Status.Text, "disk") {
			t.Errorf("the reply tells of our disk: %q", plan.Status.Text)
		}
	}
}

// TestTemporaryProof: while a look-up fails for the moment nothing is held or
// refused for want of proof.
func TestTemporaryProof(t *testing.T) {
	prover := func(_ context.Context, msg *mail.Message, _ *mail.Envelope) proof.Proof {
		p := proof.Unproved(msg)
		p.Source = proof.FromDNS
		p.SPF = spf.Check{Result: spf.TempError, Identity: "mailfrom", Domain: p.FromDomain}
		return p
	}
	c := phish(t)
	d := fake(t, prover, nil).Inspect(t.Context(), c.Envelope, c.Header, c.Body)
	if d.Verdict != policy.Tempfail {
		t.Errorf("verdict %s, findings %v", d.Verdict, d.Findings)
	}
	friend := cases.Load(t, "story-g-")[0]
	if d := fake(t, prover, nil).Inspect(t.Context(), friend.Envelope, friend.Header, friend.Body); d.Verdict != policy.Accept {
		t.Errorf("friend: verdict %s, findings %v", d.Verdict, d.Findings)
	}
}

// TestPanicReachesTheCaller: the wire around us recovers, counts and tempfails; a
// panic in the goroutine that proves must not take the process down.
func TestPanicReachesTheCaller(t *testing.T) {
	c := phish(t)
	g := fake(t, func(context.Context, *mail.Message, *mail.Envelope) proof.Proof { panic("bug") }, nil)
	defer func() {
		if p := recover(); p != "bug" {
			t.Errorf("recovered %v", p)
		}
	}()
	g.Judge(t.Context(), c.Envelope, c.Header, c.Body)
	t.Error("no panic")
}

func TestEachRecipientIsJudged(t *testing.T) {
	c := phish(t)
	env := c.Envelope
	env.Recipients = []string{"a@kaisha.test", "b@kaisha.test", "c@kaisha.test"}
	v := &vault{}
	g := fake(t, unproved, v)
	d := g.Inspect(t.Context(), env, c.Header, c.Body)
	var got []string
	for _, r := range d.Recipients {
		got = append(got, r.Address)
	}
	if !slices.Equal(got, env.Recipients) {
		t.Errorf("recipients %v", got)
	}
	g.Judge(t.Context(), env, c.Header, c.Body)
	if len(v.entries) != 1 || len(v.entries[0].Recipients) != 3 {
		t.Errorf("entries %+v", v.entries)
	}
}

// TestNoRecipients: files are judged without an envelope.
func TestNoRecipients(t *testing.T) {
	c := phish(t)
	d := fake(t, unproved, nil).Inspect(t.Context(), mail.Envelope{}, c.Header, c.Body)
	if len(d.Recipients) != 1 || d.Recipients[0].Address != "" || d.Recipients[0].Policy != policy.DefaultName {
		t.Errorf("recipients %+v", d.Recipients)
	}
}

func BenchmarkInspect(b *testing.B) {
	for _, name := range []string{"story-a-", "story-d-", "story-g-"} {
		b.Run(name, func(b *testing.B) {
			c := cases.Load(b, name)[0]
			g := newGate(b, c.Zone)
			b.ReportAllocs()
			for b.Loop() {
				g.Inspect(b.Context(), c.Envelope, c.Header, c.Body)
			}
		})
	}
}

// keeper keeps decisions.
type keeper struct{ all []*record.Decision }

func (k *keeper) Record(d *record.Decision) { k.all = append(k.all, d) }

// TestRecorded: each judged message is recorded once, as it was decided.
func TestRecorded(t *testing.T) {
	k := &keeper{}
	g := gate.New(embedded(t), gate.Options{
		Prover:   func(_ context.Context, m *mail.Message, _ *mail.Envelope) proof.Proof { return proof.Unproved(m) },
		Recorder: k,
	})
	h, body := letter(t, "From: a@author.test", "Subject: hello")
	g.Judge(t.Context(), mail.Envelope{QueueID: "4d1", Recipients: []string{"a@kaisha.test"}}, h, body)
	g.Inspect(t.Context(), mail.Envelope{}, h, body) // is asked about, not judged
	if len(k.all) != 1 {
		t.Fatalf("%d records", len(k.all))
	}
	d := k.all[0]
	if d.Facts == nil || d.Judged.IsZero() || d.Policies != g.Set().Policies.Digest() || d.Plan.Reply == "" || len(d.Recipients) != 1 {
		t.Errorf("%+v", d)
	}
}

// TestNamedTwice: who is named twice in a transaction is held one message.
func TestNamedTwice(t *testing.T) {
	v, c := &vault{}, phish(t)
	env := c.Envelope
	env.Recipients = []string{"a@kaisha.test", "b@kaisha.test", "a@kaisha.test"}
	fake(t, unproved, v).Judge(t.Context(), env, c.Header, c.Body)
	if len(v.entries) != 1 || len(v.entries[0].Recipients) != 2 {
		t.Errorf("%+v", v.entries)
	}
}
