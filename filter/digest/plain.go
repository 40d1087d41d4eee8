package digest

import (
	"strings"
	"unicode"
)

// plain is a text of a sender's on one line, short, with nothing in it that is not
// seen, and nothing of which a mail client makes a link: those look for schemes, for
// names with dots, and for addresses, in plain text too.
func plain(s string) string {
	var b strings.Builder
	shown, marks, before := 0, 0, ' '
	runes := []rune(strings.ToValidUTF8(cutBytes(s), "\uFFFD"))
	for i, r := range runes {
		if unicode.IsSpace(r) {
			r = ' '
		}
		switch {
		case r == ' ' && before == ' ':
			continue
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			if marks++; marks > maxMarks {
				continue
			}
		case r == unicode.ReplacementChar || r != ' ' && !unicode.IsGraphic(r):
			r, marks = unicode.ReplacementChar, 0
		default:
			marks = 0
		}
		if shown == maxText {
			return strings.TrimSpace(b.String()) + "…"
		}
		shown++
		next := ' '
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		if breaks(r, before, next) {
			b.WriteString("[" + string(r) + "]")
		} else {
			b.WriteRune(r)
		}
		before = r
	}
	return strings.TrimSpace(b.String())
}

// cutBytes keeps a text of any length from costing more than what is shown of it.
func cutBytes(s string) string { return s[:min(len(s), 16*maxText)] }

// breaks reports the characters that hold a link together: the dot in a name, in any
// form that resolvers take for one, the colon of a scheme, and the sign in an address.
func breaks(r, before, next rune) bool {
	switch r {
	case '.', '．', '。', '｡':
		return wordly(before) && wordly(next) && (r == '.' || r == '．' || before < 0x80 && next < 0x80)
	case ':', '：':
		return wordly(before) && (next == '/' || next == '\\' || wordly(next))
	case '@', '＠':
		return wordly(before) && wordly(next)
	case '/':
		return before == '/'
	}
	return false
}

func wordly(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_%+[", r)
}

// own is the reader's own address: as it is, unless somebody has made up one of a
// domain that takes all.
func own(address string) string {
	for _, r := range address {
		if r > '~' || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@._+=-", r) {
			return plain(address)
		}
	}
	if len(address) > maxText {
		return plain(address)
	}
	return address
}
