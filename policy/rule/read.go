package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *Rules) UnmarshalValue(v strictyaml.Value) {
	r.list = slices.Clone(r.list)
	v.Each(func(name string, pos strictyaml.Pos, value strictyaml.Value) {
		if !r.nameable(v, name, pos) {
			return
		}
		own := &Rule{Name: name, Pos: pos}
		reader := reader{env: r.env, rule: own, below: r.Named(name)}
		if !value.Decode(&reader) {
			return
		}
		if i, found := r.find(name); found {
			r.list[i] = own
		} else {
			r.list = slices.Insert(r.list, i, own)
		}
		if reader.stray {
			value.Errorf("there is no rule %q in a layer below that could be switched off%s", name, strictyaml.Suggest(name, r.others(name)))
		}
	})
	if len(r.list) > maxRules {
		v.Errorf("a policy has at most %d rules with those of the layers below, has %d", maxRules, len(r.list))
	}
	r.afford(v)
}

// afford tells rules that together could cost too much. Each alone was held against
// its own limit; what all of them cost is bounded too, and a message that is made
// to reach that bound would switch off the rest.
func (r *Rules) afford(v strictyaml.Value) {
	var sum uint64
	var on []*Rule
	for _, rule := range r.list {
		if !rule.Off && rule.When != nil {
			sum += rule.When.Estimate()
			on = append(on, rule)
		}
	}
	if sum <= r.env.limit.costOfAll {
		return
	}
	slices.SortStableFunc(on, func(a, b *Rule) int { return cmp.Compare(b.When.Estimate(), a.When.Estimate()) })
	var costly []string
	for _, rule := range on[:min(3, len(on))] {
		costly = append(costly, fmt.Sprintf("%s %d", rule.Name, rule.When.Estimate()))
	}
	v.Errorf("the rules with those of the layers below cost up to %d, for the largest messages; together they may cost %d (%s, ...)",
		sum, r.env.limit.costOfAll, strings.Join(costly, ", "))
}

// IsName reports whether a rule can have the name.
func IsName(s string) bool {
	return s != "" && len(s) <= maxName && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// nameable tells what is wrong with a name.
func (r *Rules) nameable(v strictyaml.Value, name string, pos strictyaml.Pos) bool {
	switch {
	case !IsName(name):
		v.ErrorAt(pos, "the name of a rule is a small letter and up to %d more, digits and hyphens; has %q", maxName-1, cut(name, maxName))
	case finding.Name(name).Known():
		v.ErrorAt(pos, "%q is a finding; what it weighs is said under findings, a rule needs another name", name)
	default:
		return true
	}
	return false
}

// others are the names of the other rules that are on.
func (r *Rules) others(name string) []string {
	var names []string
	for _, rule := range r.list {
		if rule.Name != name && !rule.Off {
			names = append(names, rule.Name)
		}
	}
	return names
}

// reader reads one rule.
type reader struct {
	env   *Env
	rule  *Rule
	below *Rule // of that name in the layer below; nil for none
	stray bool  // switched off, and there was none
}

const forms = "off, or when: and points:, action: or observe:"

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *reader) UnmarshalValue(v strictyaml.Value) {
	if word, ok := v.Text(); ok {
		if word != "off" || v.Quoted() {
			v.Wants(forms)
			return
		}
		r.rule.Off, r.stray = true, r.below == nil || r.below.Off
		return
	}
	var long struct {
		When    expression `yaml:"when,required"`
		Why     reason     `yaml:"why"`
		Points  *points    `yaml:"points"`
		Action  action     `yaml:"action"`
		Observe bool       `yaml:"observe"`
	}
	long.When.env = r.env
	if !v.Decode(&long) {
		return
	}
	if long.Points == nil && long.Action == "" && !long.Observe {
		v.Errorf("says nothing of what to do; add points, an action, or observe: true")
		return
	}
	r.rule.When, r.rule.Why, r.rule.Action, r.rule.Observe = long.When.program, string(long.Why), Action(long.Action), long.Observe
	if long.Points != nil {
		r.rule.Points = int(*long.Points)
	}
	r.rule.Finding = r.rule.finding()
}

// expression is the text of a rule. Its problems are told where they are in the
// file.
type expression struct {
	env     *Env
	program *Program
}

// UnmarshalValue implements strictyaml.Unmarshaler.
func (e *expression) UnmarshalValue(v strictyaml.Value) {
	text, ok := v.Text()
	if !ok {
		v.Wants("an expression")
		return
	}
	program, problems := e.env.Compile(text)
	for _, p := range problems {
		v.ErrorAt(v.Inside(p.Offset), "%s", p.Message)
	}
	e.program = program
}

// points are what a rule adds to the sum.
type points int

// UnmarshalValue implements strictyaml.Unmarshaler.
func (p *points) UnmarshalValue(v strictyaml.Value) {
	var n int
	if !v.Decode(&n) {
		return
	}
	if n < 0 || n > maxPoints {
		v.Errorf("points are from 0 to %d, has %d", maxPoints, n)
		return
	}
	*p = points(n)
}

// action is a verdict that a rule brings.
type action Action

// UnmarshalValue implements strictyaml.Unmarshaler.
func (a *action) UnmarshalValue(v strictyaml.Value) {
	word, _ := v.Text()
	switch Action(word) {
	case Tag, Quarantine, Reject, Tempfail:
		*a = action(word)
	default:
		v.Wants("tag, quarantine, reject or tempfail")
	}
}

// reason is why a rule is there, for people.
type reason string

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *reason) UnmarshalValue(v strictyaml.Value) {
	text, ok := v.Text()
	text = strings.TrimSpace(text)
	switch {
	case !ok:
		v.Wants("a line of text")
	case len(text) > maxWhy:
		v.Errorf("has at most %d bytes, has %d", maxWhy, len(text))
	case strings.ContainsFunc(text, unicode.IsControl):
		v.Errorf("is one line")
	}
	*r = reason(text)
}

// cut cuts a text at the edge of a character.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	most -= len("…")
	for most > 0 && s[most]&0xc0 == 0x80 {
		most--
	}
	return s[:most] + "…"
}
