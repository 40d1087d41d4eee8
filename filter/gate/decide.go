package gate

import (
	"time"

	"sekisho/filter/claim"
	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/record"
	"sekisho/policy"
)

// decide lets the policy of each recipient judge what was found.
func (g *Gate) decide(d *record.Decision, folds claim.Folds) {
	in := finding.Input{Message: d.Message, Envelope: &d.Envelope, Proof: d.Proof, Claims: d.Claims, Folds: folds, Catalogue: g.set.Brands, Lists: g.set.Lists,
		Sender: g.set.Claims.Sender(d.Message)}
	// A stored decision has microseconds, and is to be made again at the very time.
	d.Judged = g.opt.Clock().Truncate(time.Microsecond).UTC()
	d.Findings = finding.Relate(in)
	if g.opt.Campaigns != nil {
		if f, is := g.opt.Campaigns.See(in, d.Findings, d.Trace, d.Judged); is {
			d.Findings = finding.With(d.Findings, f)
		}
	}
	d.Facts = fact.Of(in, d.Findings)
	recipients := d.Envelope.Recipients
	if len(recipients) == 0 {
		recipients = []string{""}
	}
	hearing := g.set.Policies.Hear(d.Facts, d.Judged).Soften(g.opt.Softened())
	d.Verdict = policy.Accept
	for i, rcpt := range recipients {
		r := record.Recipient{Address: rcpt, Decision: hearing.For(rcpt)}
		d.Recipients = append(d.Recipients, r)
		if i == 0 || r.Verdict.Worse(d.Verdict) || r.Verdict == d.Verdict && r.Points > d.Points {
			d.Verdict, d.Points = r.Verdict, r.Points
		}
	}
}
