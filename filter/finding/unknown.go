package finding

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"sekisho/filter/claim"
	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
)

// Beyond the catalogue. About one organisation in three that phishing poses as is
// in no list. What remains to be seen is that somebody speaks as an office, or in a
// name that has nothing to do with where the message comes from, threatens, and
// leads to a strange site.

// relateUnknown names such a message, where no brand is claimed.
func (r *relation) relateUnknown() {
	if r.claimsKnown() || r.repeats() != "" || r.authority() {
		return
	}
	name := ""
	for _, box := range r.Message.From {
		if name = box.Name.Shown; name != "" {
			break
		}
	}
	switch {
	case name == "" || !r.Sender.Service && !r.headlines():
		return // a person, or nobody
	case r.related(r.Sender.Own):
		return // in its own name
	case !r.strays() || r.lure() == "":
		return
	}
	phrase, why := r.firstPhrase(threats()), ""
	switch {
	case phrase == "" && !r.headlines():
		return // a prize from somebody who is nobody in particular
	case r.unvouched():
		why = "nothing proves the sender"
	case r.Catalogue.Mailbox(r.Proof.FromDomain):
		why = "it writes from a free mailbox at " + r.Proof.FromDomain
	case r.Catalogue.TenantSpace(r.Proof.FromDomain):
		why = "it writes from " + r.Proof.FromDomain + ", where anybody may"
	case r.random() != "":
		why = "it writes from " + r.random() + ", which a program made up"
	case r.headlines() && phrase != "":
		why = "neither its domain nor a link bears that name, which the subject repeats"
	default:
		return
	}
	if phrase == "" {
		phrase = r.lure()
	}
	r.add(UnknownClaim, "", "speaks as "+quote(name)+", and "+why)
	r.add(Lure, "", "says "+quote(phrase)+", and speaks as "+quote(name))
}

// headlines reports whether the subject repeats the sender's own name, as firms do
// and people do not.
func (r *relation) headlines() bool {
	if len(r.Sender.Own) == 0 {
		return false
	}
	subject := canon.Fold(cut(r.Message.Subject.Shown, maxLureLine)).Folded
	return !slices.ContainsFunc(r.Sender.Own, func(w string) bool { return len(w) < minRelated || !strings.Contains(subject, w) })
}

// claimsKnown reports whether a brand is claimed, with proof or without.
func (r *relation) claimsKnown() bool {
	return slices.ContainsFunc(r.standings, func(s standing) bool { return s.weight >= faint || s.met })
}

// authority reports whether the author is proved in the domain of a brand, or of a
// school or public body: whatever it calls itself, it is no unknown sender.
func (r *relation) authority() bool {
	return slices.ContainsFunc(r.identities, func(id proof.Identity) bool {
		return id.Aligned && len(r.Catalogue.Owners(id.Domain)) > 0
	})
}

// related reports whether a word of the name stands in a domain of the sender or of
// a link.
func (r *relation) related(words []string) bool {
	domains := []string{r.Proof.FromDomain}
	for _, id := range r.Proof.Identities {
		domains = append(domains, id.Domain)
	}
	for _, box := range r.Message.From[:min(len(r.Message.From), maxMailboxes)] {
		domains = append(domains, box.Domain)
	}
	for i, l := range r.Message.Links {
		if i == maxRelated {
			break
		}
		if l.Kind != mail.LinkImage {
			domains = append(domains, l.Host)
		}
	}
	joined := bare(strings.Join(domains, " "))
	return slices.ContainsFunc(words, func(w string) bool { w = bare(w); return len(w) >= minRelated && strings.Contains(joined, w) })
}

// relateRandom names a sender that a program made up, beside a claim that is not
// met.
func (r *relation) relateRandom() {
	what := r.random()
	if what == "" {
		return
	}
	for i := range r.standings {
		if s := &r.standings[i]; s.unmet(faint) {
			r.add(RandomSender, s.brand.ID, what+" is made up by a program, and "+r.claimsWhat(s))
			return
		}
	}
	for _, f := range r.found {
		if f.Name == UnknownClaim {
			r.add(RandomSender, "", what+" is made up by a program, and the message "+f.Why)
			return
		}
	}
}

// random returns the mailbox or domain of From that a program made up, "" for
// none.
func (r *relation) random() string {
	for i, box := range r.Message.From {
		if i == maxMailboxes {
			break
		}
		if made(box.Local) {
			return box.Local + "@"
		}
		label, _, _ := strings.Cut(proof.OrgDomain(box.Domain), ".")
		if label != "" && !strings.HasPrefix(label, "xn--") && (made(label) || mixed(label)) {
			return proof.OrgDomain(box.Domain)
		}
	}
	return ""
}

// made reports letters in a row of which fewer than one in eight is a vowel.
func made(s string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(cut(s, maxNameBytes), func(c rune) bool { return !unicode.IsLetter(c) }), func(run string) bool {
		return len(run) >= minMade && 8*vowels(run) < len(run)
	})
}

// mixed reports a label in which letters and digits take turns: people put digits
// at the ends of names.
func mixed(label string) bool {
	turns := 0
	for i := 1; i < len(label); i++ {
		if digit(label[i]) != digit(label[i-1]) && label[i] != '-' && label[i-1] != '-' {
			turns++
		}
	}
	return turns >= minTurns
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// relateCallBack names messages in which a brand is said to have charged something,
// and which give a number to call instead of a link: who calls speaks to the
// impostor. Nothing but the text claims the brand then.
func (r *relation) relateCallBack() {
	if r.authority() || r.repeats() != "" || r.related(r.Sender.Own) {
		return
	}
	i := slices.IndexFunc(r.standings, func(s standing) bool {
		return !s.met && !s.unlooked && !s.ownFrom && s.brand.Tier != brand.Broad && sells(s.brand) && plainly(&s)
	})
	if i < 0 {
		return
	}
	billed := r.firstPhrase(bills())
	if billed == "" {
		return
	}
	if number := r.numberToCall(); number != "" {
		b := r.standings[i].brand
		r.add(CallBack, b.ID, "says "+quote(billed)+", names "+b.Name+" and asks to call "+quote(number)+"; "+r.provedWhat())
	}
}

// plainly reports whether the message names the brand of s: in a name that is no
// everyday word, or in one both in the subject and below it.
func plainly(s *standing) bool {
	above, below := false, false
	for _, c := range s.claims {
		switch {
		case c.Place == claim.LinkHost:
		case !c.Ambiguous:
			return true
		case c.Place == claim.Subject || c.Place == claim.SubjectBracket:
			above = true
		default:
			below = true
		}
	}
	return above && below
}

// sells reports whether b is one that such letters claim to be billed by.
func sells(b *brand.Brand) bool {
	switch b.Category {
	case "security", "payment", "ecommerce", "marketplace", "technology", "business-software", "crypto", "streaming":
		return true
	}
	return false
}

// billPhrases tell of money that was charged.
var billPhrases = [...]string{
	"has been charged", "have been charged", "will be charged", "has been debited", "will be debited", "auto-renew", "automatic renewal", "renewed", "renewal", "subscription", "your order", "order confirmation", "order id", "order number", "invoice", "billed", "purchase", "payment received", "payment confirmation",
}

// bills holds billPhrases as texts are folded.
var bills = sync.OnceValue(func() *phrases { return newPhrases(billPhrases[:]) })

// callWords stand beside a number to call.
var callWords = [...]string{"call", "phone", "dial", "helpline", "help line", "toll", "contact", "reach us", "support", "cancel", "refund", "customer care"}

// numberToCall returns a telephone number that the reader is asked to call.
func (r *relation) numberToCall() string {
	left := maxLureBytes
	for _, p := range r.Message.Passages {
		if p.Kind == mail.PassageHidden {
			continue
		}
		text := cut(p.Text, min(left, maxLureLine))
		if number := phone(text); number != "" && calls(text) {
			return number
		}
		if left -= len(text); left <= 0 {
			break
		}
	}
	if number := phone(cut(r.Message.Subject.Shown, maxLureLine)); number != "" {
		return number
	}
	return ""
}

func calls(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(callWords[:], func(w string) bool { return strings.Contains(text, w) })
}

// phone returns the first telephone number in s that is written as one: ten to
// thirteen digits with signs between them.
func phone(s string) string {
	start, digits, signs := -1, 0, 0
	for i := 0; i <= len(s); i++ {
		c := byte(0)
		if i < len(s) {
			c = s[i]
		}
		switch {
		case digit(c) || c == '+' || c == '(':
			if start < 0 {
				start, digits, signs = i, 0, 0
			}
			if digit(c) {
				digits++
			} else {
				signs++
			}
		case start >= 0 && (c == '-' || c == '.' || c == ' ' || c == ')' || c == '/'):
			signs++
		case start >= 0 && c >= 0x80:
			signs++ // the marks that hide a number from programs
		default:
			if start >= 0 && digits >= minPhone && digits <= maxPhone && signs >= 2 && !dated(s[start:i]) {
				return strings.TrimRight(s[start:i], " -./(")
			}
			start = -1
		}
	}
	return ""
}

// dated reports a number that begins as a date does: 2024-11-24.
func dated(s string) bool {
	return len(s) > 4 && (s[:2] == "20" || s[:2] == "19") && (s[4] == '-' || s[4] == '/' || s[4] == '.')
}

// repeats tells why names in a message may be somebody else's words: it answers,
// passes on, or was posted to a list; "" where none of that is so.
func (r *relation) repeats() string {
	h := r.Message.Header
	if _, answers := h.First("In-Reply-To"); answers {
		return "it answers another message"
	}
	if _, answers := h.First("References"); answers {
		return "it answers another message"
	}
	_, posted := h.First("List-Post")
	if list := listOf(h); list != "" && posted {
		return "it was posted to the list " + list
	}
	return ""
}

// relatePassedOn tells why a claim weighs less than it would by itself.
func (r *relation) relatePassedOn() {
	for i := range r.standings {
		if s := &r.standings[i]; s.lowered != "" && !s.met {
			r.add(PassedOn, s.brand.ID, r.claimsWhat(s)+", and "+s.lowered)
			return
		}
	}
}

// lower takes weight from what answers, passed-on messages and posts to lists say
// about brands. Anybody can write such header fields, so neither a display name nor
// a message that presses and leads astray is excused.
func (r *relation) lower(s *standing) {
	if s.weight < faint || s.met || slices.ContainsFunc(s.claims, func(c claim.Claim) bool {
		return (c.Place == claim.FromName || c.Place == claim.FromAddress) && c.Strength.AtLeast(claim.Medium)
	}) {
		return
	}
	if why := r.repeats(); why != "" && !r.pressed() {
		s.weight, s.lowered = s.weight-1, why
	}
}
