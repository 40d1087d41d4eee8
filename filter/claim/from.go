package claim

import (
	"bytes"
	"strings"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/mail"
	"sekisho/policy/brand"
)

// readFrom reads the display names and addresses of From.
func (r *Reader) readFrom(m *mail.Message, found *collection) {
	r.readGroups(m, found)
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

// readGroups reads the names of groups (RFC 6854): there clients show them where
// they show names.
func (r *Reader) readGroups(m *mail.Message, found *collection) {
	named := 0
	for _, d := range m.Deviations {
		if d.Name != mail.DeviationGroup || d.Where != "From" {
			continue
		}
		for _, f := range m.Header {
			if named == maxGroups || !strings.EqualFold(f.Name, "From") {
				continue
			}
			named++
			_, value, _ := bytes.Cut(f.Raw, []byte(":"))
			name, _, _ := bytes.Cut(value, []byte(":"))
			for _, text := range readings(mail.DecodeText(bytes.TrimSpace(name))) {
				r.readName(strings.Trim(text, `"`), found)
			}
		}
		return
	}
}

// readName grades a display name: nothing but a brand and words of a service, or a
// brand set off from what follows ("Brand - your parcel"), is the name of that
// brand's sender; so is the operator's own organisation before one of its departments; anything else is a name in which the brand stands.
func (r *Reader) readName(name string, found *collection) {
	t := r.readShort(name)
	if len(t.matches) == 0 {
		t = r.readGlued(name)
	}
	if len(t.matches) == 0 {
		r.readSite(name, found)
		r.readNear(name, FromName, found)
		return
	}
	rest := r.words.residue(t)
	t.shop, t.beside = rest.shop, rest.own() > 0
	r.claimed(t, FromName, found, func(m brand.Match) Strength {
		switch {
		case m.Brand.Tier == brand.Broad && t.inAddress(m):
			return Mention // a nickname, or a person's address
		case rest.shop:
			return Weak
		case rest.foreign == 0, r.words.opens(t, m) && separates(t.text.Folded[m.End:]), r.words.sentBy(t, m), m.Brand.Own && r.words.opens(t, m):
			return Strong
		case m.Alias.Ambiguous && rest.person():
			return Mention
		}
		return Medium
	})
}

// unnamed reports whether no display name of From says who writes: there is none,
// or one of nothing but words of a service ("Customer support").
func (r *Reader) unnamed(m *mail.Message) bool {
	for i, box := range m.From {
		if i == maxMailboxes {
			break
		}
		t := r.readShort(box.Name.Shown)
		if rest := r.words.residue(t); len(t.matches) > 0 || rest.foreign > 0 {
			return false
		}
	}
	return true
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
		found.add(Claim{Brand: n.brand, Alias: n.name, Place: FromAddress, Strength: n.strength(), Ambiguous: n.faint, Seen: cut(box.Address, maxSeenBytes), Folded: n.name})
	}
	r.readBorrowed(box, domain, found)
	for _, n := range r.hosts.inLabel(strings.ToLower(cut(box.Local, maxHostBytes))) {
		if n.broad || domain != "" && r.catalogue.Leads(n.brand, domain) {
			continue
		}
		found.add(Claim{Brand: n.brand, Alias: n.name, Place: FromAddress, Strength: Weak, Seen: cut(box.Address, maxSeenBytes), Folded: n.name})
	}
}

// readBorrowed finds the whole domain of a brand at the left end of somebody
// else's (info@brand.example.evil.example), or inside a quoted local part
// ("info@brand.example"@evil.example): people read addresses from the left.
func (r *Reader) readBorrowed(box mail.Mailbox, domain string, found *collection) {
	if at := strings.LastIndexByte(box.Local, '@'); at >= 0 {
		r.borrowed(strings.ToLower(strings.Trim(box.Local[at+1:], `"`)), domain, box, found)
	}
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return // a public suffix: nothing stands to the left
	}
	left := strings.TrimSuffix(domain, org)
	for dot, labels := 0, 0; labels < maxHostLabels; labels++ {
		next := strings.IndexByte(left[dot:], '.')
		if next < 0 {
			return
		}
		r.borrowed(left[:dot+next], domain, box, found)
		dot += next + 1
	}
}

func (r *Reader) borrowed(shown, domain string, box mail.Mailbox, found *collection) {
	if len(shown) > maxHostBytes || !strings.Contains(shown, ".") {
		return
	}
	for _, owner := range r.catalogue.Owners(shown) {
		if domain == "" || !r.catalogue.Leads(owner.ID, domain) {
			found.add(Claim{Brand: owner.ID, Alias: shown, Place: FromAddress, Strength: Strong, Seen: cut(box.Address, maxSeenBytes), Folded: shown})
		}
	}
}
