package finding

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// line makes s one line of printable text within maxWhyBytes.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	return cut(s, maxWhyBytes)
}

// quote shows a piece of the message.
func quote(s string) string {
	s = strings.TrimSpace(s)
	short := cut(s, maxQuotedBytes)
	if len(short) < len(s) {
		short += "…"
	}
	return "“" + short + "”"
}

// cut returns at most n bytes of s, ending at a rune edge.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
