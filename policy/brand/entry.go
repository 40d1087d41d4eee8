package brand

import (
	"net/mail"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"sekisho/filter/claim/canon"
	"sekisho/policy/strictyaml"
)

// check tells what is wrong with one entry by itself.
func (e *filed) check() {
	e.words()
	e.names()
	e.checkPeople()
	for _, p := range e.FooterPrints {
		if folded := canon.Fold(p.Value).Folded; utf8.RuneCountInString(folded) < minFooterRunes || len(folded) > MaxAlias {
			e.doc.Errorf(p.Pos, "the footer print %q has to have at least %d characters and at most %d bytes", p.Value, minFooterRunes, MaxAlias)
		}
	}
	for _, address := range e.ReportMail {
		if a, err := mail.ParseAddress(address.Value); err != nil || a.Address != address.Value {
			e.doc.Errorf(address.Pos, "%q is not a mail address", address.Value)
		}
	}
	for _, page := range e.ReportPages {
		if u, err := url.Parse(page.Value); err != nil || u.Scheme != "https" || u.Host == "" {
			e.doc.Errorf(page.Pos, "%q is not an https address", page.Value)
		}
	}
}

// words checks what is not a domain.
func (e *filed) words() {
	for _, w := range []text{e.ID, e.Category, e.OwnerGroup} {
		if w.Set() && !kebab(w.Value) {
			e.doc.Errorf(w.Pos, "%q is not in kebab case: small letters, digits and single hyphens", w.Value)
		}
	}
	if strings.TrimSpace(e.Name.Value) == "" {
		e.doc.Errorf(e.Name.Pos, "the name is empty")
	}
	for _, country := range e.Countries {
		if !letters(country.Value, 2, 2) {
			e.doc.Errorf(country.Pos, "%q is not a country of ISO 3166 in two small letters", country.Value)
		}
	}
	for _, language := range e.Languages {
		if !letters(language.Value, 2, 3) {
			e.doc.Errorf(language.Pos, "%q is not a language of ISO 639 in small letters", language.Value)
		}
	}
	switch Confidence(e.Confidence.Value) {
	case "", High, Medium, Low:
	default:
		e.doc.Errorf(e.Confidence.Pos, "confidence %q is not known%s", e.Confidence.Value, strictyaml.Suggest(e.Confidence.Value, []string{"high", "medium", "low"}))
	}
	switch Tier(e.Tier.Value) {
	case "", Full, Broad:
	default:
		e.doc.Errorf(e.Tier.Pos, "tier %q is not known%s", e.Tier.Value, strictyaml.Suggest(e.Tier.Value, []string{"full", "broad"}))
	}
	if len(e.Aliases) == 0 && !e.own {
		e.doc.Errorf(e.ID.Pos, "%s has no alias; it would never be found", e.ID.Value)
	}
	if len(e.Domains)+len(e.Suffixes)+len(e.TLDs) == 0 {
		e.doc.Errorf(e.ID.Pos, "%s has neither domains nor suffixes nor tlds; nothing could prove it", e.ID.Value)
	}
}

// names checks domains and hosts.
func (e *filed) names() {
	for _, d := range e.Domains {
		if checkHost(e.doc, d) && !registrable(d.Value) && !(e.own && !public(d.Value)) {
			e.doc.Errorf(d.Pos, "%s is not a registrable name: give the public suffix and one label", d.Value)
		}
	}
	for _, s := range e.Suffixes {
		if !public(s.Value) {
			e.doc.Errorf(s.Pos, "%q is not a public suffix", s.Value)
		}
	}
	for _, s := range e.TLDs {
		if strings.Contains(s.Value, ".") || !public(s.Value) {
			e.doc.Errorf(s.Pos, "%q is not a top-level name", s.Value)
		} else if len(s.Value) == 2 {
			// ISO 3166: whoever lives there, or pays, has names below it.
			e.doc.Errorf(s.Pos, "%q is the top-level name of a country, not of a brand", s.Value)
		}
	}
	for _, list := range [][]text{e.MailDomains, e.ESPDomains, e.AssetHosts, e.UserMail} {
		for _, host := range list {
			checkHost(e.doc, host)
		}
	}
}

// checkAlias checks one alias and returns it folded.
func (e *filed) checkAlias(a label) (folded string, ok bool) {
	folded = canon.Fold(a.Name.Value).Folded
	if n := utf8.RuneCountInString(folded); n < minAliasRunes || len(folded) > MaxAlias {
		e.doc.Errorf(a.Name.Pos, "the alias %q has to have at least %d characters and at most %d bytes", a.Name.Value, minAliasRunes, MaxAlias)
		return "", false
	}
	if a.Case.Set() && a.Case.Value != "exact" {
		e.doc.Errorf(a.Case.Pos, "case can only be exact, or be left out")
	}
	for _, w := range a.Not {
		if longer := canon.Fold(w.Value).Folded; longer == folded || !strings.Contains(longer, folded) {
			e.doc.Errorf(w.Pos, "%q is not a longer word that holds %q", w.Value, a.Name.Value)
		}
	}
	return folded, true
}

// checkHost tells a name that is not a host name in small letters and A-labels.
func checkHost(doc *strictyaml.Document, host text) bool {
	if !validHost(host.Value) {
		doc.Errorf(host.Pos, "%q is not a domain name in small letters (international names as xn--)", host.Value)
		return false
	}
	return true
}

// validHost follows RFC 1123 section 2.1; A-labels have to be good ones.
func validHost(host string) bool {
	if len(host) > maxHost || !strings.Contains(host, ".") {
		return false
	}
	for part := range strings.SplitSeq(host, ".") {
		if part == "" || len(part) > maxLabel || part[0] == '-' || part[len(part)-1] == '-' ||
			strings.ContainsFunc(part, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-') }) {
			return false
		}
	}
	if strings.Contains(host, "xn--") {
		unicode, err := idna.Lookup.ToUnicode(host)
		if err != nil {
			return false
		}
		back, err := idna.Lookup.ToASCII(unicode)
		return err == nil && back == host
	}
	return true
}

func kebab(s string) bool {
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') }) {
			return false
		}
	}
	return true
}

func letters(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}
