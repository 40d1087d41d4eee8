package authres

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sekisho/filter/mail"
)

// FieldName is the name of the field.
const FieldName = "Authentication-Results"

// Own returns which Authentication-Results fields of h bear the authserv-id id:
// places among all fields of that name, counted from 1 at the top, as a milter
// changes them.
//
// Such a field that was there before ours is forged (RFC 8601, section 5), so
// the id is read more generously than Parse does: any case, quotes, comments
// and folding before it, a dot at its end, and also in a field that is no proper
// one.
func Own(h mail.Header, id string) []int {
	var own []int
	n := 0
	for _, f := range h {
		if !strings.EqualFold(strings.TrimRight(f.Name, " \t"), FieldName) {
			continue
		}
		n++
		if bears(rawValue(f), id) {
			own = append(own, n)
		}
	}
	return own
}

func rawValue(f mail.Field) string {
	_, value, _ := strings.Cut(string(f.Raw), ":")
	return value
}

// bears reports whether a reader could take id for the authserv-id of value: it
// is read as the grammar has it, and it is looked for as a word before the first
// result. Whoever writes our name there in an odd spelling has no honest reason.
func bears(value, id string) bool {
	c := &scanner{s: value}
	if c.skip() == nil {
		if name, err := c.value('='); err == nil && sameID(name, id) {
			return true
		}
	}
	return mentions(beforeResults(value), id)
}

// beforeResults cuts value before the name of its first result ("spf=pass").
func beforeResults(value string) string {
	if at := strings.IndexByte(value, '='); at >= 0 {
		return value[:at]
	}
	return value
}

// mentions reports whether id is a word of text, whatever stands around it or,
// as comments and blanks, at its dots.
func mentions(text, id string) bool {
	id = strings.TrimSuffix(id, ".")
	text = plain(text)
	for _, reading := range [...]string{text, joinDots(text)} {
		for _, w := range strings.FieldsFunc(reading, notHost) {
			if sameID(strings.Trim(w, ".-"), id) {
				return true
			}
		}
	}
	return false
}

// joinDots takes out comments, and white space beside dots: where an id was a
// dot-atom and not a token yet (RFC 5451), old grammar had both there (RFC 5322,
// section 4.4, obs-domain).
func joinDots(text string) string {
	var b strings.Builder
	depth, blank := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case isSpace(c):
			blank = true
		default:
			if blank && c != '.' && !strings.HasSuffix(b.String(), ".") {
				b.WriteByte(' ')
			}
			blank = false
			b.WriteByte(c)
		}
	}
	return b.String()
}

// plain folds what readers may fold: full-width letters, the dots of other scripts
// (RFC 3490, section 3.1), invisible characters and backslashes.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xff01 + '!'
		case r == 0x3002, r == 0xff61:
			return '.'
		case r == '\\', r == 0x200b, r == 0x200c, r == 0x200d, r == 0x2060, r == 0xfeff, r == 0xad:
			return -1
		}
		return r
	}, text)
}

// notHost reports whether r cannot be part of a host name.
func notHost(r rune) bool {
	return r < 0x80 && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '-' || r == '_') ||
		unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError
}

func sameID(a, b string) bool {
	a, b = strings.TrimSuffix(a, "."), strings.TrimSuffix(b, ".")
	bare, _, _ := strings.Cut(a, "/") // the version once followed a slash (RFC 5451)
	return strings.EqualFold(a, b) || strings.EqualFold(strings.TrimSuffix(bare, "."), b)
}
