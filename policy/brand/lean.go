package brand

import (
	"strings"
	"unicode/utf8"

	"sekisho/policy/strictyaml"
)

// leanFields are the columns of the lean form: names, domains, kind, countries.
const leanFields = 4

// readLean adds a file of the lean form: one organisation of the broad tier a
// line, its columns set apart by bars.
//
//	Example Shop; Example; ~Shop | example.com example.net .example | retail | de fr
//
// The first name is the one that people are shown; ~ marks an ambiguous one. A
// domain with a dot before it is a public suffix or top-level name that only such
// bodies have. The id is the first domain with hyphens for its dots. Lines that
// are empty or begin with # say nothing.
func (c *checker) readLean(name string, src []byte) {
	doc := strictyaml.Parse(name, nil)
	c.docs = append(c.docs, doc)
	switch {
	case len(src) > MaxFile:
		doc.Errorf(strictyaml.Pos{File: name}, "the file is larger than %d bytes", MaxFile)
		return
	case !utf8.Valid(src):
		doc.Errorf(strictyaml.Pos{File: name}, "the file is not UTF-8")
		return
	}
	number := 0
	for line := range strings.Lines(string(src)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		l := leanLine{line: line, pos: strictyaml.Pos{File: name, Line: number}}
		if e, ok := l.entry(doc); ok {
			c.add(&filed{entry: e, doc: doc, layer: c.layer})
		}
	}
}

// leanLine is one line of the lean form.
type leanLine struct {
	line string
	pos  strictyaml.Pos // its column is not set
}

// at returns part, which lies in the line, as a text with its place.
func (l leanLine) at(start, end int) text {
	pos := l.pos
	pos.Column = utf8.RuneCountInString(l.line[:start]) + 1
	return text{Value: l.line[start:end], Pos: pos}
}

// entry reads the line; a line without its four columns is told.
func (l leanLine) entry(doc *strictyaml.Document) (entry, bool) {
	columns := l.split(text{Value: l.line, Pos: l.at(0, 0).Pos}, 0, "|")
	if len(columns) != leanFields {
		doc.Errorf(l.at(0, 0).Pos, "%d columns between bars; wants names | domains | kind | countries", len(columns))
		return entry{}, false
	}
	e := entry{Category: columns[2].text, Countries: l.words(columns[3], " "), Tier: text{Value: string(Broad), Pos: columns[0].Pos}}
	for _, n := range l.words(columns[0], ";") {
		plain, ambiguous := strings.CutPrefix(n.Value, "~")
		e.Aliases = append(e.Aliases, label{Name: text{Value: plain, Pos: n.Pos}, Ambiguous: ambiguous})
	}
	for _, d := range l.words(columns[1], " ") {
		rest, suffix := strings.CutPrefix(d.Value, ".")
		switch bare := (text{Value: rest, Pos: d.Pos}); {
		case !suffix:
			e.Domains = append(e.Domains, bare)
		case strings.Contains(rest, "."):
			e.Suffixes = append(e.Suffixes, bare)
		default:
			e.TLDs = append(e.TLDs, bare)
		}
	}
	if len(e.Aliases) > 0 {
		e.Name = e.Aliases[0].Name
	}
	e.ID = e.leanID(columns[1].Pos)
	return e, true
}

// leanID makes an id of the first domain, or suffix where there is none.
func (e *entry) leanID(pos strictyaml.Pos) text {
	id := text{Pos: pos}
	for _, list := range [][]text{e.TLDs, e.Suffixes, e.Domains} {
		if len(list) > 0 {
			id.Value = strings.ReplaceAll(list[0].Value, ".", "-")
		}
	}
	return id
}

// column is a part of a line and the byte at which it begins.
type column struct {
	text
	start int
}

// split cuts c, which begins at byte start of the line, at every sep and trims
// the parts.
func (l leanLine) split(c text, start int, sep string) []column {
	var parts []column
	for part := range strings.SplitSeq(c.Value, sep) {
		from := start + len(part) - len(strings.TrimLeft(part, " \t"))
		end := from + len(strings.TrimSpace(part))
		parts = append(parts, column{text: l.at(from, max(from, end)), start: from})
		start += len(part) + len(sep)
	}
	return parts
}

// words is split without its empty parts.
func (l leanLine) words(c column, sep string) []text {
	var words []text
	for _, w := range l.split(c.text, c.start, sep) {
		if w.Value != "" {
			words = append(words, w.text)
		}
	}
	return words
}
