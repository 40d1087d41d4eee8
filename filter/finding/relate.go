package finding

import (
	"cmp"
	"slices"

	"sekisho/filter/proof"
)

// Relate names what does not fit between the claims of a message and its proof,
// in the order of Names, each name at most once. It never fails.
func Relate(in Input) []Finding {
	r := newRelation(in)
	r.relateClaims()
	r.relateSender()
	r.relatePeople()
	r.relateListed()
	r.relateLinks()
	r.relateWords()
	r.relatePassedOn()
	r.relateUnknown()
	r.relateRandom()
	r.relateCallBack()
	r.relateAuthentication()
	r.relateForm()
	return inOrder(r.found)
}

// With returns what was found and one finding more, which is about more than the
// message itself.
func With(found []Finding, f Finding) []Finding {
	return inOrder(append(slices.Clip(slices.Clone(found)), f))
}

// inOrder sorts findings as Names has them.
func inOrder(found []Finding) []Finding {
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Name.order(), b.Name.order()) })
	return found
}

// newRelation begins the work on a message: it holds the claims against the proof.
func newRelation(in Input) *relation {
	r := &relation{Input: in, identities: senders(in)}
	r.weighClaims()
	return r
}

// senders returns the proved identities that tell who sent the message. A mail
// service signs for anyone, so its own domain is nobody's identity; only where
// From is in that domain too does the service speak for itself.
func senders(in Input) []proof.Identity {
	shared := func(id proof.Identity) bool { return !id.Aligned && in.Catalogue.MailService(id.Domain) }
	if !slices.ContainsFunc(in.Proof.Identities, shared) {
		return in.Proof.Identities
	}
	return slices.DeleteFunc(slices.Clone(in.Proof.Identities), shared)
}

// relation is the work on one message.
type relation struct {
	Input
	identities []proof.Identity // those that tell who sent the message
	standings  []standing       // every brand that is claimed, the most claimed first
	found      []Finding
	asking     *string // what asksBoss found; nil before it looked
	pressing   *string // what lure found; nil before it looked
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
