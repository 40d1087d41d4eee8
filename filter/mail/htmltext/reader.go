package htmltext

import (
	"bytes"

	"golang.org/x/net/html/atom"

	"sekisho/filter/mail/css"
	"sekisho/filter/mail/weburl"
)

// Read reads an HTML document or fragment, which has to be valid UTF-8. A style
// sheet that stands below text which it may hide makes for a second reading.
func Read(src string) Document {
	r := newReader(src)
	r.read(src)
	if r.late {
		sheet := r.sheet
		sheet.Restart()
		r = newReader(src)
		r.sheet, r.settled = sheet, true
		r.read(src)
	}
	d := r.document()
	if r.mayDraw(src) {
		d.Codes = r.codes(src)
	}
	return d
}

func newReader(src string) *reader {
	return &reader{
		text:   buffer{limit: MaxText, b: make([]byte, 0, min(len(src)/3+64, MaxText))},
		hidden: buffer{limit: MaxHidden},
		items:  make([]item, 0, min(len(src)/192, MaxPassages)),
		links:  make([]link, 0, min(len(src)/256, MaxLinks)),
		spans:  make([]weburl.Span, 0, min(len(src)/256, MaxLinks)),
		link:   -1,
		form:   -1,
		loose:  -1,
	}
}

// read goes through the whole of src.
func (r *reader) read(src string) {
	r.walk(src)
	r.endLink()
	r.flush()
}

// addSheet reads the text of a style element.
func (r *reader) addSheet(text []byte) {
	if r.settled || r.nested {
		return
	}
	had := r.sheet.Hides
	r.sheet.Hides = false
	r.sheet.Add(text)
	r.late = r.late || r.sheet.Hides && len(r.text.b) > r.head
	r.sheet.Hides = r.sheet.Hides || had
}

// reader holds the state of one document.
type reader struct {
	text   buffer // visible
	hidden buffer
	stack  []element
	count  [256]uint16 // open elements by a byte of their number
	nested bool        // inside a comment's markup
	floor  int         // elements below belong to the markup around a comment

	page    element   // around all others
	sheet   css.Sheet // of style elements so far
	settled bool      // the sheet is complete
	inSheet bool      // the next text is a sheet that applies
	bare    atom.Atom // the last start tag, when there was no text since; else 0
	empty   int       // elements without text
	head    int       // where the title ends in text.b: the body is behind
	late    bool      // a sheet came after text that it may hide

	base     string
	items    []item
	links    []link
	forms    []form
	pictures [][]byte
	spans    []weburl.Span // where link text stands in text.b, in order

	link     int // index in links of the open one, -1 without
	linkFrom int // where its text goes on in text.b
	linkText []byte
	form     int // index in forms of the open one, -1 without
	loose    int // of the one that stands for inputs outside of forms, -1 without

	limits []Limit
}

// item is a passage: a place in reader.text.b, or a text of its own.
type item struct {
	kind       Kind
	start, end int
	text       string
}

// link is a reference that waits for <base>.
type link struct {
	kind LinkKind
	ref  string
	text string
}

func (r *reader) hit(l Limit) {
	for _, have := range r.limits {
		if have == l {
			return
		}
	}
	r.limits = append(r.limits, l)
}

// walk reads the tokens of src.
func (r *reader) walk(src string) {
	t := newTokens(src)
	skip := false // the next text is script or style
	for {
		switch t.next() {
		case tokenNone:
			return
		case tokenText:
			if !skip {
				r.write(t.text())
				if len(t.text()) > len("&nbsp;") {
					r.bare = 0
				}
			} else if r.inSheet {
				r.addSheet(t.text())
			}
			skip, r.inSheet = false, false
		case tokenStart:
			raw := t.text()
			name := tagName(raw[1:])
			id := identify(name)
			switch id {
			case atom.Script, atom.Style, atom.Iframe, atom.Noembed, atom.Noframes:
				skip = true
			}
			r.start(id, raw, len(name))
			if r.bare == atom.Td && (id == atom.Td || id == atom.Tr) {
				r.empty++ // the end tag is left out
			}
			if r.bare = id; void(id) {
				r.bare = 0
			}
		case tokenEnd:
			r.end(identify(tagName(t.text()[2:])))
			if r.bare != 0 {
				r.bare = 0
				r.empty++
			}
			skip = false
		case tokenComment:
			if !r.nested {
				r.comment(t.text())
			}
		}
	}
}

// tagName returns the name that b begins with, lowered in place.
func tagName(b []byte) []byte {
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			b[i] = c + 'a' - 'A'
		case space(c) || c == '/' || c == '>':
			return b[:i]
		}
	}
	return b
}

// write adds text where it belongs.
func (r *reader) write(raw []byte) {
	s := r.top().sight
	switch {
	case !r.visible(s):
		r.hidden.write(raw)
	case s.literal && bytes.IndexByte(raw, '\n') >= 0:
		for line := range bytes.Lines(raw) {
			r.text.write(line)
			if line[len(line)-1] == '\n' {
				r.flush()
			}
		}
	default:
		r.text.write(raw)
	}
}

// start handles a start tag; raw is all of it.
func (r *reader) start(id atom.Atom, raw []byte, nameLen int) {
	var a attrs
	if len(raw) > nameLen+2 {
		a.parse(raw, nameLen)
	}
	if block(id) {
		r.flush()
	}
	r.imply(id)
	s, own := r.look(id, raw[1:1+nameLen], &a, r.top())
	if id == atom.A || id == atom.Button {
		r.endLink()
	}
	r.open(id, s, own)
	r.reference(id, &a, s)
}

// end handles an end tag.
func (r *reader) end(id atom.Atom) {
	if id == atom.A || id == atom.Button {
		r.endLink()
	}
	if id == atom.Form {
		r.form = -1
	}
	if block(id) {
		r.flush()
	}
	r.close(id)
	if id == atom.Title {
		r.head = len(r.text.b)
	}
}

// comment keeps a comment as hidden text. The conditional ones that old Outlook
// takes as markup are read for their links; their text is hidden from all others.
func (r *reader) comment(raw []byte) {
	body, ok := bytes.CutPrefix(raw, []byte("<!--"))
	if !ok {
		return // a doctype, or "<![endif]>"
	}
	body = bytes.TrimSuffix(body, []byte("-->"))
	if !bytes.HasPrefix(body, []byte("[if")) {
		r.hidden.write(body)
		r.hidden.space = true
		return
	}
	if i := bytes.IndexByte(body, ']'); i >= 0 {
		body = bytes.TrimPrefix(body[i+1:], []byte(">"))
	}
	body = bytes.TrimSuffix(body, []byte("<![endif]"))
	r.conditional(string(body))
}

// conditional reads the markup in a comment, without a trace on the markup around.
func (r *reader) conditional(src string) {
	depth := len(r.stack)
	if depth == MaxDepth {
		r.hit(LimitDepth)
		return
	}
	link, from, text := r.link, r.linkFrom, r.linkText
	r.stack = append(r.stack, element{sight: sight{gone: true}})
	r.count[0]++
	r.nested, r.floor, r.link, r.linkText = true, depth+1, -1, nil
	r.walk(src)
	r.endLink()
	for len(r.stack) > depth {
		r.pop()
	}
	r.nested, r.floor, r.link, r.linkFrom, r.linkText = false, 0, link, from, text
}

// flush ends the open block and everything hidden in it. Markup in comments must
// not part the text around it.
func (r *reader) flush() {
	if r.nested {
		r.hidden.space = true
		return
	}
	if !r.text.empty() {
		r.flushText()
	}
	r.text.next()
	if r.link >= 0 {
		r.linkFrom = len(r.text.b)
	}
	if !r.hidden.empty() {
		r.add(item{kind: Hidden, text: string(r.hidden.b[r.hidden.start:])})
	}
	r.hidden.next()
}

// flushText turns the open block into a passage, unless it is but one link, which
// has a passage of its own.
func (r *reader) flushText() {
	start, end := r.text.start, len(r.text.b)
	if r.link >= 0 {
		r.takeLinkText(end)
	}
	kind := Text
	if r.inHeading() {
		kind = Heading
	}
	if n := len(r.spans); n > 0 && kind == Text && r.spans[n-1] == (weburl.Span{Start: start, End: end}) {
		return
	}
	r.add(item{kind: kind, start: start, end: end})
}

func (r *reader) add(i item) {
	if len(r.items) == MaxPassages {
		r.hit(LimitPassages)
		return
	}
	r.items = append(r.items, i)
}
