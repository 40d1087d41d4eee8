package finding

import (
	"slices"

	"sekisho/filter/claim"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
)

// relateClaims names claims that the proof does not meet. The most claimed brand
// stands for all of them: a message that poses as two firms is not twice as bad.
func (r *relation) relateClaims() {
	r.relateOwnDomain()
	for i := range r.standings {
		s := &r.standings[i]
		if s.ownFrom || !s.unmet(counted) {
			continue
		}
		name := UnprovedClaim
		if len(r.identities) > 0 {
			name = Impersonation
		}
		r.add(name, s.brand.ID, r.claimsWhat(s)+" but "+r.provedWhat())
		return
	}
	for i := range r.standings {
		if s := &r.standings[i]; s.unmet(faint) && !s.ownFrom {
			r.add(WeakClaim, s.brand.ID, r.claimsWhat(s)+", "+r.provedWhat())
			return
		}
	}
}

// relateOwnDomain names mail from a brand's own domain which that domain did not
// authenticate.
func (r *relation) relateOwnDomain() {
	if owner, ok := r.spoofed(); ok {
		r.add(SpoofedBrand, owner.ID, "From is in "+r.Proof.FromDomain+", a domain of "+owner.Name+", but "+r.provedWhat())
		return
	}
	for i := range r.standings {
		// Nobody looked. Where the message itself claims the brand, its From domain
		// is no proof of that; mail that claims nothing is left alone.
		if s := &r.standings[i]; s.unlooked && s.weight >= counted {
			r.add(SpoofedBrand, s.brand.ID, r.claimsWhat(s)+", From is in its domain "+r.Proof.FromDomain+", and nothing was checked")
			return
		}
	}
	if owner, ok := r.unprovedOwner(); ok && r.uncertain() {
		r.add(UncheckedBrand, owner.ID, "From is in "+r.Proof.FromDomain+", a domain of "+owner.Name+", and a check could not be finished")
	}
}

// spoofed returns the brand whose own domain From is in, when nothing proves it.
// After a check that did not finish nothing is certain.
func (r *relation) spoofed() (*brand.Brand, bool) {
	if r.uncertain() {
		return nil, false
	}
	return r.unprovedOwner()
}

// unprovedOwner returns the brand whose own domain From is in, when nothing
// proves it so far. Without checks there is nothing to say; nor of the broad tier,
// whose people write from its domains and whose mail is not known to be signed.
func (r *relation) unprovedOwner() (*brand.Brand, bool) {
	if !r.checked() || r.Proof.FromDomain == "" {
		return nil, false
	}
	owners := r.Catalogue.Owners(r.Proof.FromDomain)
	owners = slices.DeleteFunc(owners, func(b *brand.Brand) bool { return b.Tier == brand.Broad })
	for _, owner := range owners {
		if r.proves(owner.ID) {
			return nil, false
		}
	}
	if len(owners) == 0 {
		return nil, false
	}
	return owners[0], true
}

// claimsWhat tells who is claimed and where: claims 楽天 (subject 【楽天】).
func (r *relation) claimsWhat(s *standing) string {
	told := "claims " + s.brand.Name + " ("
	for i, c := range s.claims {
		if i == maxEvidence {
			break
		}
		if i > 0 {
			told += ", "
		}
		told += placeWords(c.Place) + " " + quote(c.Seen)
	}
	return told + ")"
}

// provedWhat tells who is proved.
func (r *relation) provedWhat() string {
	switch {
	case len(r.identities) > 0:
		told := "proved "
		for i, identity := range r.identities {
			if i == maxEvidence {
				break
			}
			if i > 0 {
				told += ", "
			}
			told += identity.Domain + " by " + string(identity.Method)
			if !identity.Aligned {
				told += ", not aligned with From"
			}
		}
		return told
	case r.Proof.FromDomain == "":
		return "no single author domain and nothing proved"
	case r.Proof.Source == proof.FromNobody:
		return "is from " + r.Proof.FromDomain + " (nothing was checked)"
	case len(r.Proof.Identities) > 0:
		return "is from " + r.Proof.FromDomain + ", proved by nobody but a mail service, " + r.Proof.Identities[0].Domain
	}
	return "is from " + r.Proof.FromDomain + " with nothing proved"
}

func placeWords(p claim.Place) string {
	switch p {
	case claim.FromName:
		return "From name"
	case claim.FromAddress:
		return "From address"
	case claim.SubjectBracket, claim.Subject:
		return "subject"
	case claim.LinkHost:
		return "link to"
	case claim.LinkText:
		return "link"
	case claim.LogoAlt:
		return "image"
	case claim.Asset:
		return "image from"
	case claim.ReplyTo:
		return "Reply-To"
	}
	return string(p)
}
