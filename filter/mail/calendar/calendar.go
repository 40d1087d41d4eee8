package calendar

import (
	"strings"
	"unicode/utf8"
)

// Name is the name of a property.
type Name string

// The properties that are kept (RFC 5545, section 3.8, and the HTML description of
// Outlook).
const (
	Summary     Name = "SUMMARY"
	Description Name = "DESCRIPTION"
	Location    Name = "LOCATION"
	Comment     Name = "COMMENT"
	Contact     Name = "CONTACT"
	Organizer   Name = "ORGANIZER" // the display name: parameter CN
	URL         Name = "URL"
	Attach      Name = "ATTACH"
	Conference  Name = "CONFERENCE" // RFC 7986
	HTML        Name = "X-ALT-DESC"
)

// Property is one property of an event or another component.
type Property struct {
	Name  Name
	Value string // unescaped; lines end with "\n"
}

// Calendar is what a calendar shows, in its order.
type Calendar struct {
	Properties []Property
	Cut        bool // a limit was hit
}

// Unfold joins folded lines (section 3.1). It comes before the charset is decoded,
// since a fold may stand inside a character.
func Unfold(data []byte) []byte {
	fold := func(i int) bool { return i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t') }
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		switch {
		case data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n' && fold(i+1):
			i += 2
		case (data[i] == '\n' || data[i] == '\r') && fold(i):
			i++
		default:
			out = append(out, data[i])
		}
	}
	return out
}

// Read reads an unfolded calendar, which has to be valid UTF-8. Line ends are CRLF,
// LF or CR.
func Read(text string) Calendar {
	var c Calendar
	for text != "" {
		var line string
		line, text = cutLine(text)
		if len(line) > MaxLine {
			line, c.Cut = prefix(line, MaxLine), true
		}
		p, ok := property(line)
		if !ok {
			continue
		}
		if len(c.Properties) == MaxProperties {
			c.Cut = true
			break
		}
		c.Properties = append(c.Properties, p)
	}
	return c
}

func cutLine(text string) (line, rest string) {
	i := strings.IndexAny(text, "\r\n")
	if i < 0 {
		return text, ""
	}
	if strings.HasPrefix(text[i:], "\r\n") {
		return text[:i], text[i+2:]
	}
	return text[:i], text[i+1:]
}

// prefix cuts s to at most n bytes at a character's edge.
func prefix(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// property reads "NAME;PARAM=value:text" (RFC 5545, section 3.1). It is false for
// what is not kept, or empty.
func property(line string) (Property, bool) {
	end := strings.IndexAny(line, ";:")
	if end < 0 {
		return Property{}, false
	}
	name, ok := known(line[:end])
	if !ok {
		return Property{}, false
	}
	params, value, ok := cutValue(line[end:])
	if !ok {
		return Property{}, false
	}
	switch name {
	case Organizer:
		value = param(params, "CN")
	case URL, Attach, Conference:
	default:
		value = unescape(value)
	}
	value = strings.TrimSpace(value)
	return Property{name, value}, value != ""
}

// known finds a property's name, in any letter case.
func known(name string) (Name, bool) {
	for _, k := range [...]Name{Summary, Description, Location, Comment, Contact, Organizer, URL, Attach, Conference, HTML} {
		if len(k) == len(name) && strings.EqualFold(string(k), name) {
			return k, true
		}
	}
	return "", false
}

// cutValue splits at the first colon outside quotes. What stands in quotes that do
// not end is read as if they were not there, as clients do.
func cutValue(s string) (params, value string, ok bool) {
	quoted := false
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				return s[:i], s[i+1:], true
			}
		}
	}
	return strings.Cut(s, ":")
}

// param finds a parameter's value, without quotes.
func param(params, name string) string {
	for rest := params; rest != ""; {
		rest = strings.TrimPrefix(rest, ";")
		key, after, ok := strings.Cut(rest, "=")
		if !ok {
			return ""
		}
		var value string
		if quoted, found := strings.CutPrefix(after, `"`); found {
			value, rest, _ = strings.Cut(quoted, `"`)
		} else if i := strings.IndexByte(after, ';'); i >= 0 {
			value, rest = after[:i], after[i:]
		} else {
			value, rest = after, ""
		}
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// unescape reads the escapes of section 3.3.11.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		if c := s[i+1]; c == 'n' || c == 'N' {
			b.WriteByte('\n')
			s = s[i+2:]
		} else {
			s = s[i+1:] // the character stands for itself; it is not read as a backslash again
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
}
