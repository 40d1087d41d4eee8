package finding

import (
	"slices"
	"strings"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// relateForm names what is wrong with the form of the message. Where From names
// no single well-formed author, DMARC has nothing to check (RFC 9989 leaves such
// messages to the receiver) and no proof is in alignment with it: never does the
// first author win. What is proved then still tells who sent the message, and a
// brand that it claims stays unmet.
func (r *relation) relateForm() {
	switch r.Message.Author {
	case mail.AuthorNone:
		r.add(FromMissing, "", "the message has no author address, so nothing can prove its author")
	case mail.AuthorSeveral:
		// Authors of one domain are held to its DMARC policy; proved, they are as
		// good as one.
		if !slices.ContainsFunc(r.Proof.Identities, func(id proof.Identity) bool { return id.Aligned }) {
			r.add(FromSeveral, "", "the message has several authors, so nothing can prove its author")
		}
	case mail.AuthorMalformed:
		r.add(FromMalformed, "", "the author address is malformed, so nothing can prove its author")
	}
	r.relateReadings()
	var names []string
	for _, d := range r.Message.Deviations {
		if strings.HasPrefix(d.Name, "limit-") {
			r.add(LimitHit, "", "a limit was reached: "+d.Name+" ("+d.Where+")")
			continue
		}
		if len(names) < maxEvidence {
			names = append(names, d.Name)
		}
	}
	if len(names) > 0 {
		r.add(Structure, "", "departs from the standards: "+strings.Join(names, ", "))
	}
	if len(r.Message.Left) > 0 {
		left := make([]string, len(r.Message.Left))
		for i, c := range r.Message.Left {
			left[i] = string(c)
		}
		r.add(ChecksShed, "", "nobody looked, for there was too much to do: "+strings.Join(left, ", "))
	}
}

// relateReadings names a brand that only some mail clients show: damaged encoding
// is common, damage that brings out a brand is not.
func (r *relation) relateReadings() {
	for i := range r.standings {
		s := &r.standings[i]
		for _, c := range s.claims {
			switch {
			case !s.unmet(faint):
			case c.Veiled:
				r.add(ReadingsDiffer, s.brand.ID, "characters that nobody sees stand inside the name "+quote(c.Seen))
			case r.hiddenReading(c):
				r.add(ReadingsDiffer, s.brand.ID, "some mail clients show "+quote(c.Seen)+", others do not")
			}
		}
	}
}

func (r *relation) hiddenReading(c claim.Claim) bool {
	switch c.Place {
	case claim.SubjectBracket, claim.Subject:
		return len(r.Message.Subject.Also) > 0 && !strings.Contains(r.Message.Subject.Shown, c.Seen)
	case claim.FromName:
		for _, box := range r.Message.From {
			if strings.Contains(box.Name.Shown, c.Seen) {
				return false
			}
		}
		return true
	}
	return false
}
