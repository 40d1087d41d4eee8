package authres

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Format returns the value of a field that says results in the name of id. It
// is folded with CRLF and a tab, one result a line and more where a line grows
// long, and has no field name and no CRLF at the end.
//
// Text is quoted only where it has to be. What can't be printed becomes "?"; a
// result or property whose name is no keyword is left out.
func Format(id string, results []Result) string {
	f := formatter{}
	f.b.WriteString(word(id))
	written := 0
	for _, r := range results {
		if method, value := keyword(r.Method), keyword(r.Value); method != "" && value != "" {
			f.b.WriteString(";\r\n\t")
			f.column = 8
			f.put(method + "=" + value)
			f.details(r)
			written++
		}
	}
	if written == 0 {
		f.b.WriteString("; none") // section 2.2, no-result
	}
	return f.b.String()
}

type formatter struct {
	b      strings.Builder
	column int
}

func (f *formatter) details(r Result) {
	if r.Comment != "" {
		f.next("(" + escape(clean(r.Comment), `()\`) + ")")
	}
	if r.Reason != "" {
		f.next("reason=" + word(r.Reason))
	}
	for _, p := range r.Properties {
		name := keyword(p.Name)
		if name == "" {
			continue
		}
		if p.Type != "" {
			ptype := keyword(p.Type)
			if ptype == "" {
				continue
			}
			name = ptype + "." + name
		}
		f.next(name + "=" + word(p.Value))
	}
}

// next writes a piece after a space, or on a line of its own when this one is
// full.
func (f *formatter) next(piece string) {
	if f.column+1+len(piece) > foldAt {
		f.b.WriteString("\r\n\t")
		f.column = 8
	} else {
		f.b.WriteByte(' ')
		f.column++
	}
	f.put(piece)
}

func (f *formatter) put(piece string) {
	f.b.WriteString(piece)
	f.column += len(piece)
}

// keyword returns s in lower case if it is a Keyword (RFC 5321, section 4.1.2,
// with the underscore that some have), else "".
func keyword(s string) string {
	if len(s) > MaxWordBytes {
		return ""
	}
	for i := range len(s) {
		if !isKeywordByte(s[i]) {
			return ""
		}
	}
	return strings.ToLower(s)
}

func isKeywordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// word returns s as a pvalue (section 2.2): bare if it is a token, or a token
// on each side of one @, else quoted.
func word(s string) string {
	s = clean(s)
	if isBare(s) {
		return s
	}
	return `"` + escape(s, `"\`) + `"`
}

func isBare(s string) bool {
	local, domain, address := strings.Cut(s, "@")
	if address {
		return (local == "" || isToken(local)) && isToken(domain)
	}
	return isToken(s)
}

// isToken is RFC 2045's token without the few characters that readers trip over.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isKeywordByte(c) && !strings.ContainsRune(".+!#$%&'*^`{|}~", rune(c)) {
			return false
		}
	}
	return s != ""
}

// clean makes s one line of printable text, at most MaxTextBytes long.
func clean(s string) string {
	if len(s) > MaxTextBytes {
		cut := MaxTextBytes
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut]
	}
	bad := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if !strings.ContainsFunc(s, bad) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return '?'
		}
		return r
	}, s)
}

// escape puts a backslash before each byte of special (RFC 5322, section 3.2.1).
func escape(s, special string) string {
	if !strings.ContainsAny(s, special) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(special, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
