package claim

import (
	"slices"

	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
	"sekisho/policy/brand"
)

// Reader finds claims of a catalogue's brands. It is immutable and safe for use
// by several goroutines.
type Reader struct {
	catalogue *brand.Catalogue
	words     vocabulary
	hosts     hostNames
}

// NewReader returns a Reader for the brands of c.
func NewReader(c *brand.Catalogue) *Reader {
	return &Reader{catalogue: c, words: newVocabulary(), hosts: newHostNames(c)}
}

// Read returns the claims of m, at most one for each brand and place: the
// strongest. They are ordered as the message is read: From, subject, body, links.
func (r *Reader) Read(m *mail.Message) []Claim {
	claims, _ := r.ReadFolding(m)
	return claims
}

// ReadFolding is Read, and returns the text that it folded for those who read on.
func (r *Reader) ReadFolding(m *mail.Message) ([]Claim, Folds) {
	found := &collection{}
	r.readFrom(m, found)
	r.readSubject(m, found)
	folds := r.readBody(m, found)
	r.readHosts(m, found)
	r.readReply(m, found)
	r.readAssets(m, found)
	if r.unnamed(m) {
		for i := range found.claims {
			found.claims[i].Unnamed = true
		}
	}
	return found.claims, folds
}

// readings returns what clients show for t, the usual reading first. A text that
// turns the direction of its letters is read as shown and as written.
func readings(t mail.Text) []string {
	all := make([]string, 0, 1+len(t.Also))
	for i := -1; i < len(t.Also) && len(all) < maxReadings; i++ {
		text := t.Shown
		if i >= 0 {
			text = t.Also[i]
		}
		text = canon.Cut(text, maxHeaderBytes)
		if turned, ok := canon.Turned(text); ok {
			all = append(all, turned)
		}
		all = append(all, text)
	}
	return all
}

// reading is one text, folded once, with the brands in it.
type reading struct {
	text    canon.Text
	seen    string // what was folded
	matches []brand.Match
	footers []brand.Match // footer prints, apart from names
	shop    bool          // for Claim.Shop
	beside  bool          // for Claim.Beside
}

func (r *Reader) read(s string) reading {
	t := canon.Fold(s)
	return newReading(t, s, r.catalogue.Match(t))
}

// newReading sets the footer prints apart.
func newReading(t canon.Text, seen string, matches []brand.Match) reading {
	read := reading{text: t, seen: seen, matches: matches}
	if !slices.ContainsFunc(matches, footer) {
		return read
	}
	read.matches = nil
	for _, m := range matches {
		if footer(m) {
			read.footers = append(read.footers, m)
		} else {
			read.matches = append(read.matches, m)
		}
	}
	return read
}

func footer(m brand.Match) bool { return m.Alias.Footer }

// readShort reads a name or subject. Where nothing is found, letters that stand
// apart ("U.P.S", "楽 天") are joined and read again; in running text that would
// join what does not belong together.
func (r *Reader) readShort(s string) reading {
	t := r.read(s)
	if len(t.matches) > 0 {
		return t
	}
	squeezed := canon.Squeeze(s)
	return newReading(squeezed, s, r.catalogue.Match(squeezed))
}

// readNear reads a name or subject opener in which no brand stands for one that
// it misspells: with nothing beside it but words of a service, it is meant to be
// taken for that brand. By itself a misspelling may be another firm's name; in the
// broad tier a claim needs more than a name anyway.
func (r *Reader) readNear(s string, place Place, found *collection) {
	t := reading{text: canon.Fold(s), seen: s}
	m, ok := r.catalogue.Near(t.text)
	if !ok {
		return
	}
	t.matches = []brand.Match{m}
	if rest := r.words.residue(t); rest.foreign == 0 && !rest.shop {
		strength := Medium
		if m.Brand.Tier == brand.Broad {
			strength = Strong
		}
		r.claimed(t, place, found, always(strength))
	}
}

// claimed records every match of t as a claim at place, graded by grade; an empty
// strength is no claim.
func (r *Reader) claimed(t reading, place Place, found *collection, grade func(brand.Match) Strength) {
	for _, m := range t.matches {
		seen := t.text.Seen(m.Start, m.End)
		if m.Alias.Ambiguous && !spelledAsName(m.Alias.Name, seen) {
			continue
		}
		if strength := tiered(m.Brand, place, grade(m)); strength != "" {
			found.add(Claim{
				Brand:     m.Brand.ID,
				Alias:     m.Alias.Name,
				Place:     place,
				Strength:  strength,
				Ambiguous: m.Alias.Ambiguous,
				Shop:      t.shop,
				Beside:    t.beside,
				Veiled:    t.text.StrippedIn(m.Start, m.End),
				Seen:      around(t.seen, seen),
				Folded:    t.text.Folded[m.Start:m.End],
			})
		}
	}
}

// tiered is what strength at place comes to for b: for an organisation of the
// broad tier nothing but the sender's name and the opener of the subject is more
// than a weak claim.
//
// Those who write to an organisation name it in subjects and greetings; of one of
// the operator's own, nothing but the sender's name is a claim.
func tiered(b *brand.Brand, place Place, strength Strength) Strength {
	switch {
	case !b.Own || place == FromName || place == FromAddress:
	case place == Signature:
		return least(Weak, strength)
	default:
		return Mention
	}
	if b.Tier == brand.Broad && place != FromName && place != SubjectBracket && strength.AtLeast(Weak) {
		return Weak
	}
	return strength
}

// inAddress reports whether a match is part of an address or URL that the text
// holds: those are spoken of.
func (t reading) inAddress(m brand.Match) bool {
	before, after := t.text.Around(m.Start, m.End)
	return before == '@' || before == '.' || before == '/' || after == '@' || after == '/'
}
