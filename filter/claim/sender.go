package claim

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sekisho/filter/mail"
)

// Sender is what the display name of From says beside brands: the words of a name
// that the catalogue does not know, and whether words of a service stand there.
type Sender struct {
	Own     []string // folded words that are no brand's and no service's, maxOwnWords at most
	Service bool     // words of a service, an office or a notice
}

// Sender reads the first display name of From.
func (r *Reader) Sender(m *mail.Message) Sender {
	var s Sender
	if len(m.From) == 0 {
		return s
	}
	t := r.readShort(cut(m.From[0].Name.Shown, maxHeaderBytes))
	at := 0
	for _, match := range t.matches {
		r.words.name(t.text.Folded[at:match.Start], &s)
		at = match.End
	}
	r.words.name(t.text.Folded[at:], &s)
	return s
}

// name sorts the words of a folded text into s.
func (v vocabulary) name(text string, s *Sender) {
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		var rest residue
		v.scan(word, &rest)
		// Small words (de, von, the) stand in the names of people too.
		s.Service = s.Service || rest.service > 0 && len(word) >= minOfficeWord || v.endsInService(word)
		if rest.foreign > 0 && utf8.RuneCountInString(word) > 1 && len(s.Own) < maxOwnWords {
			s.Own = append(s.Own, word)
		}
	}
}

// endsInService reports whether a word of a script without spaces ends in a word of
// a service: 料金センター.
func (v vocabulary) endsInService(word string) bool {
	for i, c := range word {
		if i == 0 || !spaceless(c) {
			continue
		}
		if _, ok := v.service[word[i:]]; ok && utf8.RuneCountInString(word[i:]) > 1 {
			return true
		}
	}
	return false
}
