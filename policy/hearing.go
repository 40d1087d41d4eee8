package policy

import (
	"context"
	"slices"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/policy/rule"
)

// Hearing is one message before the policies of its recipients. It is for one
// goroutine; a message to many mostly meets one policy, which decides once.
type Hearing struct {
	set      *Set
	facts    *fact.Facts
	now      time.Time
	softened Softened
	heard    map[*Policy]*heard
	ruled    map[ruling]*verdicts
}

// heard is what a policy knows of a message before it looks at the mailbox.
type heard struct {
	found     []finding.Finding
	forwarder *finding.Forwarder
	failures  []RuleFailure
	decision  *Decision // the same for every mailbox; nil where it may differ
}

// ruling is what the outcome of rules depends on.
type ruling struct {
	rules rule.Key
	found *finding.Finding // the first of the list that the rules see
}

// verdicts are the outcome of rules.
type verdicts struct {
	hits     []*rule.Rule
	failures []RuleFailure
}

// RuleFailure is an own rule that came to no result; the message went on without
// it.
type RuleFailure struct {
	Rule string
	Err  error
}

// Hear begins the judgement of one message. Entries that end on a day are held
// against now.
func (s *Set) Hear(facts *fact.Facts, now time.Time) *Hearing {
	return &Hearing{set: s, facts: facts, now: now, heard: make(map[*Policy]*heard, 1)}
}

// For decides for one recipient, whose address is as SMTP wrote it. What it
// returns is a function of the set, the facts, the address, the time and what has
// been softened alone; but for a rule that hit its limit of time.
func (h *Hearing) For(rcpt string) Decision {
	p := h.set.For(rcpt)
	k := h.heard[p]
	if k == nil {
		k = h.hear(p)
		h.heard[p] = k
	}
	if k.decision != nil {
		return *k.decision
	}
	return h.decide(p, k, localPart(rcpt))
}

// hear does what a policy does once for a message. First failures of
// authentication on a path that the policy trusts are put down to the path; then
// its own rules see what is left.
func (h *Hearing) hear(p *Policy) *heard {
	k := &heard{}
	k.found, k.forwarder = h.explained(p)
	if p.Rules.Any() {
		v := h.rule(p, k.found)
		k.failures = v.failures
		k.found = slices.Clip(k.found)
		for _, r := range v.hits {
			k.found = append(k.found, r.Finding)
		}
	}
	if !slices.ContainsFunc(p.Exceptions, func(e exception) bool { return len(e.when.Recipient) > 0 }) {
		k.decision = new(h.decide(p, k, ""))
	}
	return k
}

// rule asks the rules of p; policies that share their rules and what was found
// share the answer.
func (h *Hearing) rule(p *Policy, found []finding.Finding) *verdicts {
	at := ruling{rules: p.Rules.Key()}
	if len(found) > 0 {
		at.found = &found[0]
	}
	v := h.ruled[at]
	if v != nil {
		return v
	}
	v = &verdicts{}
	// A rule has a limit of time of its own; what it decides must not depend on how
	// long the look-ups before it took.
	v.hits = p.Rules.Eval(context.Background(), h.set.env.Activate(h.facts, found), func(name string, err error) {
		v.failures = append(v.failures, RuleFailure{name, err})
	})
	if h.ruled == nil {
		h.ruled = make(map[ruling]*verdicts, 1)
	}
	h.ruled[at] = v
	return v
}

// decide is the decision of one policy for a mailbox: its exceptions speak, and
// then its thresholds and actions.
func (h *Hearing) decide(p *Policy, k *heard, local string) Decision {
	return h.outcome(p, k, local, false)
}

// outcome is decide, where denials may be left out.
func (h *Hearing) outcome(p *Policy, k *heard, local string, noDeny bool) Decision {
	left, used, deny := p.except(h.facts, k.found, local, h.now)
	if noDeny {
		deny = nil
	}
	d := p.decide(left, h.softenedBy(p, left))
	d.Findings, d.Forwarder, d.Exceptions, d.RuleFailures = left, k.forwarder, used, k.failures
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
