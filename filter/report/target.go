package report

import (
	"cmp"
	"net/mail"
	"slices"
	"strings"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/quarantine"
	"sekisho/policy/brand"
)

// Reason says why somebody is not told. The set is closed; pages have a text for each.
type Reason string

// All reasons.
const (
	NoBrand     Reason = "no-brand"     // it claims no brand of the catalogue
	NoAddress   Reason = "no-address"   // the brand publishes no address for reports
	NoRecord    Reason = "no-record"    // what was proved is no longer known
	NotProved   Reason = "not-proved"   // nobody is proved to have sent it
	IsPhisher   Reason = "is-phisher"   // who is proved is who profits
	IsBrand     Reason = "is-brand"     // the brand itself is proved
	SwitchedOff Reason = "switched-off" // by the settings
)

// Reasons are all of them.
func Reasons() []Reason {
	return []Reason{NoBrand, NoAddress, NoRecord, NotProved, IsPhisher, IsBrand, SwitchedOff}
}

// target is somebody who is to be told.
type target struct {
	kind    quarantine.ReportKind
	address string
	about   string
	reason  Reason // why there is no address; "" where there is one
}

// targets are those who could be told of a message, f is nil where the facts are gone.
func (k *Keeper) targets(it quarantine.Item, f *fact.Facts, s Settings) []target {
	return []target{k.brandOf(it, f), k.abuseOf(it, f, s)}
}

func (k *Keeper) brandOf(it quarantine.Item, f *fact.Facts) target {
	t := target{kind: quarantine.ToBrand}
	b, ok := k.opt.Brands().Brand(it.Brand)
	switch {
	case !ok || b.Own:
		t.reason = NoBrand
	case len(b.ReportMail) == 0:
		t.reason = NoAddress
	case f != nil && provesBrand(f, k.opt.Brands(), b):
		t.reason = IsBrand
	default:
		// What the brand can have taken down is where the links lead. Senders have an
		// address for each recipient, often with theirs in it.
		t.address = b.ReportMail[0]
		t.about = it.Brand + " at " + cmp.Or(strings.Join(destinations(f, b, k.opt.Brands()), " "), domainOf(it.Sender), it.Client)
	}
	return t
}

// abuseOf is the desk of the organisation that is proved to have sent a message: of
// its author's, or else of whoever handed it over.
func (k *Keeper) abuseOf(it quarantine.Item, f *fact.Facts, s Settings) target {
	t := target{kind: quarantine.ToAbuse}
	if f == nil {
		t.reason = NoRecord
		return t
	}
	b, known := k.opt.Brands().Brand(it.Brand)
	if known && provesBrand(f, k.opt.Brands(), b) {
		t.reason = IsBrand
		return t
	}
	t.reason = NotProved
	for _, id := range blameable(f) {
		if profits(f, id.Org) {
			t.reason = IsPhisher
			return t // who signs beside a phisher has no part in it
		}
		address := s.desk(id)
		if address == "" {
			t.reason = SwitchedOff
			continue
		}
		t.address, t.reason = address, ""
		t.about = cmp.Or(it.Brand, it.Cause) + from + id.Org
		return t
	}
	return t
}

// desk is the address of the abuse desk of a domain: what the settings say of it or of
// the next larger one, up to its organisation; "" is none.
func (s Settings) desk(id fact.Identity) string {
	for domain := id.Domain; strings.HasSuffix(domain, "."+id.Org); _, domain, _ = strings.Cut(domain, ".") {
		if address, told := s.Abuse[domain]; told {
			return address
		}
	}
	if address, told := s.Abuse[id.Org]; told {
		return address
	}
	return "abuse@" + id.Org // RFC 2142, section 4
}

// from stands before who is proved in what a report to an abuse desk is about.
const from = " from "

// proved is whom the desk of a report answers for.
func proved(r quarantine.Report) string {
	_, org, _ := strings.Cut(r.About, from)
	return org
}

// blameable are the proved identities whose owners answer for the message, aligned
// ones first. What a sealer on the way says is no proof to bother a stranger with.
func blameable(f *fact.Facts) []fact.Identity {
	var all []fact.Identity
	for _, aligned := range []bool{true, false} {
		for _, id := range f.Proof.Identities {
			if id.Aligned == aligned && id.Org != "" && strings.Contains(id.Org, ".") && id.Method != "arc" {
				all = append(all, id)
			}
		}
	}
	return all
}

// profits reports whether an organisation is the phisher's own: links lead there, it
// bears the name of the brand, or it is on a list.
func profits(f *fact.Facts, org string) bool {
	if slices.ContainsFunc(f.Links, func(l fact.Link) bool { return l.Org == org }) {
		return true
	}
	return slices.ContainsFunc(f.Found, func(one finding.Finding) bool {
		return (one.Name == finding.LookalikeHost || one.Name == finding.ListedSender) && strings.Contains(strings.ToLower(one.Why), org)
	})
}

func provesBrand(f *fact.Facts, all *brand.Catalogue, b *brand.Brand) bool {
	return slices.ContainsFunc(f.Proof.Identities, func(id fact.Identity) bool { return id.Aligned && all.Owns(b.ID, id.Domain) })
}

// destinations are the organisations that links lead to, but the brand's own.
func destinations(f *fact.Facts, b *brand.Brand, all *brand.Catalogue) []string {
	if f == nil {
		return nil
	}
	var orgs []string
	for _, l := range f.Links {
		own := b != nil && all.Leads(b.ID, l.Host)
		if l.Org != "" && !own && !slices.Contains(orgs, l.Org) && len(orgs) < maxDomains {
			orgs = append(orgs, l.Org)
		}
	}
	slices.Sort(orgs)
	return orgs
}

// validTarget reports whether an address can be written to as it is.
func validTarget(address string) bool {
	a, err := mail.ParseAddress("<" + address + ">")
	return err == nil && a.Address == address && !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' })
}
