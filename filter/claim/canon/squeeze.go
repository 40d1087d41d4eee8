package canon

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Squeeze folds a short text further than Fold does: for display names and
// subjects in which Fold found nothing. It joins letters that stand apart by
// blanks or marks (A-m-a-z-o-n, 楽 天), reads a capital I after a small letter
// as l (PayPaI), rn as m and vv as w (arnazon), digits and signs of a Latin word
// as the letters they resemble (p4yp@l, 4mazon), regional indicators as letters, and
// a doubled last letter once (amazonn). That harms honest words (modern), so what
// it finds has to be a name to count.
func Squeeze(s string) Text {
	t := Fold(s)
	if len(s) > MaxSqueeze {
		return t
	}
	q := squeezer{from: t, out: make([]byte, 0, len(t.Folded))}
	q.text()
	t.Folded, t.runs = string(q.out), q.runs
	return t
}

// squeezer writes the squeezed text and its runs, which lead to the source
// itself.
type squeezer struct {
	from Text
	out  []byte
	runs []run
}

func (q *squeezer) text() {
	for s, i := q.from.Folded, 0; i < len(s); {
		if end, gap := q.apart(i); end > i {
			q.join(i, end, gap)
			i = end
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 'r' && strings.HasPrefix(s[i+1:], "n"):
			q.put(i, "m")
			size = 2
		case r == 'v' && strings.HasPrefix(s[i+1:], "v"):
			q.put(i, "w")
			size = 2
		case r == 'i' && q.capitalAfterSmall(i):
			q.put(i, "l")
		case r >= '0' && r <= '9' && digitLetter(s, i) != 0:
			q.put(i, string(rune(digitLetter(s, i))))
		case r < utf8.RuneSelf && signLetter(s, i) != 0:
			q.put(i, string(rune(signLetter(s, i))))
		case r >= firstFlag && r <= lastFlag && flags(s[i:]) >= minFlagLetters:
			size = q.spellFlags(s, i)
		case doubledEnd(s, i):
		default:
			q.put(i, s[i:i+size])
		}
		i += size
	}
}

// join writes the letters of s[i:end] without the gaps between them.
func (q *squeezer) join(i, end int, gap string) {
	for s := q.from.Folded; i < end; {
		_, size := utf8.DecodeRuneInString(s[i:])
		letter := s[i : i+size]
		if before, _ := utf8.DecodeLastRune(q.out); letter == "-" && kana(before) {
			letter = string(longVowel)
		}
		q.put(i, letter)
		i += size + q.gap(i+size, gap)
	}
}

// gap returns how long the gap is at s[i:]; 0 where there is none. Behind kana a
// hyphen was folded to a long vowel.
func (q *squeezer) gap(i int, gap string) int {
	const vowel = string(longVowel)
	switch s := q.from.Folded[i:]; {
	case strings.HasPrefix(s, gap):
		return len(gap)
	case gap == "-" && strings.HasPrefix(s, vowel) && q.from.Seen(i, i+len(vowel)) == "-":
		return len(vowel)
	}
	return 0
}

func (q *squeezer) put(i int, folded string) {
	q.runs = append(q.runs, run{out: int32(len(q.out)), src: int32(q.from.Source(i))})
	q.out = append(q.out, folded...)
}

// capitalAfterSmall reports an i that was written as a capital after a small
// letter and not before a capital: people see an l there.
func (q *squeezer) capitalAfterSmall(i int) bool {
	seen := q.from.Seen(i, i+1)
	before, after := q.from.Around(i, i+1)
	return seen == "I" && unicode.IsLower(before) && !unicode.IsUpper(after)
}

const (
	gapMarks = " -._*・|/~,'+=^:;。、丨"
	firstCJK = 'ぁ' // letters from here on need no blanks between words
)

// apart looks for letters that stand one by one, with the same one or two marks
// or blanks between them, from i on. It returns where the last of them ends and
// what the gaps are; end is i where there are too few.
func (q *squeezer) apart(i int) (end int, gap string) {
	s := q.from.Folded
	if i > 0 {
		if r, _ := utf8.DecodeLastRuneInString(s[:i]); wordRune(r) {
			return i, ""
		}
	}
	first, size := utf8.DecodeRuneInString(s[i:])
	if !wordRune(first) {
		return i, ""
	}
	gap = gapAt(s[i+size:])
	if gap == "" && q.gap(i+size, "-") > 0 {
		gap = "-"
	}
	if gap == "" {
		return i, ""
	}
	cjk := first >= firstCJK
	count, mixed, latin := 1, cjk, !cjk
	for end = i + size; ; count++ {
		width := q.gap(end, gap)
		r, size := utf8.DecodeRuneInString(s[end+width:])
		if width == 0 || size == 0 || !alike(r, cjk, gap) {
			break
		}
		next := end + width + size
		after, _ := utf8.DecodeRuneInString(s[next:])
		if next < len(s) && wordRune(after) && q.gap(next, gap) == 0 {
			if count >= minGlued && blankless(gap) { // the last of them stands before a word: カ_ー_ドセンター
				end = next
			}
			break
		}
		mixed, latin = mixed || r >= firstCJK, latin || r < firstCJK && r != '-'
		end = next
	}
	if count < minApart(mixed && (!latin || blankless(gap)), gap) {
		return i, ""
	}
	return end, gap
}

// alike reports whether r carries on a word of letters that stand apart. A long
// vowel that stands alone was folded to a dash, and a name may hold a sign
// (Yahoo!).
func alike(r rune, cjk bool, sep string) bool {
	switch {
	case r == '-':
		return sep != "-" && (cjk || blankless(sep))
	case r == '!' || r == '&' || r == '+':
		return !cjk || blankless(sep)
	}
	return wordRune(r)
}

func blankless(sep string) bool { return !strings.Contains(sep, " ") }

// minApart is how many letters have to stand one by one to be read as a word: two
// with CJK among them; of Latin ones more, and still more where only a blank is
// between them, for a Latin letter by itself is a word.
func minApart(cjk bool, sep string) int {
	switch {
	case cjk:
		return 2
	case blankless(sep):
		return 3
	}
	return 4
}

// gapAt returns the mark or blank that s begins with, or one of each.
func gapAt(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 || !strings.ContainsRune(gapMarks, first) {
		return ""
	}
	second, more := utf8.DecodeRuneInString(s[size:])
	if more > 0 && strings.ContainsRune(gapMarks, second) && (first == ' ') != (second == ' ') && !strings.HasPrefix(s[size+more:], " ") {
		size += more
	}
	return s[:size]
}

func wordRune(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || r == longVowel) && r != '丨'
}
