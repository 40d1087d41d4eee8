package hindsight

import (
	"context"
	"io"

	"sekisho/filter/journal"
)

// Shadowed sums up what candidate policies have said beside the decisions of a
// range. Nothing is judged again: it is what they said then. json may be nil.
func Shadowed(ctx context.Context, from *journal.Reader, within journal.Range, only string, json io.Writer) (*Summary, error) {
	s := newSummary("the policies that count", "the candidate, in shadow")
	defer s.finish()
	for rec, err := range from.Records(ctx, within) {
		if err != nil {
			return s, err
		}
		counted := false
		for i := range rec.Recipients {
			rcpt := &rec.Recipients[i]
			if rcpt.Shadow.Verdict == "" || only != "" && domain(rcpt.Address) != only {
				continue
			}
			if !counted {
				s.record(rec.Time, true) // what was said needs no names
				counted = true
			}
			l := newLine(rec, rcpt, recorded(rcpt.Shadow))
			if l.Changed = l.Was.Verdict != l.Is.Verdict; l.Changed {
				if facts, err := rec.Facts(); err != nil {
					s.unread(err) // the verdicts are there all the same
				} else {
					l.From, l.Why = facts.Proof.FromDomain, why(facts.Found, l.decided())
				}
			}
			s.add(&l)
			if json != nil {
				if err := writeLine(json, &l); err != nil {
					return s, err
				}
			}
		}
	}
	return s, nil
}
