package policy

import (
	"slices"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// Step is a threshold of a policy that is not off.
type Step struct {
	Verdict Verdict `json:"verdict"`
	Points  int     `json:"points"` // from which on
	Where   string  `json:"where"`  // "policies/example.jp.yaml:12"
}

// Steps returns the thresholds, from mild to grave.
func (p *Policy) Steps() []Step {
	var all []Step
	t := &p.Thresholds
	for _, at := range []struct {
		verdict Verdict
		from    *strictyaml.Located[threshold]
	}{{Tag, &t.Tag}, {Quarantine, &t.Quarantine}, {Reject, &t.Reject}} {
		if n := int(at.from.Value); n > 0 { // 0 is off
			all = append(all, Step{Verdict: at.verdict, Points: n, Where: where(at.from.Pos)})
		}
	}
	return all
}

// LineOf returns the file:line of what p says about a finding; "" where it says
// nothing.
func (p *Policy) LineOf(f finding.Finding) string {
	if r := p.rule(f); r != nil {
		return where(r.pos)
	}
	return ""
}

// Supposition is something about a message that might be otherwise.
type Supposition struct {
	Without []finding.Name // were not found; own rules among them
	NoDeny  bool           // no exception brings a verdict
}

// Suppose is For under a supposition. Own rules see what is left.
func (h *Hearing) Suppose(rcpt string, s Supposition) Decision {
	p := h.set.For(rcpt)
	gone := func(f finding.Finding) bool { return slices.Contains(s.Without, f.Name) }
	k := &heard{}
	k.found, k.forwarder = h.explained(p)
	k.found = slices.DeleteFunc(slices.Clone(k.found), gone)
	if p.Rules.Any() {
		v := h.rule(p, k.found)
		k.failures = v.failures
		for _, r := range v.hits {
			k.found = append(k.found, r.Finding)
		}
		k.found = slices.DeleteFunc(k.found, gone)
	}
	return h.outcome(p, k, localPart(rcpt), s.NoDeny)
}
