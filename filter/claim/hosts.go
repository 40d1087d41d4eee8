package claim

import (
	"slices"

	"sekisho/filter/mail"
)

// readHosts finds brand names in the hosts of links that people follow, where the
// host is not the brand's.
func (r *Reader) readHosts(m *mail.Message, found *collection) {
	seen := make([]string, 0, 8)
	for i, l := range m.Links {
		if i == maxLinks || len(seen) == maxHosts {
			return
		}
		if l.Kind == mail.LinkImage || l.Host == "" || len(l.Host) > maxHostBytes || slices.Contains(seen, l.Host) {
			continue
		}
		seen = append(seen, l.Host)
		names := r.hosts.in(l.Host)
		if len(names) == 0 || len(r.catalogue.Owners(l.Host)) > 0 {
			continue
		}
		for _, n := range names {
			if !r.catalogue.Leads(n.brand, l.Host) {
				found.add(Claim{Brand: n.brand, Alias: l.Host, Place: LinkHost, Strength: Weak, Ambiguous: n.faint, Seen: cut(l.URL, maxSeenBytes), Folded: n.name})
			}
		}
	}
}
