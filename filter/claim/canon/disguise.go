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

// signLetter returns the letter that the sign s[i] stands for in a Latin word, 0
// when it stands for none: a letter follows it, and none but a letter is before it.
func signLetter(s string, i int) byte {
	var as byte
	switch s[i] {
	case '@':
		as = 'a'
	case '$':
		as = 's'
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

// digitLetter returns the letter that the digit s[i] stands for, 0 when it stands
// for none: it is in a word of Latin letters and digits that holds as many letters
// as digits or nearly so, and no number. A single letter with a digit counts where a CJK word
// goes on from it (J4バンク).
func digitLetter(s string, i int) byte {
	as := "ol\x00eas\x00t\x00\x00"[s[i]-'0']
	if as == 0 {
		return 0
	}
	start, end := i, i+1
	for start > 0 && i-start < maxLeetWord && alnum(s[start-1]) {
		start--
	}
	for end < len(s) && end-i < maxLeetWord && alnum(s[end]) {
		end++
	}
	letters, digits, row, longest := 0, 0, 0, 0
	for _, c := range []byte(s[start:end]) {
		if letter(c) {
			letters, row = letters+1, 0
			continue
		}
		digits, row = digits+1, row+1
		longest = max(longest, row)
	}
	cjk := false
	if r, _ := utf8.DecodeRuneInString(s[end:]); end < len(s) {
		cjk = r >= firstCJK
	}
	switch {
	case longest > maxLeetRow || digits > letters+1:
		return 0
	case letters >= 2, letters == 1 && digits == 1 && cjk:
		return as
	}
	return 0
}
