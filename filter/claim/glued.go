package claim

import (
	"strings"

	"sekisho/filter/claim/canon"
)

// readGlued reads a name in which a brand is glued to words of a service
// (NetflixSupport, BAHNGUTSCHEIN) with the blanks that people see in it. A word that
// holds anything else beside the brand is left as it is: it is another name
// (AppleTree). Nothing is found where no word is taken apart.
func (r *Reader) readGlued(name string) reading {
	if len(name) > maxPhraseBytes {
		return reading{}
	}
	words, changed := strings.Fields(name), false
	for i, w := range words {
		if i == maxGluedWords {
			break
		}
		if parts := r.words.unglue(w); parts != w && r.nothingElse(parts) {
			words[i], changed = parts, true
		}
	}
	if !changed {
		return reading{}
	}
	t := canon.Fold(strings.Join(words, " "))
	return newReading(t, name, r.catalogue.Match(t))
}

// nothingElse reports whether s is a brand and words of a service.
func (r *Reader) nothingElse(s string) bool {
	t := r.read(s)
	rest := r.words.residue(t)
	return len(t.matches) > 0 && rest.foreign == 0 && rest.service > 0
}

// unglue sets blanks into one word: before a capital letter after a small one,
// else beside the longest word of a service that it ends or begins with.
func (v vocabulary) unglue(word string) string {
	if len(word) < minGlued || len(word) > maxGlued || strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz") != "" {
		return word
	}
	var b strings.Builder
	for i := range len(word) {
		if i > 0 && capital(word[i]) && !capital(word[i-1]) {
			b.WriteByte(' ')
		}
		b.WriteByte(word[i])
	}
	if b.Len() > len(word) {
		return b.String()
	}
	small := strings.ToLower(word)
	for n := len(word) - minBeside; n >= minBeside; n-- {
		if _, ok := v.service[small[len(small)-n:]]; ok {
			return word[:len(word)-n] + " " + word[len(word)-n:]
		}
		if _, ok := v.service[small[:n]]; ok {
			return word[:n] + " " + word[n:]
		}
	}
	return word
}

func capital(c byte) bool { return c >= 'A' && c <= 'Z' }
