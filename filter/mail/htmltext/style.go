package htmltext

import (
	"golang.org/x/net/html/atom"

	"sekisho/filter/mail/css"
)

// sight is what an element's ancestors and its own style say about the text in
// it. The zero value is visible.
type sight struct {
	gone    bool      // display:none, opacity:0, no height, off the screen: nothing below can undo it
	unseen  bool      // visibility:hidden: a descendant may undo it
	tiny    bool      // font-size next to 0: a descendant may undo it
	out     bool      // text-indent off the screen: a descendant may undo it
	literal bool      // <pre>: line ends count
	ink     css.Color // of text; Unset is black
	back    css.Color // behind it; Unset is the page
}

// visible reports whether text shows. Where a rule that could not be followed may
// paint, nobody knows the colour of the page.
func (r *reader) visible(s sight) bool {
	if s.gone || s.unseen || s.tiny || s.out || s.ink == css.Transparent {
		return false
	}
	if s.ink == css.Unset && s.back == css.Unset || r.sheet.Unsure {
		return true
	}
	ink, back := s.ink, s.back
	if ink == css.Unset {
		ink = css.RGB(0, 0, 0)
	}
	if back == css.Unset {
		back = css.RGB(255, 255, 255)
	}
	return !ink.Like(back)
}

// room reports whether an image shows: the size and colour of text are nothing to it.
func (s sight) room() bool { return !s.gone && !s.unseen && !s.out }

// Lengths in CSS pixels.
const (
	offScreen  = -400 // at the left or the top nobody scrolls there
	smallSpace = 1    // a box of that size shows no text
)

// styled returns the sight below an element of that style.
func (s sight) styled(d *css.Style) sight {
	if d.Empty() {
		return s
	}
	if gone(d) || moved(d) {
		s.gone = true
	}
	if v := d.Value(css.Visibility); v != nil {
		s.unseen = css.Is(v, "hidden") || css.Is(v, "collapse") || s.unseen && !css.Is(v, "visible")
	}
	if v := d.Value(css.FontSize); v != nil {
		s.tiny = tinyFont(v, s.tiny)
	}
	if v := d.Value(css.TextIndent); v != nil {
		px, ok := css.Pixels(v)
		n, unit, _ := css.Number(v)
		s.out = ok && px <= offScreen || css.Is(unit, "%") && n <= -100
	}
	if c := css.ParseColor(d.Value(css.TextColor)); c != css.Unset {
		s.ink = c
	}
	s.painted(css.Backdrop(d.Value(css.Background)))
	if v := d.Value(css.BackgroundImage); v != nil && !css.Is(v, "none") {
		s.back = css.Unknown
	}
	return s
}

// painted sets what is behind the text, where the element has a backdrop.
func (s *sight) painted(c css.Color) {
	if c != css.Unset && c != css.Transparent {
		s.back = c
	}
}

// gone reports whether a style leaves no room for text, or no trace of it.
func gone(d *css.Style) bool {
	if css.Is(d.Value(css.Display), "none") || css.Zero(d.Value(css.Opacity)) || css.Clipped(d.Value(css.Clip)) {
		return true
	}
	if v := d.Value(css.Overflow); css.Is(v, "hidden") || css.Is(v, "clip") {
		return noSpace(d.Value(css.Height)) || noSpace(d.Value(css.Width))
	}
	return false
}

func noSpace(v []byte) bool {
	px, ok := css.Pixels(v)
	return ok && px <= smallSpace || css.Zero(v)
}

// moved reports whether a style puts an element off the screen.
func moved(d *css.Style) bool {
	off := func(p css.Property) bool {
		px, ok := css.Pixels(d.Value(p))
		return ok && px <= offScreen
	}
	if off(css.MarginLeft) || off(css.MarginTop) {
		return true
	}
	v := d.Value(css.Position)
	return (css.Is(v, "absolute") || css.Is(v, "fixed") || css.Is(v, "relative")) &&
		(off(css.Left) || off(css.Top) || off(css.Right))
}

// tinyFont reports whether text of that size cannot be read. Relative sizes keep
// what they are relative to.
func tinyFont(value []byte, inherited bool) bool {
	n, unit, ok := css.Number(value)
	switch {
	case !ok:
		return inherited && (css.Is(value, "inherit") || css.Is(value, "smaller") || css.Is(value, "larger") || css.Is(value, "unset"))
	case css.Is(unit, "em") || css.Is(unit, "ex") || css.Is(unit, "ch"):
		return inherited || n <= 0.1
	case css.Is(unit, "%"):
		return inherited || n <= 10
	}
	return n <= 1
}

// look works out the sight below an element by its kind, its attributes, the
// sheets and its style, in that order.
func (r *reader) look(id atom.Atom, name []byte, a *attrs, parent *element) (s sight, own css.Set) {
	s = parent.sight
	switch id {
	case atom.A:
		if a.href != nil {
			s.ink = css.RGB(0, 0, 238) // what links look like unless they are coloured
		}
	case atom.Button, atom.Input, atom.Select, atom.Textarea, atom.Mark:
		s.ink, s.back = css.Unset, css.Unknown
	}
	s.attributes(id, a)
	e := css.Element{Tag: name, ID: a.id, Class: a.class}
	if concerns := r.sheet.Concerns(&e); concerns || a.style != nil {
		var d css.Style
		if concerns {
			own = r.sheet.Match(&d, e, parent.above, parent.own)
		}
		if a.style != nil {
			d.Add(attributeBytes(a.style[:min(len(a.style), MaxStyle)]))
		}
		s = s.styled(&d)
	}
	if a.hidden != nil || id == atom.Template || id == atom.Datalist || id == atom.Script || id == atom.Style {
		s.gone = true
	}
	if id == atom.Pre || id == atom.Listing || id == atom.Xmp || id == atom.Plaintext {
		s.literal = true
	}
	return s, own
}

// attributes honours the attributes that colour (HTML, section 15.3).
func (s *sight) attributes(id atom.Atom, a *attrs) {
	if a.bgcolor != nil {
		s.painted(css.ParseColor(a.bgcolor))
	}
	if a.background != nil {
		s.back = css.Unknown
	}
	ink := a.color
	if id == atom.Body {
		ink = a.text
	} else if id != atom.Font && id != atom.Basefont {
		return
	}
	if c := css.ParseColor(ink); c != css.Unset && c != css.Transparent {
		s.ink = c
	}
}
