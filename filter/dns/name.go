package dns

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// cleanName brings a name that comes from a message or a record into the form
// that is asked for and cached: lower case, no final dot. It refuses what no
// server could answer: an empty or over-long name or label (RFC 1035, section
// 3.1), control and non-ASCII bytes (callers convert to A-labels first), and
// text that is an IP address. Underscores and other printable ASCII are legal
// DNS (RFC 2181, section 11).
func cleanName(name string) (string, bool) {
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > maxName {
		return "", false
	}
	upper, letter, start := false, false, 0
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '.':
			if i == start || i-start > maxLabel {
				return "", false
			}
			start = i + 1
			letter = false
		case c < ' ' || c > '~':
			return "", false
		case 'A' <= c && c <= 'Z':
			upper, letter = true, true
		case c < '0' || c > '9':
			letter = true
		}
	}
	if start == len(name) || len(name)-start > maxLabel {
		return "", false
	}
	if !letter { // the last label is all digits: an address, or nothing that exists
		if _, err := netip.ParseAddr(name); err == nil {
			return "", false
		}
	}
	if upper {
		name = strings.ToLower(name)
	}
	return name, true
}

// wireName is a clean name as the DNS library wants it: absolute, with the one
// byte escaped that is special to it.
func wireName(name string) string {
	if strings.IndexByte(name, '\\') >= 0 {
		name = strings.ReplaceAll(name, `\`, `\\`)
	}
	return name + "."
}

// reverseName is the name below in-addr.arpa or ip6.arpa that holds the PTR
// records of an address (RFC 1035, section 3.5; RFC 3596, section 2.5).
func reverseName(addr string) (string, bool) {
	ip, err := netip.ParseAddr(addr)
	if err != nil || ip.Zone() != "" {
		return "", false
	}
	arpa, err := dns.ReverseAddr(ip.Unmap().String())
	if err != nil {
		return "", false
	}
	return strings.TrimSuffix(arpa, "."), true
}

// plainHost says whether a name that came out of a record is a host name that
// can be handed on: no escapes, no odd bytes.
func plainHost(name string) bool {
	if name == "." {
		return true // the null MX (RFC 7505)
	}
	if strings.IndexByte(name, '\\') >= 0 {
		return false
	}
	_, ok := cleanName(name)
	return ok
}
