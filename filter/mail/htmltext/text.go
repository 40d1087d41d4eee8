package htmltext

import (
	"bytes"
	"html"
	"unicode/utf8"
)

// buffer collects text with white space collapsed and controls dropped. Blocks
// are separated by a line end, so that nothing runs over their borders.
type buffer struct {
	b     []byte
	start int  // where the open block begins
	space bool // white space is due before the next character
	limit int
	full  bool
}

// empty reports whether the open block holds nothing.
func (t *buffer) empty() bool { return len(t.b) == t.start }

// next begins a new block.
func (t *buffer) next() {
	if !t.empty() {
		t.b = append(t.b, '\n')
	}
	t.start, t.space = len(t.b), false
}

// put appends clean bytes.
func (t *buffer) put(run []byte) {
	if len(run) == 0 || t.full {
		return
	}
	if len(t.b)+len(run) >= t.limit {
		t.full = true
		return
	}
	if t.space {
		t.space = false
		if !t.empty() {
			t.b = append(t.b, ' ')
		}
	}
	t.b = append(t.b, run...)
}

// putRune appends one character, or takes it as white space.
func (t *buffer) putRune(r rune) {
	switch {
	case r == '\t' || r == '\n' || r == '\f' || r == '\r' || r == ' ' || r == 0xa0:
		t.space = true
	case r < ' ' || r >= 0x7f && r < 0xa0:
	default:
		var enc [utf8.UTFMax]byte
		t.put(enc[:utf8.EncodeRune(enc[:], r)])
	}
}

// write appends UTF-8 text with character references decoded.
func (t *buffer) write(raw []byte) {
	start := 0
	for i := 0; i < len(raw); {
		c := raw[i]
		if c > ' ' && c != '&' && c != 0xc2 && c != 0x7f {
			i++
			continue
		}
		// One blank between two words is the common case: go on with the run.
		if c == ' ' && i > start && i+1 < len(raw) && raw[i+1] > ' ' && raw[i+1] != 0xc2 {
			i++
			continue
		}
		t.put(raw[start:i])
		switch {
		case c == '&':
			r, r2, n := reference(raw[i:], false)
			t.putRune(r)
			if r2 != 0 {
				t.putRune(r2)
			}
			i += n
		case c == 0xc2 && i+1 < len(raw):
			t.putRune(rune(raw[i+1])) // U+0080 to U+00BF: the second byte is the code point
			i += 2
		default:
			t.putRune(rune(c))
			i++
		}
		start = i
	}
	t.put(raw[start:])
}

// reference decodes the character reference that b begins with (HTML, section
// 13.2.5.72): one or two characters and the bytes taken. A lone '&' stands for
// itself. In attributes a name without a semicolon before a letter, a digit or
// '=' is no reference, so that "?a=1&copy=2" stays.
func reference(b []byte, attribute bool) (r, r2 rune, n int) {
	if len(b) > 2 && b[1] == '#' {
		if r, n = numeric(b); n > 0 {
			return r, 0, n
		}
		return '&', 0, 1
	}
	end := 1
	for end < len(b) && end < 33 && alphanumeric(b[end]) {
		end++
	}
	if end == 1 {
		return '&', 0, 1
	}
	terminated := end < len(b) && b[end] == ';'
	if terminated {
		switch string(b[1:end]) {
		case "amp":
			return '&', 0, end + 1
		case "nbsp":
			return 0xa0, 0, end + 1
		case "lt":
			return '<', 0, end + 1
		case "gt":
			return '>', 0, end + 1
		case "quot":
			return '"', 0, end + 1
		case "zwnj":
			return 0x200c, 0, end + 1
		}
		end++
	} else if attribute {
		if end < len(b) && b[end] == '=' {
			return '&', 0, 1
		}
		return wholeName(b[:end])
	}
	return named(b[:end])
}

// wholeName decodes a reference without semicolon in an attribute: only if all
// of it is a name.
func wholeName(b []byte) (r, r2 rune, n int) {
	if r, r2, n = named(b); n == len(b) {
		return r, r2, n
	}
	return '&', 0, 1
}

// named asks the standard library, which knows the 2,231 names. What it leaves
// over is text.
func named(b []byte) (r, r2 rune, n int) {
	text := html.UnescapeString(string(b))
	if text[0] == '&' && len(text) == len(b) {
		return '&', 0, 1
	}
	r, size := utf8.DecodeRuneInString(text)
	left := len(text) - size
	// A name may stand for two characters; the rest of text ends as b does.
	if left > 0 {
		second, size := utf8.DecodeRuneInString(text[size:])
		if second >= utf8.RuneSelf {
			return r, second, len(b) - (left - size)
		}
	}
	return r, 0, len(b) - left
}

// numeric decodes "&#1234;" and "&#x12ab;". n is 0 when there are no digits.
func numeric(b []byte) (r rune, n int) {
	i, base := 2, rune(10)
	if b[2]|0x20 == 'x' {
		i, base = 3, 16
	}
	first := i
	for ; i < len(b); i++ {
		c := rune(b[i])
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			c = -1
		}
		if c < 0 {
			break
		}
		if r = r*base + c; r > utf8.MaxRune {
			r = utf8.MaxRune + 1
		}
	}
	if i == first {
		return 0, 0
	}
	if i < len(b) && b[i] == ';' {
		i++
	}
	switch {
	case r >= 0x80 && r < 0xa0: // windows-1252, by the standard's table
		r, _ = utf8.DecodeRuneInString(html.UnescapeString(string(b[:i])))
	case r == 0 || !utf8.ValidRune(r):
		r = utf8.RuneError
	}
	return r, i
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// attribute returns the text of an attribute's value with references decoded.
func attribute(raw []byte) string { return string(attributeBytes(raw)) }

// attributeBytes is attribute without a copy where there is nothing to decode.
func attributeBytes(raw []byte) []byte {
	if bytes.IndexByte(raw, '&') < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '&' {
			out = append(out, raw[i])
			i++
			continue
		}
		r, r2, n := reference(raw[i:], true)
		out = utf8.AppendRune(out, r)
		if r2 != 0 {
			out = utf8.AppendRune(out, r2)
		}
		i += n
	}
	return out
}
