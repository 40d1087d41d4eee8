package canon

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// class is what a character means to the folder.
type class int

const (
	spelled class = iota // stands for what foldRune says
	invisible
	white
	combining
	voicedMark
	halfVoicedMark
)

func classify(r rune) class {
	switch {
	case ignorable(r):
		return invisible
	case r == 0x3099, r == 0x309b, r == 0xff9e:
		return voicedMark
	case r == 0x309a, r == 0x309c, r == 0xff9f:
		return halfVoicedMark
	case unicode.IsSpace(r), r >= 0x2000 && r <= 0x200a, r == 0x2800: // U+2800 is an empty Braille cell
		return white
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
		return combining
	}
	return spelled
}

// table is the part of the folding that needs no context, and the memory that
// foldings pass on: a message is folded line by line.
type table struct {
	folders sync.Pool // of *folder

	lower  [utf8.RuneSelf]byte // what an ASCII byte becomes; 0 for white space and controls
	simple [0x10000]uint16     // the one character of the BMP that r becomes; 0 where the folder has to look closer
}

// tables builds the table on first use: some 7,000 normalisations, a few
// milliseconds.
var tables = sync.OnceValue(func() *table {
	t := &table{}
	for c := range byte(utf8.RuneSelf) {
		if c > ' ' && c < 0x7f {
			t.lower[c] = c
		}
		if c >= 'A' && c <= 'Z' {
			t.lower[c] = c + 'a' - 'A'
		}
	}
	t.lower['`'] = '\'' // as foldRune has it
	for _, block := range [][2]rune{{0x80, 0x58f}, {0x1e00, 0x27bf}, {0x3000, 0x33ff}, {0xff00, 0xffef}} {
		for r := block[0]; r <= block[1]; r++ {
			t.add(r)
		}
	}
	for _, block := range [][2]rune{{0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xac00, 0xd7a3}} {
		for r := block[0]; r <= block[1]; r++ {
			t.simple[r] = uint16(r) // normal forms of themselves
		}
	}
	for old := range hanVariants {
		if old <= 0xffff {
			t.add(old)
		}
	}
	return t
})

func (t *table) add(r rune) {
	if classify(r) != spelled {
		return
	}
	s := foldRune(r)
	if x, size := utf8.DecodeRuneInString(s); size == len(s) && x <= 0xffff {
		t.simple[r] = uint16(x)
	}
}

// foldRune returns what r becomes whatever stands beside it. It is at most
// MaxGrowth times as long as r.
func foldRune(r rune) string {
	s := string(r)
	for range 4 { // each step feeds the next at most twice; the test folds every character there is
		next := foldOnce(s)
		if next == s {
			break
		}
		s = next
	}
	if len(s) > MaxGrowth*utf8.RuneLen(r) {
		return string(r)
	}
	return s
}

func foldOnce(s string) string {
	var b strings.Builder
	for _, r := range s {
		if c := lookAlike(r); c != 0 {
			b.WriteRune(c)
			continue
		}
		for _, x := range normal(r) {
			if x >= 'ぁ' && x <= 'ゖ' || x == 'ゝ' || x == 'ゞ' {
				x += 'ァ' - 'ぁ'
			}
			if today, old := hanVariants[x]; old {
				x = today
			}
			b.WriteRune(x)
		}
	}
	return b.String()
}

// normal returns r in NFKC and lower case, without the marks on the letters of
// alphabets.
func normal(r rune) string {
	if r == 'ß' || r == 'ẞ' {
		return "ss"
	}
	s := norm.NFKC.String(string(r))
	if s[0] == ' ' {
		return string(r) // a spacing mark such as U+00A8: it is not white space
	}
	base, _ := utf8.DecodeRuneInString(s)
	if losesMarks(base) {
		s = withoutMarks(norm.NFKD.String(s))
	}
	return strings.Map(unicode.ToLower, s)
}

func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}

// losesMarks reports the characters whose marks are dropped: ASCII, and the
// letters of Latin, Greek and Cyrillic.
func losesMarks(r rune) bool {
	return r > 0 && r < utf8.RuneSelf && r != ' ' || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// strange reports a mark of the alphabets, or one that strikes through or rings
// its letter, on a Han character or kana: no language writes it.
func strange(mark, on rune) bool {
	alphabetic := mark >= 0x300 && mark <= 0x36f || mark >= 0x483 && mark <= 0x489 || mark >= 0x1ab0 && mark <= 0x1aff || mark >= 0x1dc0 && mark <= 0x1dff || mark >= 0x20d0 && mark <= 0x20ff
	return alphabetic && (kana(on) || unicode.Is(unicode.Han, on))
}
