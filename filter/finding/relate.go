package finding

import (
	"cmp"
	"slices"
)

// Relate names what does not fit between the claims of a message and its proof,
// in the order of Names, each name at most once. It never fails.
func Relate(in Input) []Finding {
	r := &relation{Input: in}
	r.weighClaims()

	r.relateClaims()
	r.relateSender()
	r.relateLinks()
	r.relateWords()
	r.relateAuthentication()
	r.relateForm()

	slices.SortStableFunc(r.found, func(a, b Finding) int { return cmp.Compare(a.Name.order(), b.Name.order()) })
	return r.found
}

// relation is the work on one message.
type relation struct {
	Input
	standings []standing // every brand that is claimed, the most claimed first
	found     []Finding
	pressing  *string // what lure found; nil before it looked
}

// add records a finding; a name that is there already keeps its first evidence.
func (r *relation) add(name Name, brand, why string) {
	for _, f := range r.found {
		if f.Name == name {
			return
		}
	}
	r.found = append(r.found, Finding{Name: name, Brand: brand, Why: line(why)})
}
