package policy

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// brandRule says how much a brand is protected.
type brandRule string

const (
	brandOn      brandRule = "on"
	brandObserve brandRule = "observe" // findings about it are told, and weigh and do nothing
	brandOff     brandRule = "off"     // as if they had not been found
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *brandRule) UnmarshalText(text []byte) error {
	return word(b, text, brandOn, brandObserve, brandOff)
}

// brandRules are the brands that a policy treats in a way of its own. The map is
// shared between policies and never changed.
type brandRules map[brandID]strictyaml.Located[brandRule]

// UnmarshalValue implements strictyaml.Unmarshaler. A brand that is named gets a
// new rule; the others keep theirs.
func (b *brandRules) UnmarshalValue(v strictyaml.Value) {
	own := maps.Clone(*b)
	if own == nil {
		own = make(brandRules)
	}
	v.Each(func(name string, pos strictyaml.Pos, value strictyaml.Value) {
		var id brandID
		if err := id.UnmarshalText([]byte(name)); err != nil {
			v.ErrorAt(pos, "%v", err)
			return
		}
		var rule strictyaml.Located[brandRule]
		if value.Decode(&rule) {
			rule.Pos = pos
			own[id] = rule
		}
	})
	if len(own) > maxBrands {
		v.Errorf("names more than %d brands", maxBrands)
	}
	*b = own
}

// of returns how much a finding's brand is protected.
func (b brandRules) of(f finding.Finding) brandRule {
	if f.Brand == "" || len(b) == 0 {
		return brandOn
	}
	if rule, ok := b[brandID(f.Brand)]; ok {
		return rule.Value
	}
	return brandOn
}

// Named is a brand that a policy names, and where.
type Named struct {
	Brand string
	Pos   strictyaml.Pos
}

// Brands yields every brand that any policy names, for a check against the
// catalogue; one that several layers share may come more than once.
func (s *Set) Brands() iter.Seq[Named] {
	return func(yield func(Named) bool) {
		for p := range s.all() {
			for _, id := range slices.Sorted(maps.Keys(p.settings.Brands)) {
				if !yield(Named{string(id), p.settings.Brands[id].Pos}) {
					return
				}
			}
			for i := range p.Exceptions {
				if e := &p.Exceptions[i]; e.when.Brand != "" && !yield(Named{string(e.when.Brand), e.pos}) {
					return
				}
			}
		}
	}
}

// String returns the brands as a policy file writes them.
func (b brandRules) String() string {
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(b)) {
		parts = append(parts, string(id)+": "+string(b[id].Value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
