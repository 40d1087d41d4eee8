package mail

import "strings"

// IsForwardPath reports whether s, a RCPT argument without its angle brackets, is
// written so that it can be read in one way only: a Mailbox (RFC 5321, section
// 4.1.2; RFC 6531, section 3.3) or, for users of the host itself, a dot-string
// alone. Dots at the ends of a local part or one after the other are no reason to
// doubt: Japanese carriers gave out such addresses.
func IsForwardPath(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return dotString(s)
	}
	local, domain := s[:at], s[at+1:]
	return (dotString(local) || quotedLocal(local)) && mailDomain(domain)
}

// WithoutRoute takes the source route off a path, "@a,@b:" before the mailbox: a
// server is to leave it out of account (RFC 5321, sections 3.6.1 and 4.1.1.3).
func WithoutRoute(path string) string {
	if !strings.HasPrefix(path, "@") {
		return path
	}
	if _, mailbox, ok := strings.Cut(path, ":"); ok {
		return mailbox
	}
	return path
}

// MayRoute reports whether an MTA may read the local part of a path as an address
// of its own, that it sends on to: "user%domain", "domain!user", and, by looking
// inside quotes, "user@domain" (RFC 5321, section 3.6.1 and appendix F.2; Postfix's
// allow_percent_hack, swap_bangpath and resolve_dequoted_address).
func MayRoute(path string) bool {
	if at := strings.LastIndexByte(path, '@'); at >= 0 {
		path = path[:at]
	}
	return strings.ContainsAny(path, "%!@")
}

// dotString: atext (RFC 5322, section 3.2.3) or beyond ASCII, and dots.
func dotString(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 0x80, c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z':
		case strings.IndexByte(".!#$%&'*+-/=?^_`{|}~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}

// quotedLocal: Quoted-string of RFC 5321, section 4.1.2.
func quotedLocal(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		} else if s[i] == '"' {
			return false
		}
		if i == len(s) || s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// mailDomain: a name, or an address literal (RFC 5321, section 4.1.3).
func mailDomain(s string) bool {
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && inner != "" && !strings.ContainsFunc(inner, func(r rune) bool {
			return r <= ' ' || r >= 0x7f || strings.ContainsRune(`[]\`, r)
		})
	}
	_, ok := ASCIIDomain(s)
	return ok
}
