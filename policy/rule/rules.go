package rule

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// Prefix begins the name of the finding that a rule makes when it is true.
const Prefix = "rule:"

// Action is what a rule brings by itself, in the words of policy files; "" is
// nothing but its points.
type Action string

const (
	Tag        Action = "tag"
	Quarantine Action = "quarantine"
	Reject     Action = "reject"
	Tempfail   Action = "tempfail"
)

// Rule is a rule of a policy file. It never changes.
type Rule struct {
	Name    string
	Off     bool // switched off here; the rest is empty then
	When    *Program
	Why     string // in its author's words; "" when there are none
	Points  int
	Action  Action
	Observe bool            // told, but weighs nothing and does nothing
	Pos     strictyaml.Pos  // of the name in the file
	Finding finding.Finding // what it tells when it is true
}

// finding is what a rule that is true tells. Its name is closed like those of the
// built-in findings: Prefix and the name of a rule of the loaded set. Without a
// reason of its author's the expression itself is the reason.
func (r *Rule) finding() finding.Finding {
	why := r.Why
	if why == "" {
		why = strings.Join(strings.Fields(r.When.String()), " ")
	}
	return finding.Finding{Name: finding.Name(Prefix + r.Name), Why: cut(why, maxWhy)}
}

// String returns the rule as a policy file writes it.
func (r *Rule) String() string {
	if r.Off {
		return "off"
	}
	parts := []string{"when: " + strconv.Quote(r.When.String())}
	if r.Why != "" {
		parts = append(parts, "why: "+strconv.Quote(r.Why))
	}
	if r.Points != 0 || r.Action == "" && !r.Observe {
		parts = append(parts, fmt.Sprintf("points: %d", r.Points))
	}
	if r.Action != "" {
		parts = append(parts, "action: "+string(r.Action))
	}
	if r.Observe {
		parts = append(parts, "observe: true")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Rules are the rules of a policy, those of the layers below among them. A file is
// read over a copy: a name that it gives replaces the rule below as a whole, and
// the others stay. The zero value has no rules and can read none; see Env.Rules.
type Rules struct {
	env  *Env
	list []*Rule // by name; shared between policies until one says something of its own
}

// Rules returns a policy's rules before any file was read.
func (e *Env) Rules() Rules { return Rules{env: e} }

// All returns the rules by name, those that are off too.
func (r Rules) All() []*Rule { return slices.Clone(r.list) }

// JSONSchema is Schema, for the schema of a policy file.
func (Rules) JSONSchema() map[string]any { return Schema() }

// Named returns the rule of a name; nil without one.
func (r Rules) Named(name string) *Rule {
	i, found := r.find(name)
	if !found {
		return nil
	}
	return r.list[i]
}

// Key is what rules of several policies have in common: two with the same key are
// the same rules. It is for keeping what came of them for one message.
type Key struct {
	first **Rule
	n     int
}

// Key returns the key of the rules.
func (r Rules) Key() Key {
	if len(r.list) == 0 {
		return Key{}
	}
	return Key{&r.list[0], len(r.list)}
}

// Any reports whether a rule is on.
func (r Rules) Any() bool {
	return slices.ContainsFunc(r.list, func(rule *Rule) bool { return !rule.Off })
}

func (r Rules) find(name string) (int, bool) {
	return slices.BinarySearchFunc(r.list, name, func(rule *Rule, name string) int { return cmp.Compare(rule.Name, name) })
}

// Eval returns the rules that are true, by name. A rule that fails is reported and
// does not match; err is ErrLimit or ErrEval, with what happened. What it returns
// depends on the facts alone unless a limit of time was hit.
func (r Rules) Eval(ctx context.Context, a *Activation, report func(name string, err error)) []*Rule {
	if !r.Any() {
		return nil
	}
	run, err := newRun(ctx, a, r.env.limit)
	if err == nil {
		defer run.close()
	}
	var hits []*Rule
	for _, rule := range r.list {
		if rule.Off {
			continue
		}
		yes, failed := false, err
		if err == nil {
			yes, failed = run.eval(rule.When)
		}
		switch {
		case failed != nil:
			report(rule.Name, failed)
		case yes:
			hits = append(hits, rule)
		}
	}
	return hits
}
