package policy

import (
	"fmt"
	"slices"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// Action is what a policy does with one kind of finding.
type Action string

const (
	Off     Action = "off"     // as if it had not been found
	Observe Action = "observe" // told, but weighs nothing and does nothing
	Points  Action = "points"  // adds its points, and nothing else

	// The other actions are verdicts: the finding alone brings at least this one,
	// and its points count as well.
	ActTag        Action = Action(Tag)
	ActQuarantine Action = Action(Quarantine)
	ActReject     Action = Action(Reject)
	ActTempfail   Action = Action(Tempfail)
)

// verdict is what the action brings by itself.
func (a Action) verdict() Verdict {
	switch a {
	case ActTag, ActQuarantine, ActReject, ActTempfail:
		return Verdict(a)
	}
	return Accept
}

// findingRule is what a policy says about one finding. They are shared between
// policies and never changed.
type findingRule struct {
	points int
	action Action
	pos    strictyaml.Pos // of the finding's name in the file
}

// String returns the rule as a policy file writes it.
func (r *findingRule) String() string {
	switch {
	case r.action == Off || r.action == Observe:
		return string(r.action)
	case r.action == Points:
		return fmt.Sprintf("{points: %d}", r.points)
	case r.points == 0:
		return fmt.Sprintf("{action: %s}", r.action)
	}
	return fmt.Sprintf("{points: %d, action: %s}", r.points, r.action)
}

// UnmarshalValue implements strictyaml.Unmarshaler.
func (r *findingRule) UnmarshalValue(v strictyaml.Value) {
	if word, ok := v.Text(); ok {
		switch Action(word) {
		case Off, Observe:
			r.action = Action(word)
		case ActTag, ActQuarantine, ActReject, ActTempfail:
			v.Errorf("write {action: %s}", word)
		default:
			v.Wants("off, observe, {points: N} or {action: tag|quarantine|reject|tempfail}")
		}
		return
	}
	var long struct {
		Points *int                        `yaml:"points"`
		Action *strictyaml.Located[string] `yaml:"action"`
	}
	if !v.Decode(&long) {
		return
	}
	if long.Points == nil && long.Action == nil {
		v.Errorf("wants points, an action, or both")
		return
	}
	r.action = Points
	if long.Points != nil {
		if r.points = *long.Points; r.points < 0 || r.points > maxPoints {
			v.Errorf("points are from 0 to %d, has %d", maxPoints, r.points)
		}
	}
	if long.Action != nil {
		r.action = Action(long.Action.Value)
		if r.action.verdict() == Accept {
			v.Errorf("an action is tag, quarantine, reject or tempfail, has %q", long.Action.Value)
		}
	}
}

// rules is the rule of every finding. The slice has the order of the vocabulary
// and is shared between policies until one of them says something of its own.
type rules struct {
	words *vocabulary
	list  []*findingRule
}

// vocabulary is the closed list of findings, made once for a Set.
type vocabulary struct {
	names []string
	index map[finding.Name]int
}

func newVocabulary() *vocabulary {
	v := &vocabulary{index: make(map[finding.Name]int)}
	for i, name := range finding.Names() {
		v.names = append(v.names, string(name))
		v.index[name] = i
	}
	return v
}

// UnmarshalValue implements strictyaml.Unmarshaler. A finding that is named gets
// a new rule, whole; the others keep theirs.
func (r *rules) UnmarshalValue(v strictyaml.Value) {
	r.list = slices.Clone(r.list)
	v.Each(func(name string, pos strictyaml.Pos, value strictyaml.Value) {
		i, known := r.words.index[finding.Name(name)]
		if !known {
			v.ErrorAt(pos, "there is no finding %q%s", name, strictyaml.Suggest(name, r.words.names))
			return
		}
		own := &findingRule{pos: pos}
		value.Decode(own)
		r.list[i] = own
	})
}

// of returns the rule of a finding; nil for a name that is not in the list.
func (r *rules) of(name finding.Name) *findingRule {
	i, known := r.words.index[name]
	if !known {
		return nil
	}
	return r.list[i]
}
