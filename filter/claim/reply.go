package claim

import (
	"sekisho/filter/mail"
)

// readReply finds brand names in the names and domains of Reply-To. Answers go
// there, and few clients show it, so it is a weak claim at most.
func (r *Reader) readReply(m *mail.Message, found *collection) {
	for i, box := range m.ReplyTo {
		if i == maxMailboxes {
			return
		}
		domain := cut(box.Domain, maxHostBytes)
		for _, n := range r.hosts.in(domain) {
			if !r.catalogue.Leads(n.brand, domain) {
				found.add(Claim{Brand: n.brand, Alias: n.name, Place: ReplyTo, Strength: Weak, Ambiguous: n.faint, Seen: cut(box.Address, maxSeenBytes), Folded: n.name})
			}
		}
		name := cut(box.Name.Shown, maxHeaderBytes)
		if len(name) > 0 && (len(m.From) == 0 || name != m.From[0].Name.Shown) { // the name of From stands there too, as a rule
			r.claimed(r.readShort(name), ReplyTo, found, always(Weak))
		}
	}
}

// readAssets finds pictures that come from a brand's own host while everything to
// be followed leads elsewhere. Many a message shows another firm's badge; so it
// claims something only of a brand that is named as well.
func (r *Reader) readAssets(m *mail.Message, found *collection) {
	if len(found.claims) == 0 {
		return
	}
	hosts := 0
	last := ""
	for i, l := range m.Links {
		if i == maxLinks || hosts == maxHosts {
			return
		}
		if l.Kind != mail.LinkImage || l.Host == "" || l.Host == last {
			continue
		}
		last = l.Host
		hosts++
		for _, holder := range r.catalogue.Holders(l.Host) {
			if found.names(holder.ID) && !r.follows(m, holder.ID) {
				found.add(Claim{Brand: holder.ID, Alias: l.Host, Place: Asset, Strength: Weak, Seen: l.Host, Folded: l.Host})
			}
		}
	}
}

// follows reports whether there is nothing to be followed in m, or a link that
// leads to the brand.
func (r *Reader) follows(m *mail.Message, id string) bool {
	followed := false
	for i, l := range m.Links {
		if i == maxLinks {
			break
		}
		if l.Kind == mail.LinkImage || l.Host == "" {
			continue
		}
		if followed = true; r.catalogue.Leads(id, l.Host) {
			return true
		}
	}
	return !followed
}
