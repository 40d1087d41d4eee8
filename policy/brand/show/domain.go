package show

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sekisho/policy/brand"
)

// Domain is what the catalogue knows of a domain.
type Domain struct {
	Domain      string   `json:"domain"`
	Proves      []string `json:"proves"`       // brands whose mail it may be, by id
	Links       []string `json:"links"`        // brands that a link to it stays with, by id
	Mailboxes   bool     `json:"mailboxes"`    // anyone, or any customer, writes from here
	TenantSpace bool     `json:"tenant_space"` // anyone may publish or send under it
	Redirector  bool     `json:"redirector"`   // its links lead anywhere
	MailService bool     `json:"mail_service"` // sends for any customer
}

// Lookup asks the catalogue about a domain in A-labels.
func Lookup(c *brand.Catalogue, domain string) Domain {
	d := Domain{
		Domain: domain, Proves: []string{}, Links: []string{},
		Mailboxes: c.Mailbox(domain), TenantSpace: c.TenantSpace(domain),
		Redirector: c.Redirector(domain), MailService: c.MailService(domain),
	}
	for _, b := range c.Owners(domain) {
		d.Proves = append(d.Proves, b.ID)
	}
	for b := range c.All() {
		if c.Leads(b.ID, domain) {
			d.Links = append(d.Links, b.ID)
		}
	}
	return d
}

// Known reports whether the catalogue knows anything of the domain.
func (d Domain) Known() bool {
	return len(d.Proves)+len(d.Links) > 0 || d.Mailboxes || d.TenantSpace || d.Redirector || d.MailService
}

// WriteJSON writes one object on one line.
func (d Domain) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(d) }

// WriteTable writes it for people.
func (d Domain) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, d.Domain)
	row := func(label, value string) { fmt.Fprintf(t, "  %s\t%s\n", label, value) }
	row("proves", orNone(d.Proves))
	row("links stay with", orNone(d.Links))
	for _, why := range []struct {
		so   bool
		tell string
	}{
		{d.Mailboxes, "anyone, or any customer of a provider, has a mail address here: proves nobody"},
		{d.TenantSpace, "anyone may publish or send under it: proves nobody, and links lead away"},
		{d.Redirector, "a redirector: its links lead anywhere"},
		{d.MailService, "a mail service: it sends for any customer, and proves nobody but itself"},
	} {
		if why.so {
			row("note", why.tell)
		}
	}
	return t.Flush()
}

func orNone(ids []string) string {
	if len(ids) == 0 {
		return "no brand of the catalogue"
	}
	return strings.Join(ids, ", ")
}
