package redact

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Text is a text, valid UTF-8 or not, without the addresses.
func (r *Redactor) Text(s string) string {
	s = r.plain(s)
	// What stands there in full-width letters or with invisible ones between is seen by
	// its reader all the same. The text is folded only where that matters.
	if folded := fold(s); folded != s {
		if clean := r.plain(folded); clean != folded {
			s = clean
		}
	}
	return r.inside(s)
}

// Has reports whether there is an address in a text.
func (r *Redactor) Has(s string) bool { return r.Text(s) != s }

// plain hides what stands there as it is.
func (r *Redactor) plain(s string) string {
	return r.alone(r.parted(r.addresses(s)))
}

// separators are how "@" is written.
var separators = []string{"%40", "%2540", "=40", "&#64;", "&#064;", "&#x40;", "&commat;", `\u0040`, `\x40`, "＠", "﹫"}

// separator is the length of the one that s begins with, or 0.
func separator(s string) int {
	switch s[0] {
	case '@':
		return 1
	case '%', '=', '&', '\\', 0xEF:
		for _, sep := range separators {
			if len(s) >= len(sep) && strings.EqualFold(s[:len(sep)], sep) {
				return len(sep)
			}
		}
	}
	return 0
}

// addresses hides what reads local@domain.
func (r *Redactor) addresses(s string) string {
	var out strings.Builder
	from := 0
	for i := 0; i < len(s); i++ {
		n := separator(s[i:])
		if n == 0 {
			continue
		}
		start := localStart(s, from, i)
		domain, _ := domainAfter(s[i+n:])
		local := strings.Trim(unpercent(lower(s[start:i])), `"`)
		if domain != "" && start < i && r.hides(local, domain) {
			out.WriteString(s[from:start])
			out.WriteString(r.hash(local + "@" + r.canonical(domain)))
			from = i
		}
		i += n - 1
	}
	out.WriteString(s[from:])
	return out.String()
}

// canonical is the recipients' domain that a name begins with, so that what follows
// it in a text does not change the hash.
func (r *Redactor) canonical(domain string) string {
	for _, d := range r.domains {
		if strings.HasPrefix(domain, d) {
			return d
		}
	}
	return domain
}

// localStart is where the local part begins that ends at end, not before from. In a
// link it ends at what parts a query; a quoted one at its quotation mark.
func localStart(s string, from, end int) int {
	least := max(from, end-maxAddress)
	if end > least && s[end-1] == '"' {
		if q := strings.LastIndexByte(s[least:end-1], '"'); q >= 0 && !strings.ContainsAny(s[least+q:end], "\n<>") {
			return least + q
		}
	}
	i := end
	for i > least && localByte(s[i-1]) {
		i--
	}
	// A percent-encoded byte that no local part has ends it: %3Ctaro%40.
	for j := end - 3; j >= i; j-- {
		if s[j] == '%' && hexDigit(s[j+1]) && hexDigit(s[j+2]) && !localByte(unhex(s[j+1])<<4|unhex(s[j+2])) {
			return j + 3
		}
	}
	if i == end { // RFC 6531: letters of any script
		for i > max(least, end-64) && s[i-1] >= utf8.RuneSelf {
			i--
		}
		for i < end && !utf8.RuneStart(s[i]) {
			i++
		}
	}
	return i
}

func localByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("._+-'!~^`{}|*$%", c) >= 0
}

// domainAfter reads a domain name, in lower case, with its percent-encoded bytes
// decoded.
func domainAfter(s string) (name string, n int) {
	var b strings.Builder
	for n < len(s) && b.Len() < 255 {
		c, size := s[n], 1
		if c == '%' && n+2 < len(s) && hexDigit(s[n+1]) && hexDigit(s[n+2]) {
			c, size = unhex(s[n+1])<<4|unhex(s[n+2]), 3
		}
		if !domainByte(c) {
			break
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b.WriteByte(c)
		n += size
	}
	return b.String(), n
}

func domainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_' || c >= utf8.RuneSelf
}

// addresses are those in a text, with all domains.
func addresses(s string) (found []string) {
	for i := 0; i < len(s) && len(found) < maxNamed; i++ {
		if s[i] != '@' {
			continue
		}
		start := localStart(s, 0, i)
		domain, n := domainAfter(s[i+1:])
		if start < i && domain != "" {
			found = append(found, strings.Trim(s[start:i], `"`)+"@"+domain)
		}
		i += n
	}
	return found
}

// escaped reports whether s ends in a percent-encoded byte, which is no letter.
func escaped(s string) bool {
	return len(s) >= 3 && s[len(s)-3] == '%' && hexDigit(s[len(s)-2]) && hexDigit(s[len(s)-1])
}

func alnum(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// fold is a text with full-width letters made narrow and without what nobody sees.
func fold(s string) string {
	if strings.IndexFunc(s, func(c rune) bool { return c >= utf8.RuneSelf || control(c) }) < 0 {
		return s
	}
	s = strings.Map(func(c rune) rune {
		switch {
		case control(c), c == 0xAD, 0x200B <= c && c <= 0x200F, 0x202A <= c && c <= 0x202E, 0x2060 <= c && c <= 0x2064, 0x2066 <= c && c <= 0x2069, c == 0xFEFF:
			return -1
		case c == '﹫':
			return '@'
		}
		return c
	}, s)
	return width.Fold.String(s)
}

// control reports characters that clients leave out: UTF-16 whose charset is not told is
// full of NUL.
func control(c rune) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7F }

func hexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// unpercent decodes what is percent-encoded.
func unpercent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && hexDigit(s[i+1]) && hexDigit(s[i+2]) {
			b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
