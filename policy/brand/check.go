package brand

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"sekisho/policy/strictyaml"
)

// formatVersion is the version of the data files that this program reads.
const formatVersion = 1

// checker gathers entries and what is wrong with them.
type checker struct {
	layer    int // 0: embedded, 1: the operator's
	docs     []*strictyaml.Document
	entries  []*filed
	byID     map[string]int // in entries
	lists    neverProof
	everyday map[string]struct{} // folded
	over     bool                // an entry took the place of an embedded one
}

// filed is an entry, the document it stands in and the layer of that.
type filed struct {
	entry
	doc   *strictyaml.Document
	layer int
}

func newChecker() *checker { return &checker{byID: make(map[string]int)} }

// read adds one file.
func (c *checker) read(name string, src []byte) {
	doc := strictyaml.Parse(name, src)
	c.docs = append(c.docs, doc)
	var f file
	doc.Decode(&f)
	if doc.Err() != nil {
		return // half-read entries would only be told wrong a second time
	}
	if f.Version.Value != formatVersion {
		doc.Errorf(f.Version.Pos, "version %d is not known; this program reads version %d", f.Version.Value, formatVersion)
		return
	}
	for i := range f.Brands {
		c.add(&filed{entry: f.Brands[i], doc: doc, layer: c.layer})
	}
	for i := range f.Protected {
		c.add(&filed{entry: f.Protected[i].entry(), doc: doc, layer: c.layer})
	}
	c.addLists(doc, f.NeverProof)
}

// add enters a brand; one of a lower layer with the same id gives way.
func (c *checker) add(e *filed) {
	at, known := c.byID[e.ID.Value]
	switch {
	case !known:
		c.byID[e.ID.Value] = len(c.entries)
		c.entries = append(c.entries, e)
	case c.entries[at].layer < e.layer:
		c.entries[at] = e
		c.over = true
	default:
		e.doc.Errorf(e.ID.Pos, "the id %q is taken at %s", e.ID.Value, c.entries[at].ID.Pos)
	}
}

func (c *checker) addLists(doc *strictyaml.Document, l neverProof) {
	for _, list := range [][]text{l.MailServices, l.TenantSpace, l.Redirectors, l.Mailboxes} {
		for _, host := range list {
			checkHost(doc, host)
		}
	}
	c.lists.MailServices = append(c.lists.MailServices, l.MailServices...)
	c.lists.TenantSpace = append(c.lists.TenantSpace, l.TenantSpace...)
	c.lists.Redirectors = append(c.lists.Redirectors, l.Redirectors...)
	c.lists.Mailboxes = append(c.lists.Mailboxes, l.Mailboxes...)
}

// catalogue returns the catalogue of all that was read, or all that is wrong.
func (c *checker) catalogue() (*Catalogue, error) {
	// Where two entries do not agree, the later one is to blame: the operator's, or
	// one of the broad tier.
	slices.SortStableFunc(c.entries, func(a, b *filed) int { return a.rank() - b.rank() })
	for _, e := range c.entries {
		e.check()
	}
	c.checkOwners()
	c.checkAliases()
	c.checkSenders()
	problems := make([]error, len(c.docs))
	for i, doc := range c.docs {
		problems[i] = doc.Err()
	}
	if err := strictyaml.Join(problems...); err != nil {
		return nil, err
	}
	brands := make([]*Brand, len(c.entries))
	for i, e := range c.entries {
		brands[i] = e.brand()
	}
	return assemble(brands, c.lists, c.everyday), nil
}

// rank orders entries for the checks between them.
func (e *filed) rank() int {
	if e.layer == 0 && e.broad() {
		return 2
	}
	return e.layer
}

func (e *filed) broad() bool { return Tier(e.Tier.Value) == Broad }

// yields reports whether e gives a name or domain up to other: an operator need
// not know the names of the whole broad tier.
func (e *filed) yields(other *filed) bool { return e.rank() > other.rank() && other.layer > 0 }

// checkOwners tells domains that two brands have which are not of one group.
func (c *checker) checkOwners() {
	type owner struct {
		*filed
		at text
	}
	owners := make(map[string]owner, 4*len(c.entries))
	for _, e := range c.entries {
		e.Domains = slices.DeleteFunc(e.Domains, func(d text) bool {
			first, taken := owners[d.Value]
			if !taken {
				owners[d.Value] = owner{e, d}
				return false
			}
			switch {
			case e.yields(first.filed):
				return true
			case first.filed == e:
				e.doc.Errorf(d.Pos, "%s is listed twice", d.Value)
			case e.OwnerGroup.Value == "" || e.OwnerGroup.Value != first.OwnerGroup.Value:
				e.doc.Errorf(d.Pos, "%s belongs to %s at %s; brands that share a domain have one owner_group", d.Value, first.ID.Value, first.at.Pos)
			}
			return false
		})
	}
}

// checkAliases tells aliases that are the same once they are folded.
func (c *checker) checkAliases() {
	type owner struct {
		*filed
		alias text
	}
	first := make(map[string]owner, 2*len(c.entries))
	for _, e := range c.entries {
		e.Aliases = slices.DeleteFunc(e.Aliases, func(a label) bool {
			folded, ok := e.checkAlias(a)
			if !ok {
				return false
			}
			other, taken := first[folded]
			switch {
			case !taken:
				first[folded] = owner{e, a.Name}
			case e.yields(other.filed):
				return true
			default:
				e.doc.Errorf(a.Name.Pos, "the alias %q is the same as %q at %s once both are folded", a.Name.Value, other.alias.Value, other.alias.Pos)
			}
			return false
		})
	}
}

// checkSenders tells sending hosts that prove nothing of the brand: those under
// no domain of its group. Embedded entries may lose such a domain to an
// operator's entry that takes another's place; that is no mistake.
func (c *checker) checkSenders() {
	domains := make(map[string][]string) // of each group
	for _, e := range c.entries {
		for _, list := range [][]text{e.Domains, e.Suffixes, e.TLDs, e.ESPDomains} {
			domains[e.group()] = append(domains[e.group()], values(list)...)
		}
	}
	for _, e := range c.entries {
		if c.over && e.layer == 0 {
			continue
		}
		for _, host := range e.MailDomains {
			if !under(host.Value, domains[e.group()]) {
				e.doc.Errorf(host.Pos, "%s is under none of the brand's domains; list its registrable name in domains or esp_domains", host.Value)
			}
		}
	}
}

// group is the owner group, or a name of its own where there is none.
func (e *filed) group() string {
	if e.OwnerGroup.Value != "" {
		return e.OwnerGroup.Value
	}
	return "/" + e.ID.Value
}

func under(host string, domains []string) bool {
	for name := range parents(host) {
		if slices.Contains(domains, name) {
			return true
		}
	}
	return false
}

// registrable reports a name one label longer than a public suffix.
func registrable(domain string) bool {
	cut, err := publicsuffix.EffectiveTLDPlusOne(domain)
	return err == nil && cut == domain
}

// public reports a public suffix.
func public(suffix string) bool {
	found, _ := publicsuffix.PublicSuffix(suffix)
	return found == suffix && strings.Trim(suffix, ".") == suffix
}
