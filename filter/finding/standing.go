package finding

import (
	"slices"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
)

// weight says how much a message claims one brand in all its places.
type weight int

const (
	mentioned weight = iota // names it
	faint                   // one place claims it that could be chance
	counted                 // claims it: one strong place, or two independent medium ones
)

// standing is what a message claims about one brand, and whether that is met.
type standing struct {
	brand    *brand.Brand
	claims   []claim.Claim // strongest first
	weight   weight
	met      bool   // the brand, or one that may speak for it, is proved
	ownFrom  bool   // the From address is in the brand's own domain
	lowered  string // why weight is less than the claims say; "" when it is not
	unlooked bool   // nothing was checked and ownFrom: neither met nor unmet
}

// unmet reports whether the claim weighs at least w and is not met.
func (s *standing) unmet(w weight) bool { return s.weight >= w && !s.met && !s.unlooked }

// weighClaims sorts the claims by brand, weighs them and holds them against the
// proof.
func (r *relation) weighClaims() {
	for _, c := range r.Claims {
		i := slices.IndexFunc(r.standings, func(s standing) bool { return s.brand.ID == c.Brand })
		if i < 0 {
			b, ok := r.Catalogue.Brand(c.Brand)
			if !ok {
				continue
			}
			i = len(r.standings)
			r.standings = append(r.standings, standing{brand: b})
		}
		r.standings[i].claims = append(r.standings[i].claims, c)
	}
	for i := range r.standings {
		s := &r.standings[i]
		slices.SortStableFunc(s.claims, func(a, b claim.Claim) int {
			switch {
			case a.Strength == b.Strength:
				return 0
			case a.Strength.AtLeast(b.Strength):
				return -1
			}
			return 1
		})
		s.ownFrom = r.Catalogue.Owns(s.brand.ID, r.Proof.FromDomain)
		s.met = r.proves(s.brand.ID)
		s.unlooked = s.ownFrom && r.Proof.Source == proof.FromNobody
		s.weight = r.weighStanding(s)
		r.excuse(s)
		r.lower(s)
	}
	r.standForOwnDomain()
	r.settleCompany()
	slices.SortStableFunc(r.standings, func(a, b standing) int { return int(b.weight) - int(a.weight) })
}

// weighStanding weighs what claims one brand, by the kind of brand it is.
func (r *relation) weighStanding(s *standing) weight {
	switch {
	case s.brand.Tier == brand.Broad:
		return r.weighBroad(s)
	case r.operator(s), r.notice(s):
		return mentioned
	case s.brand.Confidence == brand.Low:
		return min(r.weigh(s.claims), faint) // a name of many bodies, whose domains nobody has listed
	}
	return r.weigh(s.claims)
}

// operator reports whether all that claims s is the advertisement that a mailbox
// provider puts below its customers' mail.
func (r *relation) operator(s *standing) bool {
	return slices.Contains(s.brand.UserMail, r.Proof.FromDomain) && !slices.ContainsFunc(s.claims, func(c claim.Claim) bool {
		return c.Strength.AtLeast(claim.Medium) && c.Place != claim.Signature
	})
}

// standForOwnDomain adds the brand in whose domain From is, where that domain did
// not authenticate the message: the address is the claim.
func (r *relation) standForOwnDomain() {
	owner, ok := r.spoofed()
	if !ok {
		return
	}
	i := slices.IndexFunc(r.standings, func(s standing) bool { return s.brand == owner })
	if i < 0 {
		i = len(r.standings)
		r.standings = append(r.standings, standing{brand: owner, ownFrom: true})
	}
	s := &r.standings[i]
	s.weight = counted
	s.claims = append(s.claims, claim.Claim{
		Brand: owner.ID, Alias: r.Proof.FromDomain, Place: claim.FromAddress, Strength: claim.Strong, Seen: r.Proof.FromDomain, Folded: r.Proof.FromDomain,
	})
}

// proves reports whether the message is authenticated for a domain of the brand:
// in alignment with From, since a passing signature of somebody else says nothing
// about the author.
func (r *relation) proves(id string) bool {
	for _, identity := range r.identities {
		if r.speaks(identity) && r.Catalogue.Owns(id, identity.Domain) {
			return true
		}
	}
	return r.Proof.DMARC.Result == "pass" && r.Catalogue.Owns(id, r.Proof.FromDomain)
}

// speaks reports whether a proved identity is the author's: it is in alignment
// with From, or it signed a From that is malformed in its names alone
// (J:COM <info@jcom.example>) and every address in it is in that domain. A
// signature covers From (RFC 6376, section 5.4), so nobody else can be meant.
func (r *relation) speaks(identity proof.Identity) bool {
	if identity.Aligned {
		return true
	}
	if r.Message.Author != mail.AuthorMalformed || identity.Method != proof.ByDKIM || len(r.Message.From) == 0 {
		return false
	}
	return !slices.ContainsFunc(r.Message.From, func(box mail.Mailbox) bool {
		return box.Domain == "" || proof.OrgDomain(box.Domain) != identity.OrgDomain
	})
}

// weigh grades the claims of one brand together. An everyday word needs a second
// thing that a sender of that name would do: stand elsewhere too, or press. A name
// inside a foreign host alone is a look-alike host and no more.
func (r *relation) weigh(claims []claim.Claim) weight {
	var all, medium groups
	var distinct, strong, strongWord, written, named, topic, unnamed bool
	for _, c := range claims {
		strength := r.strength(c)
		all |= groupOf(c.Place)
		named = named || c.Place == claim.Subject && !c.Ambiguous
		if strength.AtLeast(claim.Medium) {
			medium |= groupOf(c.Place)
			written = written || c.Place != claim.FromAddress
		}
		distinct = distinct || !c.Ambiguous && strength.AtLeast(claim.Weak)
		strong = strong || !c.Ambiguous && strength == claim.Strong
		strongWord = strongWord || strength == claim.Strong
		topic = topic || r.pressedTopic(c)
		unnamed = c.Unnamed
	}
	switch independent := all.count(); {
	case strong:
		return counted
	case strongWord && (independent >= 2 || distinct || r.lure() != ""):
		return counted
	case medium.count() >= 2 && (distinct || independent >= 3 || r.lure() != ""):
		return counted
	case written && distinct && unnamed && r.pressed():
		return counted // nobody but the brand is named as the sender
	case written && (distinct || independent >= 2), topic:
		return faint
	case named && distinct && r.unvouched() && r.lure() != "":
		return faint // what the subject presses about, from a sender whom nothing proves
	}
	return mentioned
}

// strength is how much c claims in this message. A shop that has news about a
// brand writes 【brand】 too, under its own name in From: there a bracket is strong
// only beside pressing words. A name that names nobody ("Customer support") is no name of its
// own where nothing proves the sender or links lead astray. A shop on a market is named after it: that claims
// something only in a message that presses.
func (r *relation) strength(c claim.Claim) claim.Strength {
	switch {
	case c.Shop && !r.pressed():
		return claim.Mention
	case c.Shop && c.Beside && c.Strength.AtLeast(claim.Weak):
		return claim.Medium
	case c.Shop && c.Strength.AtLeast(claim.Weak):
		return claim.Strong
	}
	if c.Place == claim.SubjectBracket && c.Strength == claim.Strong && r.namesItself() && r.lure() == "" && !(c.Unnamed && (r.unvouched() || r.strays())) {
		return claim.Medium
	}
	return c.Strength
}

// namesItself reports whether From has a display name at all.
func (r *relation) namesItself() bool {
	return slices.ContainsFunc(r.Message.From, func(box mail.Mailbox) bool { return box.Name.Shown != "" })
}

// groups is a set of places that stand for independent evidence. A sender who
// writes one name into From writes it into the display name and the address, so
// these two are one.
type groups uint8

func groupOf(p claim.Place) groups {
	switch p {
	case claim.FromName, claim.FromAddress:
		return 1 << 0
	case claim.SubjectBracket, claim.Subject:
		return 1 << 1
	case claim.Heading:
		return 1 << 2
	case claim.Signature:
		return 1 << 3
	case claim.LinkText, claim.LinkHost:
		return 1 << 4
	case claim.LogoAlt, claim.Asset:
		return 1 << 5
	}
	return 1 << 6
}

func (g groups) count() int {
	n := 0
	for ; g != 0; g &= g - 1 {
		n++
	}
	return n
}

// settleCompany meets claims that another brand's proof answers for.
//
// A name of two brands ("Amazon Mastercard") is met by either one. A card's name
// is on the mail of every bank that issues it. And a brand that speaks in its own
// name may name others: only a display name then still claims to be them, or a
// bracket in front of a subject that presses.
func (r *relation) settleCompany() {
	var speakers []*standing
	for i := range r.standings {
		if s := &r.standings[i]; s.met || s.unlooked {
			speakers = append(speakers, s)
		}
	}
	issuer := r.provedIssuer()
	for i := range r.standings {
		s := &r.standings[i]
		if s.met || s.unlooked {
			continue
		}
		s.met = issuer && s.brand.Category == "card"
		for _, speaker := range speakers {
			s.met = s.met || speaker.weight == counted && !strongName(s) && !r.pressedBracket(s) || sharesText(s, speaker)
		}
	}
}

// strongName reports whether the display name of From is the brand's.
func strongName(s *standing) bool {
	return slices.ContainsFunc(s.claims, func(c claim.Claim) bool {
		return c.Place == claim.FromName && c.Strength == claim.Strong
	})
}

// sharesText reports whether the strongest claim of s stands in a text that also
// claims other.
func sharesText(s, other *standing) bool {
	top := s.claims[0]
	for _, c := range other.claims {
		if c.Place == top.Place && c.Seen == top.Seen {
			return true
		}
	}
	return false
}

// provedIssuer reports whether the proved sender is a firm that issues cards.
func (r *relation) provedIssuer() bool {
	for _, identity := range r.identities {
		if !identity.Aligned {
			continue
		}
		for _, owner := range r.Catalogue.Owners(identity.Domain) {
			switch owner.Category {
			case "bank", "card", "payment", "loan":
				return true
			}
		}
	}
	return false
}
