package canon

import "unicode/utf8"

// Regional indicators, of which two make a flag.
const (
	firstFlag = '\U0001f1e6'
	lastFlag  = '\U0001f1ff'
)

// flags counts the regional indicators that s begins with.
func flags(s string) int {
	n := 0
	for _, r := range s {
		if r < firstFlag || r > lastFlag || n == minFlagLetters {
			break
		}
		n++
	}
	return n
}

// spellFlags writes the regional indicators at s[i:] as letters and returns how
// long they are.
func (q *squeezer) spellFlags(s string, i int) int {
	size := 0
	for _, r := range s[i:] {
		if r < firstFlag || r > lastFlag {
			break
		}
		q.put(i+size, string('a'+r-firstFlag))
		size += utf8.RuneLen(r)
	}
	return size
}

// signLetter returns the letter that the digit or sign s[i] stands for in a Latin
// word, 0 when it stands for none: it has a letter on one side at least and is not
// one of a number.
func signLetter(s string, i int) byte {
	var as byte
	switch s[i] {
	case '4', '@':
		as = 'a'
	case '3':
		as = 'e'
	case '5', '$':
		as = 's'
	case '7':
		as = 't'
	case '!':
		as = 'i'
	default:
		return 0
	}
	before, after := byteAt(s, i-1), byteAt(s, i+1)
	if !letter(after) || before != 0 && before != ' ' && !letter(before) {
		return 0
	}
	return as
}

func byteAt(s string, i int) byte {
	if i < 0 || i >= len(s) {
		return 0
	}
	return s[i]
}

// doubledEnd reports whether s[i] ends a Latin word and repeats its last letter.
// A double s is how words end (express).
func doubledEnd(s string, i int) bool {
	if !letter(s[i]) || s[i] == 's' || byteAt(s, i-1) != s[i] || alnum(byteAt(s, i+1)) {
		return false
	}
	start := i
	for start > 0 && i-start < minDoubled && letter(s[start-1]) {
		start--
	}
	return i-start+1 >= minDoubled
}
