package css

import (
	"bytes"
)

// Property is one of the properties that decide about sight.
type Property int

// The properties. Shorthands and near synonyms share one where the later of them
// wins in a browser as well.
const (
	Display Property = iota
	Visibility
	Opacity
	FontSize // also from font
	TextColor
	Background      // background-color, or the whole shorthand
	BackgroundImage // background-image
	Height          // height and max-height
	Width           // width and max-width
	Overflow        // overflow, overflow-x and overflow-y
	TextIndent
	Position
	Left
	Top
	Right
	MarginLeft
	MarginTop
	Clip // clip and clip-path
	propertyCount
)

// Style is what declarations say of each property. The zero value says nothing.
type Style struct {
	values    [propertyCount][]byte
	important uint32 // bits by Property
	set       uint32
}

// Empty reports whether nothing is said.
func (s *Style) Empty() bool { return s.set == 0 }

// Value returns what is said of p as written, without blanks around; nil when
// nothing is.
func (s *Style) Value(p Property) []byte { return s.values[p] }

// Has reports whether anything is said of p.
func (s *Style) Has(p Property) bool { return s.set&(1<<p) != 0 }

// put lets a later declaration win, but for an earlier !important.
func (s *Style) put(p Property, value []byte, important bool) {
	bit := uint32(1) << p
	if s.important&bit != 0 && !important {
		return
	}
	if important {
		s.important |= bit
	}
	s.set |= bit
	s.values[p] = value
}

// Apply lays the declarations of a stronger rule over s.
func (s *Style) Apply(o *Style) {
	for p := range propertyCount {
		if bit := uint32(1) << p; o.set&bit != 0 {
			s.put(p, o.values[p], o.important&bit != 0)
		}
	}
}

// Add reads declarations, as in a style attribute, on top of s. It keeps slices of
// text.
func (s *Style) Add(text []byte) {
	if bytes.IndexByte(text, '\\') >= 0 || bytes.Contains(text, []byte("/*")) {
		text = plain(text)
	}
	for len(text) > 0 {
		var one []byte
		one, text = cutDeclaration(text)
		colon := bytes.IndexByte(one, ':')
		if colon < 0 {
			continue
		}
		p, shorthand := property(trim(one[:colon]))
		if p == propertyCount {
			continue
		}
		value, important := cutImportant(trim(one[colon+1:]))
		if shorthand {
			value = shorthandSize(value)
		}
		if len(value) > 0 {
			s.put(p, value, important)
		}
	}
}

// property finds the property that a declaration names; propertyCount is none.
// shorthand says that it is font, of which the size counts.
func property(name []byte) (p Property, shorthand bool) {
	var buf [16]byte
	if len(name) < 3 || len(name) > len(buf) {
		return propertyCount, false
	}
	switch string(lower(buf[:0], name)) {
	case "display":
		return Display, false
	case "visibility":
		return Visibility, false
	case "opacity":
		return Opacity, false
	case "font-size":
		return FontSize, false
	case "font":
		return FontSize, true
	case "color":
		return TextColor, false
	case "background", "background-color":
		return Background, false
	case "background-image":
		return BackgroundImage, false
	case "height", "max-height":
		return Height, false
	case "width", "max-width":
		return Width, false
	case "overflow", "overflow-x", "overflow-y":
		return Overflow, false
	case "text-indent":
		return TextIndent, false
	case "position":
		return Position, false
	case "left":
		return Left, false
	case "top":
		return Top, false
	case "right":
		return Right, false
	case "margin-left":
		return MarginLeft, false
	case "margin-top":
		return MarginTop, false
	case "clip", "clip-path":
		return Clip, false
	}
	return propertyCount, false
}

// cutDeclaration splits text after its first declaration. Semicolons inside quotes
// and brackets part nothing.
func cutDeclaration(text []byte) (one, rest []byte) {
	quote, depth := byte(0), 0
	for i, c := range text {
		switch {
		case c > ';' || c > ')' && c < ';':
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ';' && depth <= 0:
			return text[:i], text[i+1:]
		}
	}
	return text, nil
}

// cutImportant takes "!important" off a value.
func cutImportant(value []byte) (rest []byte, important bool) {
	bang := bytes.LastIndexByte(value, '!')
	if bang < 0 || !bytes.EqualFold(trim(value[bang+1:]), []byte("important")) {
		return value, false
	}
	return trim(value[:bang]), true
}

// shorthandSize finds the size in a font shorthand: the first number that is no
// weight.
func shorthandSize(value []byte) []byte {
	for len(value) > 0 {
		var field []byte
		field, value = cutField(value)
		size, _, _ := bytes.Cut(field, []byte("/"))
		if len(size) == 0 || size[0] != '.' && (size[0] < '0' || size[0] > '9') {
			continue
		}
		if len(size) == 3 && size[1] == '0' && size[2] == '0' {
			continue
		}
		return size
	}
	return nil
}

// cutField splits off what stands before the first white space.
func cutField(text []byte) (field, rest []byte) {
	text = trim(text)
	for i, c := range text {
		if space(c) {
			return text[:i], trim(text[i:])
		}
	}
	return text, nil
}

// trim takes white space off both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && space(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && space(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// lower appends b to dst with ASCII letters in lower case.
func lower(dst, b []byte) []byte {
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
