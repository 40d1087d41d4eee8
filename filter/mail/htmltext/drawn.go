package htmltext

import (
	"bytes"
	"strings"

	"golang.org/x/net/html/atom"

	"sekisho/filter/mail/css"
	"sekisho/filter/mail/qr"
)

// minCells is the number of empty elements below which none is looked at: the
// smallest code has 441 modules, of which neighbours of one colour may be one cell.
const minCells = 150

// mayDraw reports whether the document may hold a code drawn with coloured cells or
// block characters, which is worth a second walk.
func (r *reader) mayDraw(src string) bool { return r.empty >= minCells || blocks(src) }

// blocks reports whether there may be enough block characters, as such or as
// references.
func blocks(src string) bool {
	return qr.MayDraw(src) || strings.Contains(src, "&#960") || strings.Contains(src, "&#x258") || strings.Contains(src, "&block;")
}

// sketch collects drawings: elements without text that have a background make rows
// of cells, and text keeps its lines.
type sketch struct {
	sheet *css.Sheet

	lines bool // text matters
	text  strings.Builder
	line  bool // something is in the open line of text
	pre   int  // open <pre> elements

	cells qr.Drawing
	row   bool // something is in the last row of cells
	codes []string
	tried int

	open      cell // the element that has just begun; n is 0 without
	table, tr bool // ink behind the cells
}

// cell is an element that may be a module, or several in a row.
type cell struct {
	id  atom.Atom
	ink bool
	n   int
}

// codes returns what the codes drawn in src say.
func (r *reader) codes(src string) []string {
	s := sketch{sheet: &r.sheet, lines: blocks(src)}
	s.sheet.Restart()
	t := newTokens(src)
	for {
		switch t.next() {
		case tokenNone:
			s.finish()
			return append(s.codes, qr.Drawn(s.text.String())...)
		case tokenText:
			s.write(t.text())
		case tokenStart:
			raw := t.text()
			name := tagName(raw[1:])
			s.start(identify(name), name, raw)
		case tokenEnd:
			s.end(identify(tagName(t.text()[2:])))
		}
	}
}

// start handles a start tag.
func (s *sketch) start(id atom.Atom, name, raw []byte) {
	if s.open.n > 0 && (s.open.id == atom.Td || s.open.id == atom.Th) && (id == atom.Td || id == atom.Th || id == atom.Tr) {
		s.commit() // its end tag is left out
	}
	s.open = cell{}
	if block(id) {
		s.newLine()
	}
	var a attrs
	if len(raw) > len(name)+2 {
		a.parse(raw, len(name))
	}
	switch id {
	case atom.Pre:
		s.pre++
	case atom.Br:
		s.newRow()
	case atom.Table:
		s.finish()
		s.table, _ = s.ink(name, &a)
		s.tr = s.table
	case atom.Tr:
		s.newRow()
		ink, set := s.ink(name, &a)
		s.tr = s.table
		if set {
			s.tr = ink
		}
	default:
		if void(id) {
			return
		}
		ink, set := s.ink(name, &a)
		if !set {
			ink = s.tr
		}
		s.open = cell{id: id, ink: ink, n: span(&a)}
	}
}

// span is the number of dots that a cell is wide: its columns.
func span(a *attrs) int {
	if n, _, ok := css.Number(bytes.TrimSpace(a.colspan)); ok && n >= 1 && n <= qr.MaxColumns {
		return int(n)
	}
	return 1
}

// ink is the colour that an element paints, if it paints.
func (s *sketch) ink(name []byte, a *attrs) (ink, set bool) {
	back := css.ParseColor(a.bgcolor)
	e := css.Element{Tag: name, ID: a.id, Class: a.class}
	if concerns := s.sheet.Concerns(&e); concerns || a.style != nil {
		var d css.Style
		if concerns {
			s.sheet.Match(&d, e, 0, 0)
		}
		d.Add(attributeBytes(a.style[:min(len(a.style), MaxStyle)]))
		if c := css.Backdrop(d.Value(css.Background)); c != css.Unset {
			back = c
		}
	}
	return back.Dark(), back.Known()
}

// end handles an end tag: of an element without text, or of one around such.
func (s *sketch) end(id atom.Atom) {
	if s.open.n > 0 && s.open.id == id {
		s.commit()
	} else {
		switch id {
		case atom.Tr, atom.Div, atom.P, atom.Li, atom.Section:
			s.newRow()
		case atom.Table:
			s.finish()
		}
	}
	s.open = cell{}
	if id == atom.Pre {
		s.pre = max(s.pre-1, 0)
	}
	if block(id) {
		s.newLine()
	}
}

// commit draws the open cell.
func (s *sketch) commit() {
	if !s.row {
		s.cells.Row()
		s.row = true
	}
	s.cells.Add(s.open.ink, s.open.n)
	s.open = cell{}
}

func (s *sketch) newRow() { s.row = false }

// finish reads the cells so far.
func (s *sketch) finish() {
	if s.cells.Rows() >= qr.MinRows && s.tried < qr.MaxDrawings {
		s.tried++
		if text := s.cells.Read(); text != "" {
			s.codes = append(s.codes, text)
		}
	}
	s.cells, s.row = qr.Drawing{}, false
}

// write keeps text: the drawing of cells ends where there is any.
func (s *sketch) write(raw []byte) {
	if !empty(raw) {
		s.open = cell{}
		s.finish()
	}
	if !s.lines || s.text.Len()+len(raw) > MaxText {
		return
	}
	text := attributeBytes(raw)
	if s.pre == 0 {
		text = bytes.Trim(text, " \t\r\n")
		text = bytes.ReplaceAll(text, []byte("\n"), []byte(" "))
	}
	s.text.Write(text)
	s.line = s.line || len(text) > 0
}

// empty reports whether text is but white space, no-break spaces among it.
func empty(raw []byte) bool {
	for len(raw) > 0 {
		switch {
		case raw[0] <= ' ':
			raw = raw[1:]
		case bytes.HasPrefix(raw, []byte("&nbsp;")):
			raw = raw[len("&nbsp;"):]
		case bytes.HasPrefix(raw, []byte("&#160;")):
			raw = raw[len("&#160;"):]
		case raw[0] == 0xc2 && len(raw) > 1 && raw[1] == 0xa0:
			raw = raw[2:]
		default:
			return false
		}
	}
	return true
}

func (s *sketch) newLine() {
	if s.line {
		s.text.WriteByte('\n')
		s.line = false
	}
}
