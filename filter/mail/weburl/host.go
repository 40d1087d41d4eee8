package weburl

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"sekisho/filter/mail/transfer"
)

// Host returns the host that a client would connect to for the absolute URL u:
// A-labels in lower case, or the text of an IP address, without port and user
// name. It is "" for schemes without a host (mailto:, cid:, data:) and for hosts
// that no client can resolve.
func Host(u string) string {
	scheme, rest, ok := cutScheme(u)
	if !ok || !special(scheme) {
		return ""
	}
	return hostOf(authority(rest))
}

// authority returns what stands between the slashes after the scheme, however
// many, and the path.
func authority(rest string) string {
	for len(rest) > 0 && (rest[0] == '/' || rest[0] == '\\') {
		rest = rest[1:]
	}
	if i := strings.IndexAny(rest, "/\\?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// hostOf takes user name and port off an authority and normalises the host.
func hostOf(authority string) string {
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	if strings.HasPrefix(authority, "[") {
		text, _, ok := strings.Cut(authority[1:], "]")
		addr, err := netip.ParseAddr(text)
		if !ok || err != nil || addr.Zone() != "" {
			return ""
		}
		return addr.String()
	}
	if i := strings.LastIndexByte(authority, ':'); i >= 0 {
		authority = authority[:i]
	}
	if strings.IndexByte(authority, '%') >= 0 {
		authority = unescape(authority)
		if !utf8.ValidString(authority) {
			return ""
		}
	}
	if name, ok := ASCIIDomain(authority); ok {
		if addr, ok := parseIPv4(name); ok {
			return addr.String() // "0x7f.0x1": hex digits pass for letters
		}
		return name
	}
	// Full-width digits fold to an address as well, so ask for the folded name.
	name, ok := foldedNumber(authority)
	if !ok {
		return ""
	}
	if addr, ok := parseIPv4(name); ok {
		return addr.String()
	}
	return ""
}

// foldedNumber maps full-width and ideographic forms of digits and dots to ASCII.
func foldedNumber(s string) (string, bool) {
	if len(s) > 4*MaxHost {
		return "", false
	}
	ascii := strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // full-width forms of ASCII 0x21 to 0x7E
			return r - '！' + '!'
		case r == '。' || r == '｡':
			return '.'
		}
		return r
	}, s)
	return asciiLower(strings.TrimSuffix(ascii, "."))
}

// parseIPv4 reads an IPv4 address as the URL Standard does: one to four numbers,
// decimal, octal with a leading 0 or hexadecimal with 0x, the last filling up the
// bytes that are left.
func parseIPv4(s string) (netip.Addr, bool) {
	var parts [4]uint64
	n := 0
	for more := true; more; n++ {
		var field string
		field, s, more = strings.Cut(s, ".")
		if n == len(parts) || field == "" || field[0] > '9' {
			return netip.Addr{}, false
		}
		v, ok := parseNumber(field)
		if !ok {
			return netip.Addr{}, false
		}
		parts[n] = v
	}
	var addr uint64
	for _, v := range parts[:n-1] {
		if v > 255 {
			return netip.Addr{}, false
		}
		addr = addr<<8 | v
	}
	left := 8 * (5 - n) // bits that the last number fills
	if parts[n-1] >= 1<<left {
		return netip.Addr{}, false
	}
	addr = addr<<left | parts[n-1]
	return netip.AddrFrom4([4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)}), true
}

func parseNumber(s string) (uint64, bool) {
	base := 10
	switch {
	case len(s) > 1 && (s[:2] == "0x" || s[:2] == "0X"):
		s, base = s[2:], 16
		if s == "" {
			return 0, true
		}
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	v, err := strconv.ParseUint(s, base, 32)
	return v, err == nil
}

// unescape undoes percent-encoding; broken escapes stay as they are.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := transfer.Hex(s[i+1]), transfer.Hex(s[i+2])
			if hi < 16 && lo < 16 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
