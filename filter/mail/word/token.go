package word

import (
	"bytes"

	"sekisho/filter/mail/transfer"
)

// token is one encoded word: "=?charset*language?encoding?text?=".
type token struct {
	charset string
	base64  bool
	text    []byte
	loose   bool // has blanks or unencoded controls that RFC 2047, section 2 forbids
}

// Match returns the length of the encoded word that b begins with, or 0. Blanks
// inside the text are tolerated, as clients do.
func Match(b []byte) int {
	_, n := match(b)
	return n
}

func match(b []byte) (token, int) {
	if len(b) < 7 || b[0] != '=' || b[1] != '?' {
		return token{}, 0
	}
	label := 2 + bytes.IndexByte(b[2:min(len(b), 2+128)], '?')
	if label < 3 || label+2 >= len(b) || b[label+2] != '?' {
		return token{}, 0
	}
	var t token
	switch b[label+1] | 0x20 {
	case 'b':
		t.base64 = true
	case 'q':
	default:
		return token{}, 0
	}
	for _, c := range b[2:label] {
		if c <= ' ' || c >= 0x7f {
			return token{}, 0
		}
	}
	text := label + 3
	end := textEnd(b[text:])
	if end < 0 {
		return token{}, 0
	}
	t.charset = string(b[2:label])
	t.text = b[text : text+end]
	t.loose = bytes.ContainsAny(t.text, " \t?")
	return t, text + end + 2
}

// textEnd returns where the "?=" stands that ends an encoded text, or -1 where
// there is none or another word begins before it. A Q text may hold bare question
// marks, and may end in an equals sign of its own ("abc=?=").
func textEnd(b []byte) int {
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], '?')
		if n < 0 || i+n+1 >= len(b) {
			return -1
		}
		i += n
		if b[i+1] == '=' {
			return i
		}
		if i > 0 && b[i-1] == '=' {
			return -1
		}
	}
}

// decodeQ undoes the Q encoding (RFC 2047, section 4.2); broken escapes stay.
func decodeQ(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(text) && transfer.Hex(text[i+1]) < 16 && transfer.Hex(text[i+2]) < 16:
			dst = append(dst, transfer.Hex(text[i+1])<<4|transfer.Hex(text[i+2]))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// openQuantum reports whether base64 text stops inside a quantum without
// padding, so that its last bits wait for the next word.
func openQuantum(text []byte) bool {
	n := 0
	for _, c := range text {
		if c == '=' {
			return false
		}
		if c > ' ' {
			n++
		}
	}
	return n%4 != 0
}
