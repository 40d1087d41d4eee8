package finding

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
	"sekisho/policy/brand"
)

// relateLinks looks at where the links lead that a reader is asked to follow.
func (r *relation) relateLinks() {
	for i := range r.standings {
		s := &r.standings[i]
		if s.unmet(counted) && !s.ownFrom && !r.minded(s) || s.ownFrom && r.refuted() || s.unmet(faint) && (named(s) || r.unvouched() && r.strays()) && r.lure() != "" {
			r.relateLeaving(s)
		}
	}
	r.relateAssets()
	r.relateLookalikes()
	r.relateMismatch()
}

// refuted reports whether a check says outright that From's domain did not send
// the message. Where the domain says nothing, its mail may just be unsigned, and
// unsigned mail of a brand has the click counters of its mailing service in it.
func (r *relation) refuted() bool {
	return r.Proof.DMARC.Result == dmarc.Fail || r.Proof.SPF.Result == spf.Fail
}

// named reports whether the display name of From holds the brand.
func named(s *standing) bool {
	return slices.ContainsFunc(s.claims, func(c claim.Claim) bool {
		return c.Place == claim.FromName && c.Strength.AtLeast(claim.Medium)
	})
}

// relateLeaving names links away from a brand that is claimed without proof.
// Genuine mail of a brand also links to stores and social networks, so where some
// links stay, the known sites of other brands do not count.
func (r *relation) relateLeaving(s *standing) {
	var leaving, elsewhere []string
	stays := false
	for i, l := range r.Message.Links {
		if i == maxLinks {
			break
		}
		if l.Kind == mail.LinkImage || l.Host == "" {
			continue
		}
		switch {
		case r.Catalogue.Leads(s.brand.ID, l.Host):
			stays = true
		case s.brand.Tier == brand.Broad && r.senders(l.Host):
		case len(r.Catalogue.Owners(l.Host)) > 0:
			elsewhere = appendHost(elsewhere, l.Host)
		default:
			leaving = appendHost(leaving, l.Host)
		}
	}
	if !stays {
		leaving = append(leaving, elsewhere...)
	}
	if len(leaving) == 0 {
		return
	}
	r.add(LinksLeaveBrand, s.brand.ID, r.claimsWhat(s)+"; links go to "+strings.Join(leaving[:min(len(leaving), maxEvidence)], ", "))
}

// appendHost adds a host that is not there, up to what is told.
func appendHost(hosts []string, host string) []string {
	if len(hosts) < maxEvidence && !slices.Contains(hosts, host) {
		return append(hosts, host)
	}
	return hosts
}

// relateAssets names pictures that are loaded from the host of a brand that the
// message claims without proof, while everything to be clicked on leads elsewhere:
// a copy of the brand's mail with other links.
func (r *relation) relateAssets() {
	for i := range r.standings {
		s := &r.standings[i]
		if !s.unmet(faint) || s.ownFrom {
			continue
		}
		for _, c := range s.claims {
			if c.Place == claim.Asset {
				r.add(HotLinked, s.brand.ID, "pictures come from "+c.Seen+", a host of "+s.brand.Name+", and no link leads to it")
				return
			}
		}
	}
}

// relateLookalikes names hosts and From domains that bear the name of a brand
// which they are not.
func (r *relation) relateLookalikes() {
	for i := range r.standings {
		s := &r.standings[i]
		if s.met || s.ownFrom {
			continue
		}
		for _, c := range s.claims {
			inDomain := c.Place == claim.FromAddress && c.Strength.AtLeast(claim.Medium)
			if inDomain || c.Place == claim.LinkHost || c.Place == claim.ReplyTo && c.Alias == c.Folded && !strings.Contains(c.Seen, " ") {
				r.add(LookalikeHost, s.brand.ID, placeWords(c.Place)+" "+quote(c.Seen)+" bears the name of "+s.brand.Name+" and is not one of its domains")
				return
			}
		}
	}
}

// relateMismatch names links whose visible text is another site than they lead
// to. Links through the proved sender's own domain are how senders count clicks.
func (r *relation) relateMismatch() {
	for i, l := range r.Message.Links {
		if i == maxLinks {
			return
		}
		if l.Kind != mail.LinkAnchor || l.Host == "" || len(l.Text) == 0 || len(l.Text) > maxLinkText {
			continue
		}
		shown := r.domainShown(l.Text)
		if shown == "" || r.belongTogether(shown, l.Host) {
			continue
		}
		brand := ""
		if owners := r.Catalogue.Owners(shown); len(owners) > 0 {
			brand = owners[0].ID
		}
		r.add(LinkMismatch, brand, "a link shows "+shown+" and leads to "+l.Host)
		return
	}
}

// belongTogether reports whether a link that shows one host may lead to target.
func (r *relation) belongTogether(shown, target string) bool {
	org := proof.OrgDomain(target)
	if org == proof.OrgDomain(shown) || r.Catalogue.MailService(target) || slices.Contains(linkGuards[:], org) {
		return true
	}
	if r.Proof.Source == proof.FromNobody && org == r.Proof.FromOrg {
		return true
	}
	for _, identity := range r.Proof.Identities {
		if identity.Aligned && identity.OrgDomain == org {
			return true
		}
	}
	for _, owner := range r.Catalogue.Owners(shown) {
		if r.Catalogue.Leads(owner.ID, target) {
			return true
		}
	}
	return false
}

// linkGuards are services that rewrite links on the way to their customers, so
// that a click is checked first. Where such a link leads is not to be seen.
var linkGuards = [...]string{"outlook.com", "urldefense.com", "proofpoint.com", "symantec.com", "cudasvc.com", "mimecast.com", "mimecastprotect.com", "cisco.com", "trendmicro.com", "barracudanetworks.com"}

// domainShown returns the host that the visible text of a link is, "" when the
// text is something else. Text without a scheme must look like a site that people
// know: file names ("notes.md") look like domains too.
func (r *relation) domainShown(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	bare := strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "http://")
	sure := bare != text || strings.HasPrefix(text, "www.")
	if end := strings.IndexAny(bare, "/?#:"); end >= 0 {
		bare = bare[:end]
	}
	if strings.ContainsAny(bare, " \t@,()…") || !strings.Contains(bare, ".") {
		return ""
	}
	host, ok := mail.ASCIIDomain(bare)
	if !ok {
		return ""
	}
	suffix, managed := publicsuffix.PublicSuffix(host)
	if !managed || suffix == host {
		return ""
	}
	if !sure && len(r.Catalogue.Owners(host)) == 0 {
		return ""
	}
	return host
}
