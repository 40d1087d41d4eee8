package finding

import (
	"slices"
	"strings"
	"sync"

	"sekisho/filter/claim"
	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// Some claims are too common in honest mail to count by themselves: the name of a
// market with the word for a shop, a brand in the topic of a subject, a second
// brand in a brand's own mail. They count where the message presses and leads to a
// site of somebody whom nobody knows.

// pressed reports whether the message has pressing words and a link that strays.
func (r *relation) pressed() bool { return r.lure() != "" && r.strays() }

// strays reports whether a link to follow leads neither to the sender's own
// organisation nor to a brand's, nor to a service that counts clicks or guards
// links.
func (r *relation) strays() bool {
	for i, l := range r.Message.Links {
		if i == maxLinks {
			break
		}
		if l.Kind == mail.LinkImage || l.Host == "" || len(r.Catalogue.Owners(l.Host)) > 0 {
			continue
		}
		org := proof.OrgDomain(l.Host)
		if !r.home(org) && !r.Catalogue.MailService(l.Host) && !slices.Contains(linkGuards[:], org) {
			return true
		}
	}
	return false
}

// home reports whether org is the organisation of the author: the proved one, that of a
// list which is proved to have passed the message on, or
// the one that From names where nothing was checked.
func (r *relation) home(org string) bool {
	if r.Proof.Source == proof.FromNobody && org == r.Proof.FromOrg {
		return true
	}
	list := proof.OrgDomain(listOf(r.Message.Header))
	return slices.ContainsFunc(r.Proof.Identities, func(id proof.Identity) bool {
		return (id.Aligned || id.OrgDomain == list) && id.OrgDomain == org
	})
}

// pressedTopic reports whether the subject names the brand and presses by itself.
func (r *relation) pressedTopic(c claim.Claim) bool {
	return c.Place == claim.Subject && c.Strength == claim.Weak && !c.Ambiguous && lureIn(r.Message.Subject.Shown) != "" && r.strays()
}

// pressedBracket reports whether s is claimed in front of a pressing subject.
func (r *relation) pressedBracket(s *standing) bool {
	return r.pressed() && slices.ContainsFunc(s.claims, func(c claim.Claim) bool {
		return c.Place == claim.SubjectBracket && c.Strength == claim.Strong && !c.Ambiguous
	})
}

// besides reports whether From names the brand beside a name of its own, as those
// do who work with a brand ("freee Support Yamada Office"), and nothing but the
// subject claims it otherwise.
func besides(s *standing) bool {
	own := false
	for _, c := range s.claims {
		switch {
		case c.Place == claim.FromName && !c.Beside:
			return false
		case c.Place == claim.FromName:
			own = true
		case c.Place == claim.SubjectBracket || c.Place == claim.Subject:
		case c.Strength.AtLeast(claim.Medium):
			return false
		}
	}
	return own
}

// everyday reports whether s is claimed in everyday words only, and the author's
// proved domain bears the word too: visas are the trade of visa-office.example.
func (r *relation) everyday(s *standing) bool {
	return !slices.ContainsFunc(s.claims, func(c claim.Claim) bool { return !c.Ambiguous || !r.provedWith(c.Folded) })
}

// provedWith reports whether the author is proved in a domain that has word in it.
func (r *relation) provedWith(word string) bool {
	return slices.ContainsFunc(r.identities, func(id proof.Identity) bool {
		return id.Aligned && strings.Contains(id.OrgDomain, word)
	})
}

// minded reports whether the message minds its own business, for all that it
// names the brand of s: it does not press, and it speaks in a name of its own or
// in an everyday word that is its own name too, and keeps to the author's site.
func (r *relation) minded(s *standing) bool {
	return r.lure() == "" && (besides(s) || r.everyday(s) && !r.strays())
}

// excuse lowers what honest mail says about brands: those who work with one, in
// their own name and on their own site, and those who warn of such mail as
// this package looks for.
func (r *relation) excuse(s *standing) {
	switch {
	case besides(s) && r.lure() == "" && len(r.identities) > 0 && !r.strays():
		s.weight = min(s.weight, faint)
	case s.weight == faint && !slices.ContainsFunc(s.claims, inName) && r.warns() && !r.strays():
		s.weight = mentioned
	}
}

func inName(c claim.Claim) bool { return c.Place == claim.FromName }

// warningWords are in the subjects of those who warn their people.
var warningWords = [...]string{
	"注意喚起", "不審なメール", "不審メール", "迷惑メール", "なりすまし", "フィッシング", "偽メール", "詐欺メール", "を騙る", "をかたる", "を装った", "を装う",
	"phishing", "scam alert", "fraud warning", "spoofed", "fake email", "impersonat",
}

// warnings holds warningWords as texts are folded.
var warnings = sync.OnceValue(func() []string {
	var folded []string
	for _, w := range warningWords {
		folded = append(folded, canon.Fold(w).Folded)
	}
	return folded
})

// warns reports whether the subject says that the message is a warning.
func (r *relation) warns() bool {
	subject := canon.Fold(cut(r.Message.Subject.Shown, maxLureLine)).Folded
	return slices.ContainsFunc(warnings(), func(w string) bool { return strings.Contains(subject, w) })
}
