package dmarc

import "strings"

// record is a DMARC policy record. Tags that are absent or broken have their
// default (RFC 9989, section 4.7).
type record struct {
	text   string
	secure bool // DNSSEC has proved it

	p, sp, np  Policy // "" when absent
	noPolicy   bool   // p is missing or broken, or sp or np is broken
	rua        bool   // at least one valid address for aggregate reports
	strictDKIM bool   // adkim=s
	strictSPF  bool   // aspf=s
	psd        psd
	testing    bool // t=y
}

// psd is what a record says about its domain being a public suffix.
type psd byte

const (
	psdUnknown psd = 'u'
	psdYes     psd = 'y'
	psdNo      psd = 'n'
)

const space = " \t" // WSP

// parse reads a TXT record. It is false for what is no DMARC record: the text
// has to begin with the version, written exactly (RFC 9989, section 4.7). From
// there on syntax errors only cost the tag they are in, and unknown tags are
// ignored. Literals other than the version are case-insensitive, as ABNF has
// it (RFC 5234, section 2.3). The first of several tags of one name counts.
func parse(text string) (record, bool) {
	if len(text) > maxRecord {
		return record{}, false
	}
	version, rest, more := strings.Cut(text, ";")
	name, value, ok := strings.Cut(version, "=")
	if !ok || !strings.EqualFold(strings.TrimRight(name, space), "v") || strings.Trim(value, space) != "DMARC1" {
		return record{}, false
	}
	r := record{text: text, psd: psdUnknown}
	var seen seenTags
	for n := 0; more && n < maxTags; n++ {
		var tag string
		tag, rest, more = strings.Cut(rest, ";")
		name, value, ok := strings.Cut(tag, "=")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.Trim(name, space))
		if seen.first(name) {
			r.set(name, strings.Trim(value, space))
		}
	}
	if r.p == "" {
		r.noPolicy = true
	}
	return r, true
}

// seenTags remembers which of the tags that mean something have come up.
type seenTags uint8

var knownTags = [...]string{"p", "sp", "np", "adkim", "aspf", "psd", "t", "rua"}

// first is false for a known tag that was there before, and for unknown ones.
func (s *seenTags) first(name string) bool {
	for i, known := range knownTags {
		if name == known {
			bit := seenTags(1) << i
			again := *s&bit != 0
			*s |= bit
			return !again
		}
	}
	return false
}

func (r *record) set(name, value string) {
	switch name {
	case "p":
		r.p = r.policy(value)
	case "sp":
		r.sp = r.policy(value)
	case "np":
		r.np = r.policy(value)
	case "adkim":
		r.strictDKIM = strings.EqualFold(value, "s")
	case "aspf":
		r.strictSPF = strings.EqualFold(value, "s")
	case "psd":
		if len(value) == 1 {
			if v := psd(value[0] | 0x20); v == psdYes || v == psdNo {
				r.psd = v
			}
		}
	case "t":
		r.testing = strings.EqualFold(value, "y")
	case "rua":
		r.rua = validAddresses(value)
	}
}

func (r *record) policy(value string) Policy {
	switch p := Policy(strings.ToLower(value)); p {
	case PolicyNone, PolicyQuarantine, PolicyReject:
		return p
	}
	r.noPolicy = true
	return ""
}

// monitoring says whether the record counts as "p=none" because its policy is
// unusable but its owner wants reports; without those, DMARC does not apply to
// the message (RFC 9989, section 4.10.1).
func (r *record) monitoring() bool { return r.noPolicy && r.rua }

// validAddresses wants one syntactically valid URI in the list (RFC 9989,
// section 4.6). "!size" at the end is a relic of RFC 7489.
func validAddresses(list string) bool {
	for uri := range strings.SplitSeq(list, ",") {
		uri, _, _ = strings.Cut(strings.Trim(uri, space), "!")
		scheme, rest, ok := strings.Cut(uri, ":")
		if !ok || !validScheme(scheme) || rest == "" || strings.ContainsFunc(rest, notVisible) {
			continue
		}
		if !strings.EqualFold(scheme, "mailto") {
			return true
		}
		if local, domain, ok := strings.Cut(rest, "@"); ok && local != "" && domain != "" {
			return true
		}
	}
	return false
}

// validScheme is RFC 3986, section 3.1.
func validScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(s[i]))) {
			return false
		}
	}
	return s != ""
}

func notVisible(c rune) bool { return c <= ' ' || c > '~' }
