package gate

import (
	"sekisho/filter/finding"
	"sekisho/filter/record"
	"sekisho/policy"
)

// decide lets the policy of each recipient judge what was found.
func (g *Gate) decide(d *record.Decision) {
	d.Findings = finding.Relate(finding.Input{
		Message: d.Message, Envelope: &d.Envelope, Proof: d.Proof, Claims: d.Claims, Catalogue: g.set.Brands,
	})
	recipients := d.Envelope.Recipients
	if len(recipients) == 0 {
		recipients = []string{""}
	}
	// A message to many mostly meets one policy; each decides once.
	decided := make(map[*policy.Policy]policy.Decision, 1)
	d.Verdict = policy.Accept
	for i, rcpt := range recipients {
		p := g.set.Policies.For(rcpt)
		decision, ok := decided[p]
		if !ok {
			decision = p.Decide(d.Findings)
			decided[p] = decision
		}
		d.Recipients = append(d.Recipients, record.Recipient{Address: rcpt, Decision: decision})
		if i == 0 || decision.Verdict.Worse(d.Verdict) || decision.Verdict == d.Verdict && decision.Points > d.Points {
			d.Verdict, d.Points = decision.Verdict, decision.Points
		}
	}
}
