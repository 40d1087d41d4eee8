package policy

import (
	"slices"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// Hearing is one message before the policies of its recipients. It is for one
// goroutine; a message to many mostly meets one policy, which decides once.
type Hearing struct {
	set      *Set
	facts    *fact.Facts
	now      time.Time
	softened Softened
	decided  map[*Policy]*Decision // nil for a policy that may differ from mailbox to mailbox
}

// Hear begins the judgement of one message. Entries that end on a day are held
// against now.
func (s *Set) Hear(facts *fact.Facts, now time.Time) *Hearing {
	return &Hearing{set: s, facts: facts, now: now, decided: make(map[*Policy]*Decision, 1)}
}

// For decides for one recipient, whose address is as SMTP wrote it. What it
// returns is a function of the set, the facts, the address, the time and what has
// been softened alone.
func (h *Hearing) For(rcpt string) Decision {
	p := h.set.For(rcpt)
	d, met := h.decided[p]
	if !met && !slices.ContainsFunc(p.Exceptions, func(e exception) bool { return len(e.when.Recipient) > 0 }) {
		d = new(h.decide(p, ""))
	}
	h.decided[p] = d
	if d == nil {
		return h.decide(p, localPart(rcpt))
	}
	return *d
}

// decide is the decision of one policy for a mailbox. First failures of
// authentication on a path that the policy trusts are put down to the path; then
// its exceptions speak, and last its thresholds and actions.
func (h *Hearing) decide(p *Policy, local string) Decision {
	found, forwarder := h.explained(p)
	left, used, deny := p.except(h.facts, found, local, h.now)
	d := p.decide(left, h.softenedBy(p, left))
	d.Findings, d.Forwarder, d.Exceptions = left, forwarder, used
	if deny != nil && !d.Verdict.Worse(deny.verdict) {
		d.Verdict, d.By, d.Where = deny.verdict, ByException, where(deny.pos)
	}
	if p.Mode.Value == ObserveOnly && d.Verdict != Accept {
		d.Verdict, d.Observed = Accept, d.Verdict
	}
	return d
}

// explained returns what p decides on, and the forwarder that it puts failures
// down to; nil for none.
func (h *Hearing) explained(p *Policy) ([]finding.Finding, *finding.Forwarder) {
	found := h.facts.Found
	if !h.facts.Detour.Forwarded || !p.TrustsForwarders() {
		return found, nil
	}
	for f := range p.Forwarders(&h.facts.Detour.Path, h.now) {
		explained, ok := h.facts.Detour.Override(found, f)
		if !ok {
			continue
		}
		if !finding.Has(explained, finding.Forwarded) {
			return explained, nil
		}
		return explained, &f
	}
	return found, nil
}
