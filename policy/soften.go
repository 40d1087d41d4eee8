package policy

import (
	"slices"
	"strconv"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// allowance is a number of false alarms; 0 is off.
type allowance int

// UnmarshalValue implements strictyaml.Unmarshaler.
func (a *allowance) UnmarshalValue(v strictyaml.Value) {
	if word, ok := v.Text(); ok && word == "off" {
		*a = 0
		return
	}
	var n int
	if !v.Decode(&n) {
		return
	}
	if n < 1 || n > maxAllowance {
		v.Errorf("is from 1 to %d, or off; has %d", maxAllowance, n)
		return
	}
	*a = allowance(n)
}

// String returns the allowance as a policy file writes it.
func (a allowance) String() string {
	if a == 0 {
		return "off"
	}
	return strconv.Itoa(int(a))
}

// days is a number of days.
type days int

// UnmarshalValue implements strictyaml.Unmarshaler.
func (d *days) UnmarshalValue(v strictyaml.Value) {
	var n int
	if !v.Decode(&n) {
		return
	}
	if n < 1 || n > maxBudgetDays {
		v.Errorf("is from 1 to %d days, has %d", maxBudgetDays, n)
		return
	}
	*d = days(n)
}

// Budget is how many false alarms a finding may cause under the policy within so
// many days; 0 is without end.
func (p *Policy) Budget() (falsePositives, days int) {
	return int(p.settings.Budget.FalsePositives.Value), int(p.settings.Budget.Days.Value)
}

// Softened are the findings that have overspent their budget, by the name of the
// policy. It is never changed once it is in use.
type Softened map[string][]finding.Name

// Softens reports whether a finding may step down: all but those of proof, which
// say what a check found out, and whose verdict the author's own domain asks for.
func Softens(n finding.Name) bool {
	switch n {
	case finding.DMARCReject, finding.DMARCQuarantine, finding.DMARCFail,
		finding.SPFFail, finding.SPFSoftFail, finding.SPFError,
		finding.DKIMFail, finding.DKIMPolicy, finding.DKIMUnaligned,
		finding.NoAuth, finding.AuthTempError, finding.UncheckedBrand, finding.Forwarded, finding.ChecksShed, ByException:
		return false
	}
	return true
}

// Soften lets findings step down one level under some policies: what rejects by
// itself then quarantines, what quarantines tags, what tags does nothing; and
// points go on to count for a tag, but bring no graver verdict. Findings of proof
// are left as they are. It has to be called before For.
func (h *Hearing) Soften(s Softened) *Hearing {
	h.softened = s
	return h
}

// softenedBy are the findings among found that step down under p.
func (h *Hearing) softenedBy(p *Policy, found []finding.Finding) []finding.Name {
	var names []finding.Name
	for _, n := range h.softened[p.name] {
		if Softens(n) && finding.Has(found, n) {
			names = append(names, n)
		}
	}
	return names
}

// milder is the action one level down.
func (a Action) milder() Action {
	switch a {
	case ActReject:
		return ActQuarantine
	case ActQuarantine:
		return ActTag
	case ActTag:
		return Points
	}
	return a
}

// softer is the sum that still counts for grave verdicts, and the action, of a
// rule whose finding steps down or not.
func (r *findingRule) softer(name finding.Name, softened []finding.Name) (firm int, action Action) {
	if slices.Contains(softened, name) {
		return 0, r.action.milder()
	}
	return r.points, r.action
}

// Budget is that of the policy of a name: "default" or a domain. A name that is
// none has no budget.
func (s *Set) Budget(name string) (falsePositives, days int) {
	if name == DefaultName {
		return s.fallback.Budget()
	}
	if p := s.domains[name]; p != nil {
		return p.Budget()
	}
	return 0, 0
}

// BudgetDays are the different numbers of days that budgets count, sorted; none
// where all budgets are off.
func (s *Set) BudgetDays() []int {
	var all []int
	for p := range s.all() {
		if n, days := p.Budget(); n > 0 && !slices.Contains(all, days) {
			all = append(all, days)
		}
	}
	slices.Sort(all)
	return all
}
