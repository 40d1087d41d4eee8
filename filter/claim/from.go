package claim

import (
	"strings"

	"sekisho/filter/mail"
	"sekisho/policy/brand"
)

// readFrom reads the display names and addresses of From.
func (r *Reader) readFrom(m *mail.Message, found *collection) {
	for i, box := range m.From {
		if i == maxMailboxes {
			return
		}
		for _, name := range readings(box.Name) {
			r.readName(name, found)
		}
		r.readAddress(box, found)
	}
}

// readName grades a display name: nothing but a brand and words of a service, or a
// brand set off from what follows ("Brand - your parcel"), is the name of that
// brand's sender; anything else is a name in which the brand stands.
func (r *Reader) readName(name string, found *collection) {
	t := r.readShort(name)
	if len(t.matches) == 0 {
		r.readSite(name, found)
		r.readNear(name, FromName, found)
		return
	}
	rest := r.words.residue(t)
	r.claimed(t, FromName, found, func(m brand.Match) Strength {
		switch {
		case m.Brand.Tier == brand.Broad && t.inAddress(m):
			return Mention // a nickname, or a person's address
		case rest.shop:
			return Mention
		case rest.foreign == 0, r.words.opens(t, m) && separates(t.text.Folded[m.End:]):
			return Strong
		case m.Alias.Ambiguous && rest.person():
			return Mention
		}
		return Medium
	})
}

// readSite reads a display name that is nothing but a site of a brand: proton.me.
func (r *Reader) readSite(name string, found *collection) {
	host, ok := mail.ASCIIDomain(strings.TrimSpace(name))
	if !ok || !strings.Contains(host, ".") || len(host) > maxHostBytes {
		return
	}
	if keepers := r.catalogue.Keepers(host); len(keepers) > 0 {
		found.add(Claim{Brand: keepers[0].ID, Alias: host, Place: FromName, Strength: Strong, Seen: around(name, name), Folded: host})
	}
}

// readAddress finds brand names in an address of somebody else. A domain is
// chosen by its owner, a local part by anybody with a mailbox.
func (r *Reader) readAddress(box mail.Mailbox, found *collection) {
	domain := cut(box.Domain, maxHostBytes)
	for _, n := range r.hosts.in(domain) {
		if r.catalogue.Leads(n.brand, domain) {
			continue
		}
		found.add(Claim{Brand: n.brand, Alias: n.name, Place: FromAddress, Strength: Medium, Seen: cut(box.Address, maxSeenBytes), Folded: n.name})
	}
	for _, n := range r.hosts.inLabel(strings.ToLower(cut(box.Local, maxHostBytes))) {
		if n.broad || domain != "" && r.catalogue.Leads(n.brand, domain) {
			continue
		}
		found.add(Claim{Brand: n.brand, Alias: n.name, Place: FromAddress, Strength: Weak, Seen: cut(box.Address, maxSeenBytes), Folded: n.name})
	}
}
