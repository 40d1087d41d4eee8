package entity

import (
	"bytes"
	"strconv"
	"strings"

	"sekisho/filter/mail/charset"
	"sekisho/filter/mail/transfer"
	"sekisho/filter/mail/word"
)

// Media is a Content-Type or Content-Disposition with its parameters.
type Media struct {
	Type      string // "text/html" or "attachment", lower case; "" when there is none
	params    []param
	Duplicate bool // a parameter stands twice; the first counts
	Cut       bool // more than MaxParams parameters
}

// param is one parameter as written; name is in lower case, without the marks of
// RFC 2231.
type param struct {
	name     string
	value    string
	piece    int  // number of a continuation, or -1
	extended bool // percent-encoded, the first piece with charset and language
}

// ParseMedia reads the value of a Content-Type or Content-Disposition field.
func ParseMedia(value []byte) Media {
	s := scanner{rest: value}
	var m Media
	m.Type = s.mediaType()
	for s.next() {
		if len(m.params) == MaxParams {
			m.Cut = true
			break
		}
		p, ok := s.param()
		if !ok {
			continue
		}
		for _, have := range m.params {
			if have.name == p.name && have.piece == p.piece && have.extended == p.extended {
				m.Duplicate = true
			}
		}
		m.params = append(m.params, p)
	}
	return m
}

// Param returns the decoded value of a parameter (RFC 2231; RFC 2047 words too,
// since most mailers write file names so), or "".
func (m Media) Param(name string) string {
	plain := ""
	var pieces []param
	found := false
	for _, p := range m.params {
		switch {
		case p.name != name:
		case p.piece >= 0 || p.extended:
			pieces = append(pieces, p)
		case !found:
			plain, found = p.value, true
		}
	}
	if len(pieces) > 0 {
		// RFC 2231 wins over the plain form, which is there for old clients.
		return joinPieces(pieces)
	}
	if plain == "" {
		return ""
	}
	return word.Decode([]byte(plain)).Shown
}

// joinPieces puts the pieces of an RFC 2231 value together in the order of their
// numbers; those after a gap are still shown by clients, so they are kept.
func joinPieces(pieces []param) string {
	var raw []byte
	label := ""
	for want := 0; want <= MaxParams; want++ {
		for i, p := range pieces {
			if max(p.piece, 0) != want {
				continue
			}
			value := p.value
			if p.extended && want == 0 {
				if parts := strings.SplitN(value, "'", 3); len(parts) == 3 {
					label, value = parts[0], parts[2]
				}
			}
			if p.extended {
				raw = appendUnescaped(raw, value)
			} else {
				raw = append(raw, value...)
			}
			pieces = append(pieces[:i:i], pieces[i+1:]...)
			break
		}
		if len(pieces) == 0 {
			break
		}
	}
	text, _ := charset.Decode(raw, label)
	return text
}

// appendUnescaped undoes percent-encoding.
func appendUnescaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				dst = append(dst, byte(v))
				i += 2
				continue
			}
		}
		dst = append(dst, s[i])
	}
	return dst
}

// scanner walks over a structured field value.
type scanner struct{ rest []byte }

// skip steps over blanks and comments (RFC 5322, section 3.2.2).
func (s *scanner) skip() {
	for len(s.rest) > 0 {
		switch s.rest[0] {
		case ' ', '\t', '\r', '\n':
			s.rest = s.rest[1:]
		case '(':
			s.rest = s.rest[commentEnd(s.rest):]
		default:
			return
		}
	}
}

// commentEnd returns the length of the comment that b begins with; one that does
// not end takes the rest.
func commentEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

// mediaType reads "text / html" and leaves the scanner before the first
// parameter.
func (s *scanner) mediaType() string {
	s.skip()
	kind := s.token("/;")
	s.skip()
	if len(s.rest) == 0 || s.rest[0] != '/' {
		return strings.ToLower(string(kind))
	}
	s.rest = s.rest[1:]
	s.skip()
	return strings.ToLower(string(kind) + "/" + string(s.token(";")))
}

// token reads up to white space, a comment or one of stop.
func (s *scanner) token(stop string) []byte {
	i := 0
	for i < len(s.rest) && s.rest[i] > ' ' && s.rest[i] != '(' && strings.IndexByte(stop, s.rest[i]) < 0 {
		i++
	}
	t := s.rest[:i]
	s.rest = s.rest[i:]
	return t
}

// next steps to the next parameter and says whether there is one. Junk before
// the semicolon is dropped.
func (s *scanner) next() bool {
	s.skip()
	if i := bytes.IndexByte(s.rest, ';'); i >= 0 {
		s.rest = s.rest[i+1:]
		s.skip()
		return true
	}
	s.rest = nil
	return false
}

// param reads "name=value", and the forms of RFC 2231: "name*", "name*0", "name*0*".
func (s *scanner) param() (param, bool) {
	name := strings.ToLower(string(s.token("=;")))
	s.skip()
	if name == "" || len(s.rest) == 0 || s.rest[0] != '=' {
		return param{}, false
	}
	s.rest = s.rest[1:]
	s.skip()
	p := param{name: name, piece: -1, value: s.value()}
	base, marks, ok := strings.Cut(name, "*")
	if !ok {
		return p, true
	}
	p.name = base
	number, last := strings.CutSuffix(marks, "*")
	p.extended = last || marks == ""
	if n, err := strconv.ParseUint(number, 10, 16); err == nil && n < MaxParams {
		p.piece = int(n)
	}
	return p, true
}

// value reads a quoted string, or everything up to the next semicolon: clients
// take blanks into unquoted file names.
func (s *scanner) value() string {
	if len(s.rest) > 0 && s.rest[0] == '"' {
		return s.quoted()
	}
	i := 0
	for i < len(s.rest) && s.rest[i] != ';' {
		if n := word.Match(s.rest[i:]); n > 0 {
			i += n
			continue
		}
		i++
	}
	v := s.rest[:i]
	s.rest = s.rest[i:]
	if j := bytes.Index(v, []byte(" (")); j >= 0 && commentEnd(v[j+1:]) == len(v)-j-1 {
		v = v[:j]
	}
	return string(bytes.Trim(v, " \t\r\n"))
}

// quoted reads a quoted string; one that does not end takes the rest.
func (s *scanner) quoted() string {
	out := make([]byte, 0, min(len(s.rest), 80))
	i := 1
	for ; i < len(s.rest) && s.rest[i] != '"'; i++ {
		// Backslashes before other bytes are kept: Windows paths in file names.
		if s.rest[i] == '\\' && i+1 < len(s.rest) && (s.rest[i+1] == '"' || s.rest[i+1] == '\\') {
			i++
		}
		out = append(out, s.rest[i])
	}
	s.rest = s.rest[min(i+1, len(s.rest)):]
	return string(out)
}

// ParseEncoding reads the value of Content-Transfer-Encoding (RFC 2045, section
// 6.1); false means a name that nobody knows, which clients take as identity.
func ParseEncoding(value []byte) (transfer.Encoding, bool) {
	s := scanner{rest: value}
	s.skip()
	switch strings.ToLower(strings.Trim(string(s.token(";,")), `"'`)) {
	case "base64":
		return transfer.Base64, true
	case "quoted-printable", "quotedprintable":
		return transfer.QuotedPrintable, true
	case "7bit", "8bit", "binary", "7-bit", "8-bit", "":
		return transfer.Identity, true
	}
	return transfer.Identity, false
}
