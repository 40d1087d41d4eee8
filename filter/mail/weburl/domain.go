package weburl

import (
	"strings"

	"golang.org/x/net/idna"
)

// MaxHost is the longest domain name in its text form (RFC 1035, section 2.3.4,
// less the root label). A longer one is no domain name.
const MaxHost = 253

const maxLabel = 63 // RFC 1035, section 2.3.4

// ASCIIDomain turns a domain name of U-labels or A-labels into lower-case
// A-labels without a trailing dot. It is false for what can be no domain name:
// empty labels, over-long ones, bytes that are neither letters, digits, hyphens
// nor underscores, and names that end in a number, which are addresses. Underscores are let
// through since the DNS has them and browsers open them.
func ASCIIDomain(s string) (string, bool) {
	s = strings.TrimSuffix(s, ".")
	if name, ok := asciiLower(s); ok {
		return checked(name)
	}
	if len(s) > 4*MaxHost {
		return "", false
	}
	// Lookup maps width, case and the ideographic full stop as browsers do.
	name, err := idna.Lookup.ToASCII(s)
	if err != nil {
		// A label with an underscore, or characters that only registration
		// forbids: browsers go there all the same.
		if name, err = idna.Punycode.ToASCII(strings.ToLower(s)); err != nil {
			return "", false
		}
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	return checked(name)
}

func checked(name string) (string, bool) {
	if !validName(name) {
		return "", false
	}
	return name, true
}

// asciiLower returns s in lower case, without a copy where it is already, and
// false when it holds bytes beyond ASCII.
func asciiLower(s string) (string, bool) {
	upper := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 0x80:
			return "", false
		case c >= 'A' && c <= 'Z':
			upper = true
		}
	}
	if upper {
		return strings.ToLower(s), true
	}
	return s, true
}

// validName checks a lower-case ASCII name: its lengths, its letters, and that
// its last label is no number, which would make it an address.
func validName(name string) bool {
	if name == "" || len(name) > MaxHost {
		return false
	}
	start, letters := 0, false
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '.' {
			if i == start || i-start > maxLabel {
				return false
			}
			if i < len(name) {
				start, letters = i+1, false
			}
			continue
		}
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c == '-', c == '_':
			letters = true
		case c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return letters
}
