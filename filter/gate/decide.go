package gate

import (
	"sekisho/filter/finding"
	"sekisho/filter/record"
	"sekisho/policy"
)

// decide lets the policy of each recipient judge what was found.
func (g *Gate) decide(d *record.Decision) {
	in := finding.Input{Message: d.Message, Envelope: &d.Envelope, Proof: d.Proof, Claims: d.Claims, Catalogue: g.set.Brands, Lists: g.set.Lists,
		Sender: g.set.Claims.Sender(d.Message)}
	d.Findings = finding.Relate(in)
	recipients := d.Envelope.Recipients
	if len(recipients) == 0 {
		recipients = []string{""}
	}
	// A message to many mostly meets one policy; each decides once.
	decided := make(map[*policy.Policy]record.Recipient, 1)
	d.Verdict = policy.Accept
	for i, rcpt := range recipients {
		p := g.set.Policies.For(rcpt)
		r, ok := decided[p]
		if !ok {
			r = g.judge(p, in, d.Findings)
			decided[p] = r
		}
		r.Address = rcpt
		d.Recipients = append(d.Recipients, r)
		if i == 0 || r.Verdict.Worse(d.Verdict) || r.Verdict == d.Verdict && r.Points > d.Points {
			d.Verdict, d.Points = r.Verdict, r.Points
		}
	}
}

// judge is the decision of one policy. Failures of authentication on a path that
// the policy trusts are put down to the path, and are none of its concern then;
// every other policy decides on what was found.
func (g *Gate) judge(p *policy.Policy, in finding.Input, found []finding.Finding) record.Recipient {
	r := record.Recipient{Findings: found}
	if p.TrustsForwarders() && finding.Overridable(found) {
		for f := range p.Forwarders(in.Path(), g.opt.Clock()) {
			explained, ok := in.Override(found, f)
			if !ok {
				continue
			}
			r.Findings = explained
			if finding.Has(explained, finding.Forwarded) {
				r.Forwarder = &f
			}
			break
		}
	}
	r.Decision = p.Decide(r.Findings)
	return r
}
