package weburl

import "strings"

// MaxURL is the longest URL in bytes that is looked at; the rest is cut off. The
// host stands at the front, browsers stop between 2,000 and 2 million.
const MaxURL = 8 << 10

// Resolve returns the absolute URL that a click on ref opens, where base is the
// document's <base> or "". Without a base a relative reference leads nowhere and
// comes back cleaned but relative; a bare "www." gets the http: that clients add.
func Resolve(base, ref string) string {
	ref = Clean(ref)
	if ref == "" {
		return ""
	}
	if scheme, rest, ok := cutScheme(ref); ok {
		if !special(scheme) {
			return ref
		}
		if usual(ref, scheme, rest) {
			return ref
		}
		return absolute(scheme, rest)
	}
	if isSlash(ref, 0) && isSlash(ref, 1) {
		scheme, _, ok := cutScheme(Clean(base))
		if !ok || !special(scheme) {
			scheme = "http"
		}
		return absolute(scheme, ref)
	}
	scheme, rest, ok := cutScheme(Clean(base))
	if !ok || !special(scheme) {
		if hasPrefixFold(ref, "www.") {
			return absolute("http", ref)
		}
		return ref
	}
	return relative(scheme, rest, ref)
}

// relative joins ref to the base scheme:rest. Dot segments stay: they cannot
// change the host.
func relative(scheme, rest, ref string) string {
	root := absolute(scheme, authority(rest))
	path := strings.TrimPrefix(absolute(scheme, rest), root)
	path, _, _ = strings.Cut(path, "#")
	if ref[0] == '#' {
		return root + path + ref
	}
	path, _, _ = strings.Cut(path, "?")
	switch {
	case isSlash(ref, 0):
		return root + "/" + ref[1:]
	case ref[0] == '?':
		return root + path + ref
	}
	return root + path[:strings.LastIndexByte(path, '/')+1] + leadSlash(path) + ref
}

// leadSlash is the slash that a base without a path lacks.
func leadSlash(path string) string {
	if path == "" {
		return "/"
	}
	return ""
}

// usual reports whether ref, split into scheme and rest, is as absolute would
// write it, as nearly every URL is.
func usual(ref, scheme, rest string) bool {
	return strings.HasPrefix(ref, scheme) && strings.HasPrefix(rest, "//") && !isSlash(rest, 2) &&
		strings.IndexByte(rest, '\\') < 0
}

// absolute writes a special URL in its usual form: two slashes after the scheme,
// and slashes for the backslashes of authority and path.
func absolute(scheme, rest string) string {
	for isSlash(rest, 0) {
		rest = rest[1:]
	}
	end := strings.IndexAny(rest, "?#")
	if end < 0 {
		end = len(rest)
	}
	if strings.IndexByte(rest[:end], '\\') >= 0 {
		rest = strings.ReplaceAll(rest[:end], `\`, "/") + rest[end:]
	}
	return scheme + "://" + rest
}

// Clean takes off what browsers drop from a URL: white space and controls at
// both ends, tabs and line ends anywhere. It cuts at MaxURL.
func Clean(ref string) string {
	for len(ref) > 0 && ref[0] <= ' ' {
		ref = ref[1:]
	}
	for len(ref) > 0 && ref[len(ref)-1] <= ' ' {
		ref = ref[:len(ref)-1]
	}
	if strings.ContainsAny(ref, "\t\r\n") {
		ref = strings.Map(func(r rune) rune {
			if r == '\t' || r == '\r' || r == '\n' {
				return -1
			}
			return r
		}, ref)
	}
	if len(ref) > MaxURL {
		ref = strings.ToValidUTF8(ref[:MaxURL], "")
	}
	return ref
}

// cutScheme splits "scheme:rest"; the scheme comes back in lower case.
func cutScheme(u string) (scheme, rest string, ok bool) {
	i := strings.IndexByte(u, ':')
	if i <= 0 || i > 32 {
		return "", "", false
	}
	for j := 0; j < i; j++ {
		c := u[j] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (j == 0 || !(u[j] >= '0' && u[j] <= '9' || u[j] == '+' || u[j] == '-' || u[j] == '.')) {
			return "", "", false
		}
	}
	scheme, _ = asciiLower(u[:i])
	return scheme, u[i+1:], true
}

// special reports whether a scheme has a host behind it and the forgiving syntax
// of the web (URL Standard, section 3.1).
func special(scheme string) bool {
	switch scheme {
	case "http", "https", "ftp", "ws", "wss":
		return true
	}
	return false
}

func isSlash(s string, i int) bool { return i < len(s) && (s[i] == '/' || s[i] == '\\') }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
