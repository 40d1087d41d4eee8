package brand

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sekisho/filter/claim/canon"
)

// Match is an alias found in a folded text.
type Match struct {
	Brand      *Brand
	Alias      *Alias
	Start, End int // in Text.Folded
}

// name is one spelling that the automaton looks for.
type name struct {
	folded string // of the alias itself; "" for other spellings of it
	brand  *Brand
	alias  *Alias
	kana   bool // all of it is kana
	twin   bool // written with l for i
	not    []longer
}

// longer is a word that holds the name and means something else.
type longer struct {
	text   string // folded
	offset int    // where in it the name begins
}

// Match finds the aliases in t: left to right, the longest of those that begin
// at one place, none inside or across another. It looks at the text once,
// whatever the number of brands.
//
// Latin names, and those of other alphabets, count as whole words only. Kana
// and Han names may stand inside a longer run of text, save that names of kana
// alone do not begin inside a longer kana word (イオン in ライオン), nor, when they
// are short or ambiguous, end inside one (アップル in アップルパイ).
func (c *Catalogue) Match(t canon.Text) []Match {
	var found []Match
	c.words.scan(t.Folded, func(word int32, start, end int) bool {
		n := &c.names[word]
		if n.accepts(t, start, end) {
			found = settle(found, Match{Brand: n.brand, Alias: n.alias, Start: start, End: end})
		}
		return len(found) < MaxMatches
	})
	return found
}

// settle adds m, which ends no earlier than all found before, unless one of
// them begins to the left of it and reaches into it. Those that m covers go.
func settle(found []Match, m Match) []Match {
	n := len(found)
	for n > 0 && found[n-1].Start >= m.Start {
		n--
	}
	if n > 0 && found[n-1].End > m.Start {
		return found
	}
	return append(found[:n], m)
}

// accepts holds a place where the name was found against the rules of its
// alias.
func (n *name) accepts(t canon.Text, start, end int) bool {
	for _, w := range n.not {
		if at := start - w.offset; at >= 0 && strings.HasPrefix(t.Folded[at:], w.text) {
			return false
		}
	}
	if n.kana {
		return n.kanaWord(t, start, end)
	}
	if n.twin && end-start < longTwin && !strings.Contains(t.Seen(start, end), "1") {
		return false // a short word of its own: antal is not ANTAI
	}
	return !n.alias.Exact || sameCase(n.alias.Name, t.Seen(start, end))
}

// kanaWord reports whether a name of kana stands where it may: see Match. A name
// that is written in hiragana may follow and be followed by the hiragana that
// grammar puts there.
func (n *name) kanaWord(t canon.Text, start, end int) bool {
	seen := t.Seen(start, end)
	before, after := t.Around(start, end)
	first, _ := utf8.DecodeRuneInString(seen)
	last, _ := utf8.DecodeLastRuneInString(seen)
	written, _ := utf8.DecodeRuneInString(n.alias.Name)
	if n.alias.Exact && syllabary(first) != syllabary(written) {
		return false
	}
	grammar := syllabary(written) == hiragana
	if s := syllabary(first); s == syllabary(before) && !(s == hiragana && grammar) {
		return false
	}
	if utf8.RuneCountInString(n.alias.Name) > shortKana && !n.alias.Ambiguous {
		return true
	}
	s := syllabary(last)
	return s != syllabary(after) || s == hiragana && grammar
}

type script byte

const (
	noKana script = iota + 1
	hiragana
	katakana
)

// syllabary tells the two kinds of kana apart. The marks that belong to both
// are taken for katakana. The edge of a text (0) is unlike anything.
func syllabary(r rune) script {
	switch {
	case r == 0:
		return 0
	case r >= 'ぁ' && r <= 'ゟ':
		return hiragana
	case r >= 'ァ' && r <= 'ヿ' && r != '・', r >= 'ｦ' && r <= 'ﾟ':
		return katakana
	}
	return noKana
}

// sameCase reports whether seen has the capitals of written, or capitals only
// if written has one at all. Digits that stand for letters pass.
func sameCase(written, seen string) bool {
	shout := strings.ContainsFunc(written, unicode.IsUpper)
	same := true
	rest := seen
	for _, w := range written {
		if !unicode.IsLetter(w) && !unicode.IsDigit(w) {
			continue
		}
		r := rune(0)
		if r, rest = nextLetter(rest); r == 0 {
			return false
		}
		if unicode.IsDigit(r) {
			continue
		}
		same = same && unicode.IsUpper(r) == unicode.IsUpper(w)
		shout = shout && unicode.IsUpper(r)
	}
	r, _ := nextLetter(rest)
	return r == 0 && (same || shout)
}

// nextLetter returns the first letter or digit of s and what follows it; 0 when
// there is none.
func nextLetter(s string) (r rune, rest string) {
	for i, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r, s[i+utf8.RuneLen(r):]
		}
	}
	return 0, ""
}
