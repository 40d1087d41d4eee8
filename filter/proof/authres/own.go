package authres

import (
	"strings"

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

func bears(value, id string) bool {
	c := &scanner{s: value}
	if c.skip() != nil {
		return mentions(value, id) // a comment that does not end hides the rest
	}
	name, err := c.value('=')
	if err != nil {
		return mentions(value, id)
	}
	return sameID(name, id)
}

// mentions reports whether id is a word of a value that can't be read.
func mentions(value, id string) bool {
	words := strings.FieldsFunc(value, func(r rune) bool {
		return strings.ContainsRune(" \t\r\n;()\"=\\", r)
	})
	for _, w := range words {
		if sameID(w, id) {
			return true
		}
	}
	return false
}

func sameID(a, b string) bool {
	a, b = strings.TrimSuffix(a, "."), strings.TrimSuffix(b, ".")
	bare, _, _ := strings.Cut(a, "/") // the version once followed a slash (RFC 5451)
	return strings.EqualFold(a, b) || strings.EqualFold(strings.TrimSuffix(bare, "."), b)
}
