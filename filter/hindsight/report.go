package hindsight

import (
	"fmt"

	"sekisho/filter/claim"
	"sekisho/filter/fact"
	"sekisho/filter/record"
	"sekisho/filter/replay"
	"sekisho/policy"
)

// outcome is a line as a report of package replay shows it.
func outcome(l *Line, d *policy.Decision, f *fact.Facts) replay.Outcome {
	o := replay.Outcome{
		File: l.Trace + " " + l.Rcpt, Verdict: l.Is.Verdict, Points: l.Is.Points, By: l.Is.By, Where: l.Is.Where, Subject: f.Message.Subject,
		Against: &replay.Against{Verdict: l.Was.Verdict, Points: l.Was.Points, By: l.Was.By},
		Proved:  []string{}, Claims: []record.LineClaim{}, Findings: []replay.Finding{},
	}
	if len(f.Message.From) > 0 {
		from := f.Message.From[0]
		o.From = from.Domain
		if from.Address != "" {
			o.From = fmt.Sprintf("%s <%s>", from.Name, from.Address)
		}
	}
	for _, id := range f.Proof.Identities {
		proved := id.Domain
		if !id.Aligned {
			proved += ", not aligned"
		}
		o.Proved = append(o.Proved, proved)
	}
	for _, c := range f.Claim.All {
		o.Claims = append(o.Claims, record.LineClaim{Brand: c.Brand, Place: claim.Place(c.Place), Strength: claim.Strength(c.Strength), Seen: c.Seen, Folded: c.Folded})
	}
	for _, s := range d.Scores {
		o.Findings = append(o.Findings, replay.Finding{Name: s.Finding.Name, Brand: s.Finding.Brand, Points: s.Points, Why: s.Finding.Why})
	}
	o.Name()
	return o
}
