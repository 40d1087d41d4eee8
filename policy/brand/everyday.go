package brand

import (
	"iter"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"sekisho/filter/claim/canon"
)

// everydayFile lists everyday words, blanks between them, as they are commonly
// written. Lines that begin with # say nothing.
const everydayFile = "data/words/everyday.txt"

// everyday reads the list, folded.
func everyday() (map[string]struct{}, error) {
	src, err := embedded.ReadFile(everydayFile)
	if err != nil {
		return nil, err
	}
	words := make(map[string]struct{}, len(src)/8)
	for line := range strings.Lines(string(src)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for w := range strings.FieldsSeq(line) {
			words[canon.Fold(w).Folded] = struct{}{}
		}
	}
	return words, nil
}

// weaken marks the names of an organisation of the broad tier that could be
// chance: everyday words are ambiguous, and short names count only in the case
// they are written in. In the full tier the data files say so themselves.
func (c *Catalogue) weaken(b *Brand) {
	for i := range b.Aliases {
		a := &b.Aliases[i]
		if _, common := c.everyday[canon.Fold(a.Name).Folded]; common {
			a.Ambiguous = true
		}
		if utf8.RuneCountInString(a.Name) < shortName && strings.ContainsFunc(a.Name, unicode.IsUpper) {
			a.Exact = true
		}
	}
}

// Everyday reports whether a folded word is an everyday word, which is nobody's
// name.
func (c *Catalogue) Everyday(word string) bool {
	_, common := c.everyday[word]
	return common
}

// EverydayWords yields all of them, folded, in no order.
func (c *Catalogue) EverydayWords() iter.Seq[string] { return maps.Keys(c.everyday) }

// silent reports whether a is never looked for: a bare everyday word claims
// nothing for an organisation of the broad tier.
func (b *Brand) silent(a *Alias) bool { return b.Tier == Broad && a.Ambiguous }
