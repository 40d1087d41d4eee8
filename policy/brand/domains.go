package brand

import (
	"slices"
	"strings"
)

// right says what a name means to the brands of a group.
type right struct {
	group int32
	as    use
}

type use byte

const (
	own    use = iota // proves the group, and everything under it does
	sender            // sends for the group
	exact             // proves the group although customers write under the name above it; not what lies below
	linked            // may be linked in the group's mail, proves nothing
)

// nobody says why a name proves no brand.
type nobody byte

const (
	mailService    nobody = 1 << iota // sends for anyone
	tenantSpace                       // anyone's pages and mail
	redirector                        // leads anywhere
	mailbox                           // customers write from exactly this name
	mailboxesUnder                    // and from the names under it
)

// Owns reports whether mail proved to come from domain comes from the brand: a
// name of the brand itself or of a brand in its owner group, one that is under
// their suffixes or top-level names, or that of a service that sends for them
// alone. Services for anyone, tenants' space, redirectors and customers'
// mailboxes prove nothing, whoever owns them.
func (c *Catalogue) Owns(id, domain string) bool {
	i, ok := c.byID[id]
	if !ok {
		return false
	}
	for _, g := range c.proved(domain) {
		if g == c.group[i] {
			return true
		}
	}
	return false
}

// Owners returns the brands for which Owns holds, in the order of their ids. A
// name below a shared suffix (gov.uk) has several owners.
func (c *Catalogue) Owners(domain string) []*Brand { return c.members(c.proved(domain)) }

// Keepers returns the brands that list a name at or above host as one of theirs,
// in the order of their ids, even where it proves nothing because customers write
// from it.
func (c *Catalogue) Keepers(host string) []*Brand {
	host = hostname(host)
	var groups []int32
	for name := range parents(host) {
		for _, r := range c.hosts[name] {
			if r.as == own && !slices.Contains(groups, r.group) {
				groups = append(groups, r.group)
			}
		}
	}
	return c.members(groups)
}

// Holders returns the brands for which Leads holds, in the order of their ids.
func (c *Catalogue) Holders(host string) []*Brand {
	host = hostname(host)
	if c.excluded(host)&(tenantSpace|redirector) != 0 {
		return nil
	}
	var groups []int32
	for name := range parents(host) {
		for _, r := range c.hosts[name] {
			if !slices.Contains(groups, r.group) {
				groups = append(groups, r.group)
			}
		}
	}
	return c.members(groups)
}

// members returns the brands of groups, in the order of their ids.
func (c *Catalogue) members(groups []int32) []*Brand {
	var all []int32
	for _, g := range groups {
		all = append(all, c.groups[g]...)
	}
	slices.Sort(all)
	brands := make([]*Brand, len(all))
	for i, b := range all {
		brands[i] = c.brands[b]
	}
	return brands
}

// proved returns the groups that domain proves, each once.
func (c *Catalogue) proved(domain string) []int32 {
	domain = hostname(domain)
	why := c.excluded(domain)
	var groups []int32
	for name := range parents(domain) {
		for _, r := range c.hosts[name] {
			if r.proves(name == domain, why) && !slices.Contains(groups, r.group) {
				groups = append(groups, r.group)
			}
		}
	}
	return groups
}

func (r right) proves(whole bool, why nobody) bool {
	switch r.as {
	case own:
		return why == 0
	case sender:
		return why&^mailService == 0
	case exact:
		return whole && why&^(mailboxesUnder|mailService) == 0
	}
	return false
}

// Leads reports whether a link to host stays with the brand: a name that it or
// its owner group runs for whatever use, or one that holds its images and
// scripts. Tenants' space and redirectors lead away.
func (c *Catalogue) Leads(id, host string) bool {
	i, ok := c.byID[id]
	host = hostname(host)
	if !ok || c.excluded(host)&(tenantSpace|redirector) != 0 {
		return false
	}
	for name := range parents(host) {
		for _, r := range c.hosts[name] {
			if r.group == c.group[i] {
				return true
			}
		}
	}
	return false
}

// Redirector reports a host whose links lead to pages of anyone.
func (c *Catalogue) Redirector(host string) bool { return c.excluded(hostname(host))&redirector != 0 }

// Mailbox reports a domain under which anyone, or any customer of a provider,
// has a mail address.
func (c *Catalogue) Mailbox(domain string) bool {
	return c.excluded(hostname(domain))&(mailbox|mailboxesUnder) != 0
}

// TenantSpace reports a host under which anyone may publish pages or send mail.
func (c *Catalogue) TenantSpace(host string) bool {
	return c.excluded(hostname(host))&tenantSpace != 0
}

// Top reports a name that is listed itself as proving nobody, not only one below
// such a name: firebaseapp.com, but not one customer's name below it.
func (c *Catalogue) Top(host string) bool { return c.nobody[hostname(host)] != 0 }

// MailService reports a domain from which a service sends for any customer.
func (c *Catalogue) MailService(domain string) bool {
	return c.excluded(hostname(domain))&mailService != 0
}

// excluded returns why domain proves nobody; 0 if nothing says so.
func (c *Catalogue) excluded(domain string) nobody {
	var why nobody
	for name := range parents(domain) {
		n := c.nobody[name]
		if name != domain {
			n &^= mailbox
		}
		why |= n
	}
	return why
}

// register enters the names of a brand of group g.
func (c *Catalogue) register(b *Brand, g int32) {
	enter := func(as use, names []string) {
		for _, name := range names {
			if r := (right{group: g, as: as}); !slices.Contains(c.hosts[name], r) {
				c.hosts[name] = append(c.hosts[name], r)
			}
		}
	}
	enter(own, b.Domains)
	enter(own, b.Suffixes)
	enter(own, b.TLDs)
	enter(sender, b.ESPDomains)
	enter(linked, b.AssetHosts)
	enter(linked, b.UserMail)
	for _, host := range b.MailDomains {
		if b.UserMailSubdomains && !slices.Contains(b.UserMail, host) {
			enter(exact, []string{host})
		}
	}
}

// exclude enters the names that prove nobody.
func (c *Catalogue) exclude(lists neverProof) {
	c.nobody = make(map[string]nobody)
	enter := func(why nobody, names []string) {
		for _, name := range names {
			c.nobody[name] |= why
		}
	}
	enter(mailService, values(lists.MailServices))
	enter(tenantSpace, values(lists.TenantSpace))
	enter(redirector, values(lists.Redirectors))
	enter(mailbox, values(lists.Mailboxes))
	for _, b := range c.brands {
		enter(mailbox, b.UserMail)
		if b.UserMailSubdomains {
			enter(mailboxesUnder, b.UserMail)
		}
	}
}

// hostname brings a name to the form of the index.
func hostname(s string) string {
	return strings.ToLower(strings.TrimSuffix(s, "."))
}

// parents yields a name and the names above it, the name itself first. A name
// longer than DNS allows has none.
func parents(name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name != "" && len(name) <= maxHost {
			if !yield(name) {
				return
			}
			_, name, _ = strings.Cut(name, ".")
		}
	}
}
