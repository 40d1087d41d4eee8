package spf

import (
	"net/netip"
	"strconv"
	"strings"
)

// validRecord says whether a record that begins with "v=spf1" follows the
// grammar of RFC 7208, section 12. A syntax error anywhere in a record spoils
// it as a whole, also behind the term that would have matched (section 4.6).
func validRecord(record string) bool {
	if len(record) > maxRecord {
		return false
	}
	terms, redirects, explanations := 0, 0, 0
	for term := range strings.SplitSeq(record[len("v=spf1"):], " ") {
		if term == "" {
			continue
		}
		if terms++; terms > maxTerms {
			return false
		}
		if name, value, ok := modifier(term); ok {
			switch strings.ToLower(name) {
			case "redirect":
				redirects++
				ok = validSpec(value)
			case "exp":
				explanations++
				ok = validSpec(value)
			default:
				_, ok = macroString(value)
			}
			if !ok {
				return false
			}
		} else if !validDirective(term) {
			return false
		}
	}
	// Each may appear once (section 6).
	return redirects <= 1 && explanations <= 1
}

// isRecord says whether a TXT record is an SPF record (section 4.5).
func isRecord(txt string) bool {
	const version = "v=spf1"
	return len(txt) >= len(version) && strings.EqualFold(txt[:len(version)], version) &&
		(len(txt) == len(version) || txt[len(version)] == ' ')
}

// modifier splits "name=value". A mechanism may hold "=" too, but only behind
// a ":" or "/", which no name has.
func modifier(term string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(term, "=")
	if !ok || name == "" || !alpha(name[0]) {
		return "", "", false
	}
	for i := 1; i < len(name); i++ {
		if c := name[i]; !alphanum(c) && c != '-' && c != '_' && c != '.' {
			return "", "", false
		}
	}
	return name, value, true
}

func validDirective(term string) bool {
	if strings.IndexByte("+-?~", term[0]) >= 0 {
		term = term[1:]
	}
	end := strings.IndexAny(term, ":/")
	if end < 0 {
		end = len(term)
	}
	name, rest := strings.ToLower(term[:end]), term[end:]
	switch name {
	case "all":
		return rest == ""
	case "include", "exists":
		return rest != "" && rest[0] == ':' && validSpec(rest[1:])
	case "ptr":
		return rest == "" || rest[0] == ':' && validSpec(rest[1:])
	case "a", "mx":
		spec, ok := cutLengths(rest)
		return ok && (spec == "" || spec[0] == ':' && validSpec(spec[1:]))
	case "ip4":
		return rest != "" && rest[0] == ':' && validNetwork(rest[1:], 4)
	case "ip6":
		return rest != "" && rest[0] == ':' && validNetwork(rest[1:], 6)
	}
	return false
}

// cutLengths takes "/24", "//64" or "/24//64" off the end of an a or mx
// mechanism.
func cutLengths(s string) (spec string, ok bool) {
	if i := strings.LastIndex(s, "//"); i >= 0 && digits(s[i+2:]) {
		if !validLength(s[i+2:], 128) {
			return "", false
		}
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '/'); i >= 0 && digits(s[i+1:]) {
		if !validLength(s[i+1:], 32) {
			return "", false
		}
		s = s[:i]
	}
	return s, true
}

func validNetwork(s string, version int) bool {
	address, length, masked := strings.Cut(s, "/")
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Zone() != "" || ip.Is4() != (version == 4) {
		return false
	}
	return !masked || validLength(length, ip.BitLen())
}

// validLength wants a prefix length without leading zeros.
func validLength(s string, most int) bool {
	if !digits(s) || len(s) > 1 && s[0] == '0' {
		return false
	}
	n, err := strconv.Atoi(s)
	return err == nil && n <= most
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// validSpec checks a domain-spec: a macro-string that ends in a top label or in
// a macro.
func validSpec(s string) bool {
	endsInMacro, ok := macroString(s)
	if !ok || s == "" {
		return false
	}
	if endsInMacro {
		return true
	}
	s = strings.TrimSuffix(s, ".")
	dot := strings.LastIndexByte(s, '.')
	return dot >= 0 && topLabel(s[dot+1:])
}

// topLabel wants letters, digits and inner hyphens, and not digits alone.
func topLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !alphanum(s[i]) && s[i] != '-' {
			return false
		}
	}
	return !digits(s)
}

// macroString checks visible ASCII with macros in it (section 7.1), and says
// whether the last thing is a macro with braces or an escape.
func macroString(s string) (endsInMacro, ok bool) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c <= ' ' || c > '~':
			return false, false
		case c != '%':
			endsInMacro = false
			i++
		default:
			n := macroLen(s[i:])
			if n == 0 {
				return false, false
			}
			endsInMacro = true
			i += n
		}
	}
	return endsInMacro, true
}

// macroLen returns the length of the macro-expand that s begins with; 0 when it
// is none. The letters c, r and t are for explanation texts only (section 7.2).
func macroLen(s string) int {
	if len(s) < 2 {
		return 0
	}
	if s[1] == '%' || s[1] == '_' || s[1] == '-' {
		return 2
	}
	end := strings.IndexByte(s, '}')
	if s[1] != '{' || end < 3 || strings.IndexByte("slodiphvSLODIPHV", s[2]) < 0 {
		return 0
	}
	body := s[3:end]
	rest := strings.TrimLeft(body, "0123456789")
	if number := body[:len(body)-len(rest)]; number != "" && strings.Trim(number, "0") == "" {
		return 0 // a count of zero is an error (section 7.3)
	}
	if rest != "" && (rest[0] == 'r' || rest[0] == 'R') {
		rest = rest[1:]
	}
	if strings.Trim(rest, ".-+,/_=") != "" {
		return 0
	}
	return end + 1
}
