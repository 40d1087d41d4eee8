package finding

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
)

// weighBroad weighs the claims of an organisation of the broad tier. Of it little
// more than its name and main domain is known: it may send from names that nobody
// has listed, and others may bear its name. So only being the sender counts, and
// needs a second thing that tells an impostor. In a subject the name is a faint
// claim at most, beside pressing words of a sender whom nothing proves.
func (r *relation) weighBroad(s *standing) weight {
	named, whole, topic := false, false, false
	for _, c := range s.claims {
		switch c.Place {
		case claim.FromName, claim.SubjectBracket:
			strength := r.strength(c)
			named = named || strength.AtLeast(claim.Medium)
			whole = whole || strength == claim.Strong
		case claim.Subject:
			topic = topic || c.Strength.AtLeast(claim.Weak)
		}
	}
	whole = whole || named && topic
	switch {
	case r.namesake(s):
		return mentioned
	case !named && topic && r.unvouched() && r.lure() != "":
		return faint
	case !named:
		return mentioned
	case s.met, whole && r.betrayed(s):
		return counted
	case whole || r.betrayed(s):
		return faint
	}
	return mentioned
}

// namesake reports whether the proved sender, or the one named when nothing was
// checked, has the organisation's name for its own: the same registered label
// under a country's or one of the oldest top-level names. That is a further
// domain of the organisation, or another firm that may call itself so.
func (r *relation) namesake(s *standing) bool {
	if r.Proof.Source == proof.FromNobody && labelled(s.brand, r.Proof.FromOrg) {
		return true
	}
	return slices.ContainsFunc(r.Proof.Identities, func(i proof.Identity) bool {
		return i.Aligned && labelled(s.brand, i.OrgDomain)
	})
}

// labelled reports whether the registered label of org is a name of b.
func labelled(b *brand.Brand, org string) bool {
	suffix, _ := publicsuffix.PublicSuffix(org)
	top := suffix[strings.LastIndexByte(suffix, '.')+1:]
	if len(top) != 2 && !slices.Contains(oldTops[:], top) {
		return false
	}
	label := bare(strings.TrimSuffix(org, "."+suffix))
	return slices.ContainsFunc(b.Aliases, func(a brand.Alias) bool { return bare(a.Name) == label }) ||
		slices.ContainsFunc(b.Domains, func(d string) bool {
			own, _, _ := strings.Cut(d, ".")
			return bare(own) == label
		})
}

// oldTops are the general top-level names of RFC 1591 that firms register in.
var oldTops = [...]string{"com", "net", "org"}

// bare returns the letters and digits of an ASCII name in small letters.
func bare(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 0x80:
			return c
		}
		return -1
	}, s)
}

// betrayed reports whether something beside the name speaks for an impostor:
// pressing words, links to follow that lead to neither the organisation nor the
// sender, a free or made-up mailbox, or checks that did not prove the author.
func (r *relation) betrayed(s *standing) bool {
	return r.lure() != "" || r.Catalogue.Mailbox(r.Proof.FromDomain) || r.unvouched() || r.jumbled() || len(r.strangers(s)) > 0
}

// unvouched reports whether checks were made and nothing proves the author.
func (r *relation) unvouched() bool {
	return r.Proof.Source != "" && r.Proof.Source != proof.FromNobody && !r.uncertain() && !r.aligned()
}

// jumbled reports whether a program made up the author's mailbox: letters in a row
// of which fewer than one in four is a vowel, as no name and no word for a
// department has. Organisations write from mailboxes that people can read.
func (r *relation) jumbled() bool {
	return slices.ContainsFunc(r.Message.From, func(box mail.Mailbox) bool {
		runs := strings.FieldsFunc(cut(box.Local, maxNameBytes), func(c rune) bool { return !unicode.IsLetter(c) })
		return slices.ContainsFunc(runs, func(run string) bool {
			return len(run) >= minJumble && 4*vowels(run) < len(run)
		})
	})
}

// vowels counts the vowels of s; letters beyond ASCII are taken for vowels.
func vowels(s string) int {
	n := 0
	for _, c := range s {
		if c >= utf8.RuneSelf || strings.ContainsRune("aeiouyAEIOUY", c) {
			n++
		}
	}
	return n
}

// strangers returns hosts of links to follow that are neither the brand's nor the
// sender's, nor known sites, nor the counters of a mailing service.
func (r *relation) strangers(s *standing) []string {
	var hosts []string
	for i, l := range r.Message.Links {
		if i == maxLinks {
			break
		}
		if l.Kind == mail.LinkImage || l.Host == "" || r.Catalogue.Leads(s.brand.ID, l.Host) || r.senders(l.Host) {
			continue
		}
		anyones := r.Catalogue.TenantSpace(l.Host) || r.Catalogue.Redirector(l.Host)
		if anyones || len(r.Catalogue.Owners(l.Host)) == 0 && !r.Catalogue.MailService(l.Host) {
			hosts = appendHost(hosts, l.Host)
		}
	}
	return hosts
}

// senders reports whether host is under the domain of From or of a proved
// identity.
func (r *relation) senders(host string) bool {
	org := proof.OrgDomain(host)
	return org == r.Proof.FromOrg || slices.ContainsFunc(r.Proof.Identities, func(i proof.Identity) bool { return i.OrgDomain == org })
}
