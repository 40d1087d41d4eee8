package htmltext

import (
	"bytes"
	"strconv"
	"strings"

	"sekisho/filter/mail/transfer"
)

// sight is what an element's ancestors and its own style say about the text in
// it. The zero value is visible.
type sight struct {
	gone    bool // display:none, opacity:0, no height: nothing below can undo it
	unseen  bool // visibility:hidden: a descendant may undo it
	tiny    bool // font-size next to 0: a descendant may undo it
	literal bool // <pre>: line ends count
}

func (s sight) visible() bool { return !s.gone && !s.unseen && !s.tiny }

// declarations is what one style attribute says of a property: the last wins, but
// for an earlier !important (CSS Cascade).
type declarations struct {
	display, visibility, opacity, fontSize decl
	height, overflow                       decl
}

type decl struct {
	value     string
	important bool
}

func (d *decl) set(text string) {
	text, important := strings.CutSuffix(strings.TrimSpace(text), "!important")
	if d.important && !important {
		return
	}
	d.value, d.important = strings.TrimSpace(text), important
}

// styled returns the sight below an element with the given style attribute.
func (s sight) styled(style []byte) sight {
	if !s.mayChange(style) {
		return s
	}
	style = style[:min(len(style), MaxStyle)]
	var d declarations
	d.parse(strings.ToLower(plainCSS(attribute(style))))
	if d.display.value == "none" || d.opacity.value != "" && zero(d.opacity.value) ||
		d.height.value != "" && zero(d.height.value) && (d.overflow.value == "hidden" || d.overflow.value == "clip") {
		s.gone = true
	}
	switch d.visibility.value {
	case "":
	case "hidden", "collapse":
		s.unseen = true
	case "visible":
		s.unseen = false
	}
	if v := d.fontSize.value; v != "" {
		s.tiny = tinyFont(v, s.tiny)
	}
	return s
}

// mayChange is the quick look that spares most style attributes the parse: it
// reports whether a declaration in style may hide, or show what s hides.
func (s sight) mayChange(style []byte) bool {
	start := true
	for i, c := range style {
		switch {
		case c == ';':
			start = true
		case c == '\\' || c == '*' || c == '&':
			return true // escapes, comments, references: look closely
		case start && c > ' ':
			start = false
			if s.watched(style[i:]) {
				return true
			}
		}
	}
	return false
}

// watched reports whether the declaration that b begins with may change s.
func (s sight) watched(b []byte) bool {
	switch b[0] | 0x20 {
	case 'd':
		return foldPrefix(b, "display") && first(b)|0x20 == 'n'
	case 'v':
		return foldPrefix(b, "visibility") && (s.unseen || first(b)|0x20 != 'v')
	case 'o':
		return foldPrefix(b, "opacity") && (first(b) == '0' || first(b) == '.')
	case 'm', 'h':
		return (foldPrefix(b, "max-height") || foldPrefix(b, "height")) && (first(b) == '0' || first(b) == '.')
	case 'f':
		if foldPrefix(b, "font-size") {
			return s.tiny || smallSize(b)
		}
		return foldPrefix(b, "font:") || foldPrefix(b, "font ")
	}
	return false
}

// smallSize reports whether a font-size declaration begins like one that cannot
// be read: with a 0, a dot, or a 1 that no digit follows.
func smallSize(b []byte) bool {
	v := value(b)
	if len(v) == 0 {
		return false
	}
	return v[0] == '0' || v[0] == '.' || v[0] == '1' && (len(v) == 1 || v[1] < '0' || v[1] > '9')
}

// first returns the first byte of a declaration's value, 0 without one.
func first(b []byte) byte {
	if v := value(b); len(v) > 0 {
		return v[0]
	}
	return 0
}

// value returns what follows the colon of the declaration that b begins with.
func value(b []byte) []byte {
	i := bytes.IndexByte(b[:min(len(b), 64)], ':')
	if i < 0 {
		return nil
	}
	for i++; i < len(b); i++ {
		if b[i] > ' ' {
			return b[i:]
		}
	}
	return nil
}

// foldPrefix reports whether b begins with prefix, which is in lower case.
func foldPrefix(b []byte, prefix string) bool {
	if len(b) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}

// parse reads declarations in lower case. Semicolons inside quotes and brackets
// part nothing.
func (d *declarations) parse(css string) {
	for css != "" {
		var one string
		one, css = cutDeclaration(css)
		name, value, ok := strings.Cut(one, ":")
		if !ok {
			continue
		}
		switch strings.TrimSpace(name) {
		case "display":
			d.display.set(value)
		case "visibility":
			d.visibility.set(value)
		case "opacity":
			d.opacity.set(value)
		case "overflow", "overflow-y":
			d.overflow.set(value)
		case "max-height", "height":
			d.height.set(value)
		case "font-size":
			d.fontSize.set(value)
		case "font":
			d.fontSize.set(shorthandSize(value))
		}
	}
}

// cutDeclaration splits css after its first declaration.
func cutDeclaration(css string) (one, rest string) {
	quote, depth := byte(0), 0
	for i := 0; i < len(css); i++ {
		switch c := css[i]; {
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
			return css[:i], css[i+1:]
		}
	}
	return css, ""
}

// shorthandSize finds the size in a font shorthand: the first number that is no
// weight.
func shorthandSize(value string) string {
	for field := range strings.FieldsSeq(value) {
		size, _, _ := strings.Cut(field, "/")
		if size == "" || size[0] != '.' && (size[0] < '0' || size[0] > '9') {
			continue
		}
		if len(size) == 3 && strings.HasSuffix(size, "00") {
			continue
		}
		return size
	}
	return ""
}

// plainCSS takes comments out and decodes escapes (CSS Syntax, section 4.3.7).
func plainCSS(css string) string {
	if !strings.Contains(css, "/*") && strings.IndexByte(css, '\\') < 0 {
		return css
	}
	var out strings.Builder
	for i := 0; i < len(css); {
		switch {
		case strings.HasPrefix(css[i:], "/*"):
			end := strings.Index(css[i+2:], "*/")
			if end < 0 {
				return out.String()
			}
			i += end + 4
		case css[i] == '\\':
			r, n := cssEscape(css[i+1:])
			if r > 0 {
				out.WriteRune(r)
			}
			i += 1 + n
		default:
			out.WriteByte(css[i])
			i++
		}
	}
	return out.String()
}

// cssEscape decodes what follows a backslash: up to six hexadecimal digits and a
// blank. Without digits (r is 0) the next byte stands for itself.
func cssEscape(s string) (r rune, n int) {
	for n < len(s) && n < 6 && transfer.Hex(s[n]) < 16 {
		r = r<<4 | rune(transfer.Hex(s[n]))
		n++
	}
	if n > 0 && n < len(s) && space(s[n]) {
		n++
	}
	return r, n
}

// zero reports whether a CSS number or length is nothing.
func zero(value string) bool {
	n, _, ok := number(value)
	return ok && n == 0
}

// tinyFont reports whether text of that size cannot be read. Relative sizes keep
// what they are relative to.
func tinyFont(value string, inherited bool) bool {
	n, unit, ok := number(value)
	if !ok {
		switch value {
		case "inherit", "smaller", "larger", "unset":
			return inherited
		}
		return false
	}
	switch unit {
	case "em", "%", "ex", "ch":
		return inherited || n <= 0.1 || unit == "%" && n <= 10
	}
	return n <= 1
}

// number splits "0.5px".
func number(value string) (n float64, unit string, ok bool) {
	end := 0
	for end < len(value) && (value[end] == '.' || value[end] >= '0' && value[end] <= '9') {
		end++
	}
	n, err := strconv.ParseFloat(value[:end], 64)
	return n, value[end:], err == nil
}
