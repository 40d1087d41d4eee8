package journaltest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/journal"
	"sekisho/filter/mail"
	"sekisho/filter/record"
	"sekisho/policy"
)

// Decide judges facts as the gate does; shadow may be nil.
func Decide(live, shadow *policy.Set, facts *fact.Facts, at time.Time, recipients ...string) *record.Decision {
	d := &record.Decision{
		Facts: facts, Findings: facts.Found, Generation: 1, Policies: "made", Judged: at.UTC().Truncate(time.Microsecond), Verdict: policy.Accept,
		Envelope: mail.Envelope{Recipients: recipients},
	}
	hearing := live.Hear(facts, d.Judged)
	var candidate *policy.Hearing
	if shadow != nil {
		candidate = shadow.Hear(facts, d.Judged)
	}
	for _, rcpt := range recipients {
		r := record.Recipient{Address: rcpt, Decision: hearing.For(rcpt)}
		if candidate != nil {
			s := candidate.For(rcpt)
			r.Shadow = &s
		}
		d.Recipients = append(d.Recipients, r)
		if r.Verdict.Worse(d.Verdict) {
			d.Verdict, d.Points = r.Verdict, r.Points
		}
	}
	return d
}

// Decision makes one of number n: each has a time, a trace and a queue id of its
// own, and one to three recipients in domains d0.test to d9.test.
func (m *Maker) Decision(live, shadow *policy.Set, n int, at time.Time) *record.Decision {
	var rcpts []string
	for range 1 + max(0, m.rnd.IntN(8)-5) {
		rcpts = append(rcpts, fmt.Sprintf("user%d@d%d.test", m.rnd.IntN(500), m.rnd.IntN(10)))
	}
	f := m.Facts()
	f.Envelope.Recipients = len(rcpts)
	d := Decide(live, shadow, f, at, rcpts...)
	d.Trace, d.Envelope.QueueID = fmt.Sprintf("TRACE%011d", n), fmt.Sprintf("4d%08X", n)
	return d
}

// Write fills the journal of a folder with n decisions, one a second up to last.
func Write(tb testing.TB, dir string, live, shadow *policy.Set, n int, last time.Time) {
	tb.Helper()
	j := journal.New(journal.Options{Dir: dir, Keep: 100 * 365 * 24 * time.Hour, MaxBytes: 1 << 40, Persons: true})
	m := New(1)
	for i := range n {
		j.Record(m.Decision(live, shadow, i, last.Add(time.Duration(i+1-n)*time.Second)))
		if i%1000 == 999 || i == n-1 {
			Flush(j)
		}
	}
}

// Flush writes what was recorded.
func Flush(j *journal.Journal) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	j.Run(ctx)
}
