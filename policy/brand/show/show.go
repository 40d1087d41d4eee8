package show

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"sekisho/policy/brand"
)

// line is a brand as one JSON object. The field names are those of the data files
// and an interface that other programs rely on: add, never rename.
type line struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Category    string            `json:"category"`
	Countries   []string          `json:"countries,omitempty"`
	Languages   []string          `json:"languages,omitempty"`
	OwnerGroup  string            `json:"owner_group,omitempty"`
	Confidence  brand.Confidence  `json:"confidence"`
	Aliases     []alias           `json:"aliases"`
	Domains     []string          `json:"domains,omitempty"`
	Suffixes    []string          `json:"suffixes,omitempty"`
	TLDs        []string          `json:"tlds,omitempty"`
	MailDomains []string          `json:"mail_domains,omitempty"`
	ESPDomains  []string          `json:"esp_domains,omitempty"`
	AssetHosts  []string          `json:"asset_hosts,omitempty"`
	UserMail    []string          `json:"user_mail,omitempty"`
	ReportMail  []string          `json:"report_mail,omitempty"`
	ReportPages []string          `json:"report_pages,omitempty"`
	Footers     []string          `json:"footer_prints,omitempty"`
	Advice      map[string]string `json:"advice,omitempty"`
	People      []person          `json:"people,omitempty"`
}

type person struct {
	Name      string   `json:"name"`
	Also      []string `json:"also,omitempty"`
	Addresses []string `json:"addresses,omitempty"`
}

type alias struct {
	Name      string   `json:"name"`
	Ambiguous bool     `json:"ambiguous,omitempty"`
	Exact     bool     `json:"exact,omitempty"`
	Not       []string `json:"not,omitempty"`
}

// JSON writes one object a line.
func JSON(w io.Writer, brands []*brand.Brand) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, b := range brands {
		if err := enc.Encode(newLine(b)); err != nil {
			return err
		}
	}
	return nil
}

func newLine(b *brand.Brand) line {
	l := line{
		ID: b.ID, Name: b.Name, Category: b.Category, Countries: b.Countries, Languages: b.Languages,
		OwnerGroup: b.OwnerGroup, Confidence: b.Confidence, Domains: b.Domains, Suffixes: b.Suffixes, TLDs: b.TLDs,
		MailDomains: b.MailDomains, ESPDomains: b.ESPDomains, AssetHosts: b.AssetHosts, UserMail: b.UserMail,
		ReportMail: b.ReportMail, ReportPages: b.ReportPages, Footers: b.FooterPrints,
		Advice: map[string]string{"ja": b.Advice.JA, "en": b.Advice.EN},
	}
	for _, p := range b.People {
		l.People = append(l.People, person{Name: p.Name, Also: p.Also, Addresses: p.Addresses})
	}
	for _, a := range b.Aliases {
		l.Aliases = append(l.Aliases, alias{Name: a.Name, Ambiguous: a.Ambiguous, Exact: a.Exact, Not: a.Not})
	}
	return l
}

// Table writes one line for each brand.
func Table(w io.Writer, brands []*brand.Brand) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tCATEGORY\tCOUNTRIES\tDOMAINS\tNAME")
	for _, b := range brands {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", b.ID, b.Category, strings.Join(b.Countries, " "), few(proving(b)), b.Name)
	}
	return t.Flush()
}

// proving is every name under which a brand's own mail comes.
func proving(b *brand.Brand) []string { return slices.Concat(b.Domains, b.Suffixes, b.TLDs) }

// few are the first names of a list, and how many follow.
func few(list []string) string {
	const most = 2
	if len(list) <= most {
		return strings.Join(list, " ")
	}
	return fmt.Sprintf("%s +%d", strings.Join(list[:most], " "), len(list)-most)
}

// Details writes all that is known of a brand.
func Details(w io.Writer, b *brand.Brand) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\t%s\n", b.ID, b.Name)
	row := func(label string, values ...string) {
		if joined := strings.Join(values, ", "); joined != "" {
			fmt.Fprintf(t, "  %s\t%s\n", label, joined)
		}
	}
	row("category", b.Category)
	row("countries", b.Countries...)
	row("languages", b.Languages...)
	row("owner group", b.OwnerGroup)
	row("confidence", string(b.Confidence))
	for i, a := range b.Aliases {
		label := "names"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(t, "  %s\t%s\n", label, aliasWords(a))
	}
	row("domains", b.Domains...)
	row("suffixes", b.Suffixes...)
	row("top-level names", b.TLDs...)
	row("senders", b.MailDomains...)
	row("sent by", b.ESPDomains...)
	row("images from", b.AssetHosts...)
	users := slices.Clone(b.UserMail)
	if b.UserMailSubdomains {
		users = append(users, "and the names below")
	}
	row("customers' mail", users...)
	row("footers", b.FooterPrints...)
	for _, p := range b.People {
		row("person", append(append([]string{p.Name}, p.Also...), p.Addresses...)...)
	}
	row("advice (ja)", b.Advice.JA)
	row("advice (en)", b.Advice.EN)
	row("report to", slices.Concat(b.ReportMail, b.ReportPages)...)
	return t.Flush()
}

func aliasWords(a brand.Alias) string {
	words := a.Name
	if a.Ambiguous {
		words += " (ambiguous: needs a second place)"
	}
	if a.Exact {
		words += " (only as written here)"
	}
	if len(a.Not) > 0 {
		words += " (not in " + strings.Join(a.Not, ", ") + ")"
	}
	return words
}
