package spf

import (
	"strings"

	"golang.org/x/net/idna"
)

// domainOf brings a HELO argument or the domain of a sender into the form that
// is looked up: an A-label name in lower case. It refuses what RFC 7208, section
// 4.3, gives "none" for: an address literal, a name with an empty or over-long
// label, and one that is not fully qualified.
func domainOf(s string) (string, bool) {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > maxDomain {
		return "", false
	}
	if !ascii(s) {
		// RFC 8616, section 4. The profile also maps full-width forms.
		a, err := idna.Lookup.ToASCII(s)
		if err != nil || len(a) > maxDomain {
			return "", false
		}
		s = a
	}
	s = strings.ToLower(s)
	labels := 0
	var last string
	for last = range strings.SplitSeq(s, ".") {
		if !hostLabel(last) {
			return "", false
		}
		labels++
	}
	// A name whose last label is a number is an address, not a domain.
	return s, labels >= 2 && strings.Trim(last, "0123456789") != ""
}

// hostLabel allows the underscore besides letters, digits and hyphens: there
// are hosts that call themselves so, and nothing is gained by refusing them.
func hostLabel(s string) bool {
	if s == "" || len(s) > maxLabel {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !alphanum(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func alpha(c byte) bool    { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func digit(c byte) bool    { return '0' <= c && c <= '9' }
func alphanum(c byte) bool { return alpha(c) || digit(c) }

// splitSender divides a reverse-path at the last @: a quoted local part may
// hold others (RFC 5321, section 4.1.2).
func splitSender(sender string) (local, domain string) {
	if at := strings.LastIndexByte(sender, '@'); at >= 0 {
		return sender[:at], sender[at+1:]
	}
	return sender, ""
}

// localOf makes the local part what macros expand (RFC 7208, section 7.2): the
// postmaster when there is none (section 4.3). An @ inside it would move the
// border to the domain in the library, and no domain can be built from one.
func localOf(local string) string {
	if local == "" {
		return "postmaster"
	}
	return strings.ReplaceAll(local[:min(len(local), maxLocal)], "@", "_")
}

// printable makes text fit for a log line or a header field: one line of short,
// visible ASCII.
func printable(s string) string {
	b := make([]byte, 0, min(len(s), maxReason))
	for i := 0; i < len(s) && len(b) < maxReason; i++ {
		if c := s[i]; c >= ' ' && c <= '~' {
			b = append(b, c)
		} else {
			b = append(b, '?')
		}
	}
	return string(b)
}
