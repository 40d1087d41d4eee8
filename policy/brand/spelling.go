package brand

import (
	"slices"
	"strings"
	"unicode"

	"sekisho/filter/claim/canon"
)

// newName prepares an alias for the search and returns its folded text.
func newName(b *Brand, a *Alias) (name, string) {
	folded := canon.Fold(a.Name).Folded
	n := name{brand: b, alias: a, kana: allKana(folded)}
	for _, w := range a.Not {
		text := canon.Fold(w).Folded
		if at := strings.Index(text, folded); at >= 0 {
			n.not = append(n.not, longer{text: text, offset: at})
		}
	}
	return n, folded
}

func allKana(folded string) bool {
	return !strings.ContainsFunc(folded, func(r rune) bool { return syllabary(r) != katakana && r != '・' })
}

// spellings returns other ways to set blanks in a folded name: some or none where
// scripts meet ("PayPay 銀行", "PayPay銀行", "楽天 カード"), none at all
// ("AmericanExpress").
func spellings(folded string) []string {
	all := make([]string, 0, 8)
	add := func(s string) {
		if s != folded && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	if ascii(folded) {
		if joined := strings.ReplaceAll(folded, " ", ""); joined != folded && len(joined) >= minJoined {
			all = append(all, joined)
		}
		return all
	}
	for _, latin := range []bool{false, true} {
		for _, han := range []bool{false, true} {
			add(retype(folded, latin, han))
		}
	}
	if joined := strings.ReplaceAll(folded, " ", ""); len(joined) >= minJoined {
		add(joined)
	}
	return all
}

// twins returns a Latin name with l for one i or for all: a 1 in a word was
// folded to l, and people take the one letter for the other.
func twins(folded string) []string {
	n := strings.Count(folded, "i")
	if n == 0 || len(folded) < minTwinned || !ascii(folded) {
		return nil
	}
	all := []string{strings.ReplaceAll(folded, "i", "l")}
	if n == 2 {
		last := strings.LastIndexByte(folded, 'i')
		all = append(all, strings.Replace(folded, "i", "l", 1), folded[:last]+"l"+folded[last+1:])
	}
	return all
}

// retype sets a blank, or none, wherever an alphabet meets CJK (latin) and
// wherever Han meets kana (han).
func retype(folded string, latin, han bool) string {
	var b strings.Builder
	var last rune
	gap := false // a blank of the source waits to be written
	for _, r := range folded {
		if r == ' ' {
			gap = true
			continue
		}
		switch meets(last, r) {
		case alphabet:
			gap = latin
		case withinCJK:
			gap = han
		}
		if gap {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, gap = r, false
	}
	return b.String()
}

// border is the kind of place where blanks come and go.
type border int

const (
	none      border = iota
	alphabet         // an alphabet beside Han or kana
	withinCJK        // Han beside kana
)

func meets(a, b rune) border {
	x, y := sortOf(a), sortOf(b)
	switch {
	case x == 0 || y == 0 || x == y:
		return none
	case x == letterSort || y == letterSort:
		return alphabet
	}
	return withinCJK
}

const (
	kanaSort = iota + 1
	hanSort
	letterSort
)

func sortOf(r rune) int {
	switch {
	case syllabary(r) == katakana:
		return kanaSort
	case unicode.Is(unicode.Han, r):
		return hanSort
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return letterSort
	}
	return 0
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
