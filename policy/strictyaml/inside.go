package strictyaml

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Inside returns the place in the file of a byte of the scalar's text, so that a
// language written in a scalar can tell where a mistake is. It follows the ways in
// which YAML writes texts (YAML 1.2, chapters 7.3 and 8.1): quotes, escapes, lines
// folded into one, and blocks. An offset beyond the text is its end. Where the text
// cannot be followed the place is that of the value.
func (v Value) Inside(offset int) Pos {
	if v.n.Kind != yaml.ScalarNode {
		return v.Pos()
	}
	d := v.c.doc
	start, ok := d.offset(v.n.Line, v.n.Column)
	if !ok {
		return v.Pos()
	}
	f := follower{src: d.src, at: start, text: v.n.Value, offset: min(max(offset, 0), len(v.n.Value))}
	if v.n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		ok = f.block()
	} else {
		ok = f.flow(v.n.Style)
	}
	if !ok || f.at > len(d.src) {
		return v.Pos()
	}
	return d.posAt(f.at)
}

// offset is the byte at a line and column.
func (d *Document) offset(line, column int) (int, bool) {
	at := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(d.src[at:], '\n')
		if i < 0 {
			return 0, false
		}
		at += i + 1
	}
	if at == 0 && bytes.HasPrefix(d.src, []byte("\uFEFF")) {
		at = len("\uFEFF")
	}
	for ; column > 1; column-- {
		if at >= len(d.src) {
			return 0, false
		}
		_, size := utf8.DecodeRune(d.src[at:])
		at += size
	}
	return at, true
}

// follower goes through the source and the text that was read from it together,
// until it has seen offset bytes of the text.
type follower struct {
	src    []byte
	at     int // in src
	text   string
	seen   int // of text
	offset int
}

// flow follows a plain or quoted scalar.
func (f *follower) flow(style yaml.Style) bool {
	single, double := style&yaml.SingleQuotedStyle != 0, style&yaml.DoubleQuotedStyle != 0
	if single || double {
		f.at++
	}
	for f.seen < f.offset {
		if f.at >= len(f.src) {
			return false
		}
		r, size := utf8.DecodeRuneInString(f.text[f.seen:])
		switch c := f.src[f.at]; {
		case double && c == '\\':
			length := escape(f.src[f.at:])
			if length == 0 { // the line goes on in the next one
				f.at++
				f.blank()
				continue
			}
			f.at += length
		case single && c == '\'':
			f.at += 2
		case c == ' ', c == '\t', c == '\r', c == '\n':
			if blank := f.src[f.at : f.at+blanks(f.src[f.at:])]; bytes.IndexByte(blank, '\n') >= 0 {
				f.fold(bytes.Count(blank, []byte{'\n'}))
				continue
			}
			f.at++
		default:
			if s, _ := utf8.DecodeRune(f.src[f.at:]); s != r {
				return false
			}
			f.at += size
		}
		f.seen += size
	}
	return true
}

// fold goes over the blanks around line ends: one line end is a space, of several
// the first is nothing.
func (f *follower) fold(lines int) {
	f.seen += max(1, lines-1)
	if f.seen <= f.offset {
		f.blank()
	}
}

func (f *follower) blank() { f.at += blanks(f.src[f.at:]) }

func blanks(src []byte) int { return len(src) - len(bytes.TrimLeft(src, " \t\r\n")) }

// escape is the length of an escape of a double quoted scalar; 0 for one that
// stands before a line end.
func escape(src []byte) int {
	if len(src) < 2 {
		return 1
	}
	switch src[1] {
	case '\n', '\r':
		return 0
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}

// block follows a literal or folded block scalar.
func (f *follower) block() bool {
	if !f.nextLine() {
		return false
	}
	indent := f.indent()
	for {
		line := f.line()
		f.at += min(indent, len(line)-len(strings.TrimLeft(line, " ")))
		if f.seen < len(f.text) && f.text[f.seen] != '\n' && strings.TrimSuffix(f.line(), "\r") == "" && f.nextLine() {
			continue // a line end that folding took away
		}
		for f.seen < f.offset && f.at < len(f.src) && f.src[f.at] != '\n' && f.src[f.at] != '\r' {
			r, size := utf8.DecodeRuneInString(f.text[f.seen:])
			if s, _ := utf8.DecodeRune(f.src[f.at:]); s != r {
				return false
			}
			f.at, f.seen = f.at+size, f.seen+size
		}
		if f.seen >= f.offset {
			return true
		}
		if c := f.text[f.seen]; c == '\n' || c == ' ' {
			f.seen++
		}
		if !f.nextLine() {
			return f.seen >= f.offset
		}
	}
}

// indent is how far the lines of a block are indented: what the first line with
// anything on it has more in the source than in the text.
func (f *follower) indent() int {
	first := strings.TrimLeft(f.text, "\n")
	inText := len(first) - len(strings.TrimLeft(first, " "))
	rest := *f
	for strings.TrimSpace(rest.line()) == "" {
		if !rest.nextLine() {
			return 0
		}
	}
	line := rest.line()
	return len(line) - len(strings.TrimLeft(line, " ")) - inText
}

// line is the rest of the line.
func (f *follower) line() string {
	line, _, _ := bytes.Cut(f.src[f.at:], []byte{'\n'})
	return string(line)
}

func (f *follower) nextLine() bool {
	i := bytes.IndexByte(f.src[f.at:], '\n')
	if i < 0 {
		return false
	}
	f.at += i + 1
	return true
}
