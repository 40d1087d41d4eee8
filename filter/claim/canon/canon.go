package canon

import (
	"sort"
	"unicode"
	"unicode/utf8"
)

// Text is a folded text with its way back to what was seen. The zero value is
// the fold of an empty text.
type Text struct {
	Folded   string // what is compared
	Stripped bool   // characters that nobody sees (zero width, soft hyphen, bidi controls) were dropped
	Cut      bool   // the source was longer than MaxSource

	source string
	end    int32 // where the source of Folded ends: trailing white space is not part of it
	runs   []run // in order; the first starts at 0
}

// run says that from Folded[out] on, bytes came one by one from source[src] on.
// It ends where the next run begins, in both texts.
type run struct{ out, src int32 }

// Folds reports whether t is the fold of s.
func (t Text) Folds(s string) bool { return t.source == s }

// Source returns the byte in the source that Folded[i] came from; for
// len(Folded) it is the end of the source that was folded. An i out of range
// is taken as the nearest end.
func (t Text) Source(i int) int {
	if i <= 0 && len(t.runs) == 0 || i >= len(t.Folded) {
		return int(t.end)
	}
	i = max(i, 0)
	k := sort.Search(len(t.runs), func(k int) bool { return int(t.runs[k].out) > i })
	limit := int(t.end)
	if k < len(t.runs) {
		limit = int(t.runs[k].src)
	}
	r := t.runs[k-1]
	return min(int(r.src)+i-int(r.out), limit)
}

// Seen returns the source text that Folded[start:end] came from. A character of
// the source that became several is given whole.
func (t Text) Seen(start, end int) string {
	from, to := t.span(start, end)
	return t.source[from:to]
}

func (t Text) span(start, end int) (from, to int) {
	start = min(max(start, 0), len(t.Folded))
	end = min(max(end, start), len(t.Folded))
	from, to = t.Source(start), t.Source(end)
	if end == start {
		return from, from
	}
	last := end - 1
	for last > start && !utf8.RuneStart(t.Folded[last]) {
		last--
	}
	for at := t.Source(last); to <= at && end < len(t.Folded); to = t.Source(end) {
		_, size := utf8.DecodeRuneInString(t.Folded[end:])
		end += size
	}
	return from, to
}

// StrippedIn reports whether characters that nobody sees were dropped from
// within the source of Folded[start:end]. Unlike Stripped it does not speak of
// the padding and emoji that honest mail holds elsewhere.
func (t Text) StrippedIn(start, end int) bool {
	for _, r := range t.Seen(start, end) {
		if ignorable(r) {
			return true
		}
	}
	return false
}

// Around returns the characters of the source just before and just after
// Folded[start:end]; those that nobody sees are passed over. 0 stands for the
// edge of the text.
func (t Text) Around(start, end int) (before, after rune) {
	from, to := t.span(start, end)
	for from > 0 {
		r, size := utf8.DecodeLastRuneInString(t.source[:from])
		if from -= size; !ignorable(r) {
			before = r
			break
		}
	}
	for to < len(t.source) {
		r, size := utf8.DecodeRuneInString(t.source[to:])
		if to += size; !ignorable(r) {
			after = r
			break
		}
	}
	return before, after
}

// ignorable reports a character that leaves no trace on the screen: Unicode's
// default-ignorables and the control characters that are not white space.
func ignorable(r rune) bool {
	switch {
	case r < 0x20:
		return r < '\t' || r > '\r'
	case r < 0x7f:
		return false
	case r < 0xa0:
		return r != 0x85
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5:
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	case r == 0x3164, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r == 0xffa0, r >= 0xfff0 && r <= 0xfff8:
		return true
	case r >= 0x1bca0 && r <= 0x1bca3, r >= 0x1d173 && r <= 0x1d17a, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

// dresses reports an ignorable that honest text puts after a character to choose
// its picture: variation selectors, and the joiner and tags of emoji. It is
// dropped without note.
func dresses(r rune, before rune) bool {
	switch {
	case r >= 0xe0100 && r <= 0xe01ef:
		return unicode.Is(unicode.Han, before)
	case r >= 0xfe00 && r <= 0xfe0f, r == 0x200d, r >= 0xe0020 && r <= 0xe007f:
		return before >= 0x203c && !unicode.IsLetter(before)
	}
	return false
}
