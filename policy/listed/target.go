package listed

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// target is what an entry means: an address, a page or a host by itself.
type target struct {
	address string // in small letters; "" for the others
	page    string // host, path and query; "" for the others
	link    bool   // written as a link
	host    string // A-label in small letters; "" for what cannot be read
}

// newTarget reads the value of an entry, with the marks by which lists keep
// people from following links (hxxp, [.]) undone.
func newTarget(value string) target {
	value = strings.NewReplacer("[.]", ".", "(.)", ".", "[:]", ":", "[@]", "@").Replace(value)
	if scheme, rest, ok := strings.Cut(value, "://"); ok {
		if strings.EqualFold(scheme, "hxxp") || strings.EqualFold(scheme, "hxxps") {
			value = "https://" + rest
		}
		u, err := url.Parse(value)
		if err != nil {
			return target{}
		}
		host := asciiHost(u.Hostname())
		if u.EscapedPath() == "" || u.EscapedPath() == "/" && u.RawQuery == "" {
			return target{host: host, link: true}
		}
		return target{host: host, page: pageKey(value), link: true}
	}
	if local, domain, ok := cutLast(value, '@'); ok {
		host := asciiHost(domain)
		if local == "" || host == "" || strings.ContainsAny(local, " \t<>") {
			return target{host: host} // "@example.test" is the domain
		}
		return target{host: host, address: strings.ToLower(local) + "@" + host}
	}
	return target{host: asciiHost(value)}
}

func cutLast(s string, c byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, c)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// pageKey brings the address of a page to the form in which pages are compared:
// without scheme, port, fragment and a slash at its end, the host in small
// letters.
func pageKey(page string) string {
	if len(page) > maxEntry {
		return ""
	}
	u, err := url.Parse(page)
	if err != nil || u.Host == "" {
		return ""
	}
	key := strings.ToLower(u.Hostname()) + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		key += "?" + u.RawQuery
	}
	return key
}

// asciiHost returns the A-label form of a host name with a dot in it, or an IP
// address as it is; "" for what is neither.
func asciiHost(s string) string {
	s = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
	if len(s) > maxHost || !strings.Contains(s, ".") || strings.ContainsAny(s, " /@<>\"',;\\") {
		return ""
	}
	host, err := idna.Lookup.ToASCII(s)
	if err != nil {
		if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) {
			return ""
		}
		return s // names with an underscore are used for links all the same
	}
	return host
}

// public reports a public suffix: everybody registers below it.
func public(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	return suffix == host
}
