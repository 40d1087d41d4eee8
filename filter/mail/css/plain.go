package css

import (
	"bytes"
	"unicode/utf8"
)

// plain takes comments out and decodes escapes (CSS Syntax, section 4.3.7).
func plain(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		switch {
		case text[i] == '/' && i+1 < len(text) && text[i+1] == '*':
			end := bytes.Index(text[i+2:], []byte("*/"))
			if end < 0 {
				return out
			}
			i += end + 4
		case text[i] == '\\':
			r, n := escape(text[i+1:])
			if r > 0 {
				out = utf8.AppendRune(out, r)
			}
			i += 1 + n
		default:
			out = append(out, text[i])
			i++
		}
	}
	return out
}

// uncomment takes comments out and leaves escapes, which selectors need.
func uncomment(text []byte) []byte {
	if !bytes.Contains(text, []byte("/*")) {
		return text
	}
	out := make([]byte, 0, len(text))
	for {
		i := bytes.Index(text, []byte("/*"))
		if i < 0 {
			return append(out, text...)
		}
		out = append(out, text[:i]...)
		end := bytes.Index(text[i+2:], []byte("*/"))
		if end < 0 {
			return out
		}
		text = text[i+end+4:]
	}
}

// escape decodes what follows a backslash: up to six hexadecimal digits and a
// blank. Without digits (r is 0) the next byte stands for itself.
func escape(b []byte) (r rune, n int) {
	for n < len(b) && n < 6 && hex(b[n]) < 16 {
		r = r<<4 | rune(hex(b[n]))
		n++
	}
	if n > 0 && n < len(b) && space(b[n]) {
		n++
	}
	return r, n
}

// hex returns the value of a hexadecimal digit, 255 for other bytes.
func hex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}
