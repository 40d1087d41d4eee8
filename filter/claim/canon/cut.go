package canon

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Cut returns the head of s that a reader sees in the first n bytes: what nobody
// sees is passed over, and white space that runs on counts once, so that padding
// does not push a name out of sight. A text that is cut comes without them. Of s
// itself MaxCut bytes are looked at.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	var b strings.Builder
	b.Grow(n)
	space := true // none at the start
	for i := 0; i < min(len(s), MaxCut); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch kind := classify(r); {
		case kind == invisible && !overrides(r):
		case kind == white && space:
		case b.Len()+size > n:
			return b.String()
		default:
			b.WriteString(s[i : i+size])
			space = kind == white
		}
		i += size
	}
	return b.String()
}

// overrides reports a character that says which way the following ones run,
// whatever they are, or ends such a run (UAX 9, section 2.2).
func overrides(r rune) bool {
	return r == leftToRight || r == rightToLeft || r == endOfRun
}

const (
	leftToRight = '\u202d' // LRO
	rightToLeft = '\u202e' // RLO
	endOfRun    = '\u202c' // PDF
)

// Turned returns s as it is shown where it overrides the direction of its
// letters: what follows U+202E stands in reverse, up to U+202C or U+202D or the
// end. It is false where nothing is turned. Marks stay behind their letters.
func Turned(s string) (string, bool) {
	start := strings.IndexRune(s, rightToLeft)
	if start < 0 || len(s) > MaxSource {
		return s, false
	}
	out := make([]byte, 0, len(s))
	for start >= 0 {
		out = append(out, s[:start]...)
		s = s[start+utf8.RuneLen(rightToLeft):]
		end := strings.IndexFunc(s, func(r rune) bool { return overrides(r) })
		if end < 0 {
			end = len(s)
		}
		out = appendReversed(out, s[:end])
		s = s[end:]
		start = strings.IndexRune(s, rightToLeft)
	}
	return string(append(out, s...)), true
}

// appendReversed appends s from its end, marks behind the letters they are on.
func appendReversed(out []byte, s string) []byte {
	for end := len(s); end > 0; {
		start := end
		for start > 0 {
			r, size := utf8.DecodeLastRuneInString(s[:start])
			start -= size
			if !unicode.IsMark(r) {
				break
			}
		}
		out = append(out, s[start:end]...)
		end = start
	}
	return out
}
