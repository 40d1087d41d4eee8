package finding

import (
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
)

// relateSender looks at who sends in a brand's name: its kind, the address in
// its display name, where answers go, and to how many it writes at once.
func (r *relation) relateSender() {
	r.relateNameAddress()
	for i := range r.standings {
		s := &r.standings[i]
		if !s.unmet(faint) {
			continue
		}
		r.relateReply(s)
		if s.weight < counted {
			continue
		}
		if domain, ok := r.institution(); ok && consumer(s.brand) {
			r.add(ImplausibleFrom, s.brand.ID, domain+" is a school, public body or clinic, and "+r.claimsWhat(s))
		}
		if r.Envelope != nil && len(r.Envelope.Recipients) >= manyRecipients {
			r.add(ManyRecipients, s.brand.ID, fmt.Sprintf("%d recipients in one transaction, and %s", len(r.Envelope.Recipients), r.claimsWhat(s)))
		}
	}
}

// institution returns the sender's domain where it belongs to a school, public
// body or clinic. Their accounts are broken into and pass every check, but none
// of them speaks for a consumer brand.
func (r *relation) institution() (string, bool) {
	for _, identity := range r.identities {
		if institutional(identity.Domain) {
			return identity.Domain, true
		}
	}
	return r.Proof.FromDomain, institutional(r.Proof.FromDomain)
}

// institutional reports whether a registry gives names like domain to schools,
// universities, public bodies and hospitals only.
func institutional(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return false
	}
	top, second := labels[len(labels)-1], labels[len(labels)-2]
	switch top {
	case "edu", "gov", "mil", "hospital", "university", "school":
		return true
	}
	if len(top) != 2 {
		return false
	}
	switch second {
	case "ac", "edu", "ed", "lg", "go", "gov", "gob", "gouv", "gc", "sch", "school", "nhs":
		return len(labels) > 2
	}
	return len(labels) > 3 && top == "us" && labels[len(labels)-3] == "k12"
}

// consumer reports whether b is a brand whose customers are the public. Software
// and services that schools and towns run for their own people are not: they
// write about them with good reason.
func consumer(b *brand.Brand) bool {
	switch b.Category {
	case "ai", "association", "business-software", "cloud", "cloud-storage", "conferencing", "corporate", "developer",
		"e-signature", "email-service", "government", "hosting", "jobs", "technology", "utility", "webmail":
		return false
	}
	return true
}

// relateNameAddress names a display name that shows an address of somebody else,
// or is nothing but somebody else's domain: many clients show the name alone.
func (r *relation) relateNameAddress() {
	for i, box := range r.Message.From {
		if i == maxMailboxes {
			return
		}
		name := cut(box.Name.Shown, maxNameBytes)
		shown := addressIn(name)
		if shown == "" && knownDomain(name) {
			shown = name
		}
		if shown == "" || box.Domain == "" {
			continue
		}
		if domain, ok := mail.ASCIIDomain(shown); ok && proof.OrgDomain(domain) != proof.OrgDomain(box.Domain) {
			r.add(NameAddress, "", "the display name "+quote(box.Name.Shown)+" shows "+domain+", the mail is from "+box.Domain)
		}
	}
}

// knownDomain reports whether name is a domain name under a public suffix.
func knownDomain(name string) bool {
	domain, ok := mail.ASCIIDomain(name)
	if !ok || !strings.Contains(domain, ".") {
		return false
	}
	suffix, managed := publicsuffix.PublicSuffix(domain)
	return managed && suffix != domain
}

// addressIn returns the domain of the last address in s, "" when there is none.
func addressIn(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || strings.ContainsRune(" \t<(\"'", rune(s[at-1])) {
		return ""
	}
	domain := s[at+1:]
	if end := strings.IndexAny(domain, " \t<>()\"',;:/\\|［］【】「」（）＜＞"); end >= 0 {
		domain = domain[:end]
	}
	domain = strings.TrimRight(domain, ".")
	if !strings.Contains(domain, ".") {
		return ""
	}
	return domain
}

// relateReply names answers that would go to a free mailbox elsewhere.
func (r *relation) relateReply(s *standing) {
	for i, box := range r.Message.ReplyTo {
		if i == maxMailboxes {
			return
		}
		if box.Domain != "" && box.Domain != r.Proof.FromDomain && r.Catalogue.Mailbox(box.Domain) {
			r.add(ReplyElsewhere, s.brand.ID, "answers go to a mailbox at "+box.Domain+", and "+r.claimsWhat(s))
			return
		}
	}
}
