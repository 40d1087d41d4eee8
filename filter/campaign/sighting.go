package campaign

import (
	"slices"
	"strings"
	"time"

	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
)

// sighting is what is kept of one message that claims a brand without proof.
type sighting struct {
	at         time.Time
	trace      string
	brand      string
	recipients int
	org        string // that is authenticated as the author; "" for nobody
	sender     uint64 // the same for one organisation, or one mailbox of a provider; 0 for nobody
	shape      string
	sites      []uint64 // where links lead, without what is everybody's
	sketch     sketch
}

// sight reads a message. It is false for one that claims nothing, or proves it.
func (h hasher) sight(in finding.Input, found []finding.Finding, trace string, at time.Time) (sighting, bool) {
	id := claimed(found)
	if id == "" {
		return sighting{}, false
	}
	s := sighting{at: at, trace: trace, brand: id, recipients: 1, shape: shape(in.Message.Links), sketch: h.sketch(in.Message)}
	if in.Envelope != nil {
		s.recipients = max(1, len(in.Envelope.Recipients))
	}
	s.org, s.sender = h.author(in, found)
	s.sites = h.sites(in, s.org)
	return s, true
}

// claimed is the brand that a message claims without proof, with more than a faint
// claim.
func claimed(found []finding.Finding) string {
	for _, f := range found {
		switch f.Name {
		case finding.Impersonation, finding.UnprovedClaim, finding.SpoofedBrand:
			return f.Brand
		}
	}
	return ""
}

// author is who is authenticated as the author. What answers, is passed on or was
// posted to a list has another author than its words: it says nothing about an
// account.
func (h hasher) author(in finding.Input, found []finding.Finding) (org string, sender uint64) {
	if finding.Has(found, finding.PassedOn) || len(in.Message.From) != 1 {
		return "", 0
	}
	for _, id := range in.Proof.Identities {
		if !id.Aligned {
			continue
		}
		// A copy: a part of the message's own text would hold all of it in memory.
		org, name := strings.Clone(proof.OrgDomain(id.Domain)), ""
		if from := in.Proof.FromDomain; in.Catalogue.Mailbox(from) || in.Catalogue.MailService(from) || in.Catalogue.TenantSpace(from) {
			name = in.Message.From[0].Address
		}
		return org, h.text(org + "\x00" + name)
	}
	return "", 0
}

// sites are the organisations that links lead to, under the key: not the sender's
// own, no brand's, and none where everybody has pages.
func (h hasher) sites(in finding.Input, org string) []uint64 {
	var all []uint64
	for i, l := range in.Message.Links {
		if i == maxShapes || len(all) == maxSites {
			break
		}
		to := proof.OrgDomain(l.Host)
		if l.Host == "" || l.Kind == mail.LinkImage || to == org || common(in.Catalogue, l.Host) {
			continue
		}
		if x := h.text(to); !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}

// common reports a host that says nothing about who leads there.
func common(c *brand.Catalogue, host string) bool {
	return c.TenantSpace(host) || c.Redirector(host) || c.MailService(host) || c.Mailbox(host) || len(c.Keepers(host)) > 0 || len(c.Holders(host)) > 0
}
