package charset

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeUTF7 reads RFC 2152: base64 of UTF-16 between '+' and the first byte that
// is not base64. Unused bits and half characters are dropped.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c != '+' {
			if c < utf8.RuneSelf {
				out.WriteByte(c)
			} else {
				out.WriteRune(utf8.RuneError)
			}
			continue
		}
		end := i + 1
		for end < len(b) && isBase64(b[end]) {
			end++
		}
		switch {
		case end > i+1:
			writeUTF16(&out, b[i+1:end])
		case end < len(b) && b[end] == '-':
			out.WriteByte('+') // "+-"
		default:
			out.WriteByte('+')
			continue
		}
		i = end - 1
		if end < len(b) && b[end] == '-' {
			i = end // the '-' that ends a shift belongs to it
		}
	}
	return out.String()
}

// writeUTF16 writes the characters of one shifted run.
func writeUTF16(out *strings.Builder, run []byte) {
	if len(run)%4 == 1 {
		run = run[:len(run)-1]
	}
	units := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
	n, _ := base64.RawStdEncoding.Decode(units, run)
	for i := 0; i+1 < n; i += 2 {
		r := rune(units[i])<<8 | rune(units[i+1])
		if utf16.IsSurrogate(r) && i+3 < n {
			if full := utf16.DecodeRune(r, rune(units[i+2])<<8|rune(units[i+3])); full != utf8.RuneError {
				r = full
				i += 2
			}
		}
		out.WriteRune(r) // a lone surrogate is written as U+FFFD
	}
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}
