package htmltext

import (
	"golang.org/x/net/html/atom"

	"sekisho/filter/mail/css"
)

// element is one open element.
type element struct {
	id      atom.Atom
	sight   sight
	own     css.Set // parts of selectors that it matches
	above   css.Set // and that it or an ancestor matches
	heading bool
}

// identify gives an element's lower-case name a number. Names that are not in
// HTML get one with the top bit set; two of those may share it, which at worst
// closes the wrong one.
func identify(name []byte) atom.Atom {
	if id := atom.Lookup(name); id != 0 {
		return id
	}
	h := uint32(2166136261) // FNV-1a
	for _, c := range name {
		h = (h ^ uint32(c)) * 16777619
	}
	return atom.Atom(h | 1<<31)
}

// void reports whether an element has no end tag (HTML, section 13.1.2).
func void(id atom.Atom) bool {
	switch id {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Image, atom.Input,
		atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr, atom.Frame, atom.Keygen, atom.Command:
		return true
	}
	return false
}

// block reports whether an element begins and ends a line of its own.
func block(id atom.Atom) bool {
	switch id {
	case atom.P, atom.Div, atom.Td, atom.Tr, atom.Table, atom.Br, atom.Li, atom.Ul, atom.Ol, atom.Th,
		atom.Tbody, atom.Thead, atom.Tfoot, atom.Caption, atom.Center, atom.Blockquote, atom.Pre, atom.Hr,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Title, atom.Body, atom.Head, atom.Html,
		atom.Article, atom.Aside, atom.Address, atom.Details, atom.Dialog, atom.Dd, atom.Dl, atom.Dt, atom.Dir,
		atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.Header, atom.Hgroup, atom.Legend,
		atom.Main, atom.Menu, atom.Nav, atom.Section, atom.Summary, atom.Option, atom.Optgroup, atom.Select,
		atom.Textarea, atom.Plaintext, atom.Xmp, atom.Listing:
		return true
	}
	return false
}

// heading reports whether an element's text is a heading for its reader.
func heading(id atom.Atom) bool {
	return id == atom.H1 || id == atom.H2 || id == atom.H3 || id == atom.Title
}

// closes reports whether a start tag ends an open element of the other kind
// without an end tag (HTML, section 13.1.2.4).
func closes(start, open atom.Atom) bool {
	switch open {
	case atom.P:
		switch start {
		case atom.Td, atom.Th, atom.Tr, atom.Br, atom.Title, atom.Option, atom.Caption, atom.Tbody, atom.Thead, atom.Tfoot:
			return false
		}
		return block(start)
	case atom.Li:
		return start == atom.Li
	case atom.Td, atom.Th:
		return start == atom.Td || start == atom.Th || start == atom.Tr || start == atom.Tbody
	case atom.Tr:
		return start == atom.Tr || start == atom.Tbody
	case atom.Option:
		return start == atom.Option
	case atom.Dd, atom.Dt:
		return start == atom.Dd || start == atom.Dt
	case atom.A:
		return start == atom.A
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return heading(start) || start == atom.H4 || start == atom.H5 || start == atom.H6
	}
	return false
}

// scope reports whether a start tag of the given kind cannot close what is open
// outside of an element.
func scope(open, start atom.Atom) bool {
	switch open {
	case atom.Table, atom.Template, atom.Html, atom.Object:
		return true
	case atom.Td, atom.Th, atom.Caption, atom.Tr:
		return start != atom.Td && start != atom.Th && start != atom.Tr && start != atom.Tbody
	case atom.Ul, atom.Ol, atom.Select, atom.Dl:
		return start == atom.Li || start == atom.Option || start == atom.Dd || start == atom.Dt
	}
	return false
}

// barrier reports whether an end tag of the given kind cannot close what is open
// around an element (HTML, section 13.2.4.2).
func barrier(open, end atom.Atom) bool {
	switch open {
	case atom.Table:
		return true
	case atom.Td, atom.Th, atom.Caption:
		switch end {
		case atom.Td, atom.Th, atom.Tr, atom.Tbody, atom.Thead, atom.Tfoot, atom.Table:
			return false
		}
		return true
	}
	return false
}

// imply closes the elements that the start tag id ends without an end tag of
// their own, looking over the innermost ones.
func (r *reader) imply(id atom.Atom) {
	if !block(id) && id != atom.A {
		return
	}
	const look = 32 // what is farther out is left open: at worst text counts as hidden that is not
	keep := len(r.stack)
	for i := len(r.stack) - 1; i >= max(r.floor, len(r.stack)-look) && !scope(r.stack[i].id, id); i-- {
		if closes(id, r.stack[i].id) {
			keep = i
		}
	}
	for len(r.stack) > keep {
		r.pop()
	}
}

// open pushes an element, closing those that the tag implies.
func (r *reader) open(id atom.Atom, s sight, own css.Set) {
	if void(id) {
		return
	}
	if len(r.stack) == MaxDepth {
		r.hit(LimitDepth)
		return
	}
	r.stack = append(r.stack, element{id: id, sight: s, own: own, above: r.top().above | own, heading: heading(id) || r.inHeading()})
	r.count[uint8(id>>8)]++
}

// close pops the innermost element id with all above it. End tags of elements
// that are not open in the same cell do nothing; count spares looking for most of
// them. The page itself goes on after its end tag.
func (r *reader) close(id atom.Atom) {
	if r.count[uint8(id>>8)] == 0 || id == atom.Body || id == atom.Html {
		return
	}
	for i := len(r.stack) - 1; i >= r.floor && !(r.stack[i].id != id && barrier(r.stack[i].id, id)); i-- {
		if r.stack[i].id == id {
			for len(r.stack) > i {
				r.pop()
			}
			return
		}
	}
}

func (r *reader) pop() {
	n := len(r.stack) - 1
	r.count[uint8(r.stack[n].id>>8)]--
	r.stack = r.stack[:n]
}

// top is the innermost open element; what it says of text holds at this point.
func (r *reader) top() *element {
	if n := len(r.stack); n > 0 {
		return &r.stack[n-1]
	}
	return &r.page
}

func (r *reader) inHeading() bool { return r.top().heading }
