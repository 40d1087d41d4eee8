package pdflink

import (
	"bytes"

	"sekisho/filter/mail/transfer"
)

// counts are the bytes that decide where a string in brackets ends.
var counts = [256]bool{'\\': true, '(': true, ')': true}

// literal finds the string in brackets that b begins with (section 7.3.4.2). raw is
// what stands between them, escapes and all, and n its length with the brackets. ok
// is false where it does not end within MaxString.
func literal(b []byte) (raw []byte, n int, ok bool) {
	depth := 0
	b = b[:min(len(b), MaxString+1)]
	for i := 0; i < len(b); i++ {
		if !counts[b[i]] {
			continue
		}
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return b[1:i:i], i + 1, true
			}
		}
	}
	return nil, 0, false
}

// unescape appends to text what raw, which literal found, stands for.
func unescape(text, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(text, raw...)
		}
		var n int
		text, n = escape(append(text, raw[:i]...), raw[i+1:])
		raw = raw[i+1+n:]
	}
}

// escape appends what the escape behind a backslash stands for, and returns its
// length.
func escape(text, b []byte) ([]byte, int) {
	if len(b) == 0 {
		return text, 0
	}
	switch c := b[0]; c {
	case 'n':
		return append(text, '\n'), 1
	case 'r':
		return append(text, '\r'), 1
	case 't':
		return append(text, '\t'), 1
	case 'b', 'f':
		return text, 1
	case '\n':
		return text, 1
	case '\r':
		if len(b) > 1 && b[1] == '\n' {
			return text, 2
		}
		return text, 1
	default:
		v, n := 0, 0
		for n < 3 && n < len(b) && b[n] >= '0' && b[n] <= '7' {
			v = v<<3 | int(b[n]-'0')
			n++
		}
		if n > 0 {
			return append(text, byte(v)), n
		}
		return append(text, c), 1
	}
}

// hexadecimal reads the string "<68 74 ...>" that b begins with (section 7.3.4.3). n
// is its length; one without an end is but its first byte.
func hexadecimal(b []byte) (text []byte, n int) {
	high, half := byte(0), false
	for i := 1; i < len(b) && i <= 2*MaxString; i++ {
		c := b[i]
		v := transfer.Hex(c)
		switch {
		case c == '>':
			if half {
				text = append(text, high<<4)
			}
			return text, i + 1
		case v < 16 && half:
			text, half = append(text, high<<4|v), false
		case v < 16:
			high, half = v, true
		case regular(c) || c == '<' || c == '(' || c == '/':
			return nil, i // no string: nothing of it has to be read again
		}
	}
	return nil, min(len(b), 2*MaxString)
}
