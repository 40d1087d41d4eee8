package transfer

import (
	"bytes"
	"encoding/base64"
)

// Encoding is a Content-Transfer-Encoding (RFC 2045, section 6).
type Encoding string

// The encodings. Identity stands for 7bit, 8bit and binary.
const (
	Identity        Encoding = ""
	Base64          Encoding = "base64"
	QuotedPrintable Encoding = "quoted-printable"
)

// Decode undoes a transfer encoding, for the first limit decoded bytes. size is
// the length of the whole, counted when data is complete and estimated from the
// encoded length otherwise. Identity bytes are not copied.
func Decode(enc Encoding, b []byte, limit int) (data []byte, size int, damaged bool) {
	switch enc {
	case Base64:
		return decodeBase64(b, limit)
	case QuotedPrintable:
		return decodeQP(b, limit)
	}
	return b[:min(len(b), limit)], len(b), false
}

// decodeBase64 steps over bytes that are no base64, as RFC 2045, section 6.8
// asks, and goes on after padding, as clients do.
func decodeBase64(b []byte, limit int) (data []byte, size int, damaged bool) {
	whole := len(b)
	// 4 characters a quantum, 76 a line with CRLF: so this is enough for limit bytes.
	if need := limit/3*4 + limit/24 + 1024; len(b) > need {
		b = b[:need]
	}
	if limit == 0 {
		b = nil
	}
	data = make([]byte, base64.StdEncoding.DecodedLen(len(b)))
	n, err := base64.StdEncoding.Decode(data, b)
	if err != nil {
		data, damaged = AppendBase64(data[:0], b)
		n = len(data)
		damaged = damaged && len(b) == whole // a cut end is our doing
	}
	size = n
	if len(b) < whole {
		size = estimate64(whole, len(b), n)
	}
	return data[:min(n, limit)], size, damaged
}

// estimate64 extrapolates the decoded length of whole encoded bytes from a
// decoded prefix, or from lines of 76 characters.
func estimate64(whole, prefix, decoded int) int {
	if prefix == 0 {
		return whole / 78 * 57
	}
	return int(int64(whole) * int64(decoded) / int64(prefix))
}

// AppendBase64 appends to dst what is base64 in b and steps over the rest. Bits
// that fill no byte are dropped; text after padding begins a new run. damaged
// says that there was anything but base64 and white space, or half a character.
func AppendBase64(dst, b []byte) (out []byte, damaged bool) {
	var bits uint32
	have := 0
	padded := false
	for _, c := range b {
		v := sextet(c)
		if v >= 64 {
			switch c {
			case '\r', '\n', ' ', '\t':
			case '=':
				bits, have, padded = 0, 0, true
			default:
				damaged = true
			}
			continue
		}
		if padded {
			padded, damaged = false, true // text after the end
		}
		bits = bits<<6 | uint32(v)
		if have += 6; have >= 8 {
			have -= 8
			dst = append(dst, byte(bits>>have))
		}
	}
	return dst, damaged || have > 0
}

// sextet returns the value of a base64 character, 255 for others.
func sextet(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c - 'A'
	case c >= 'a' && c <= 'z':
		return c - 'a' + 26
	case c >= '0' && c <= '9':
		return c - '0' + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return 255
}

// decodeQP undoes quoted-printable (RFC 2045, section 6.7). A broken escape is
// shown as it stands, as clients do.
func decodeQP(b []byte, limit int) (data []byte, size int, damaged bool) {
	whole := len(b)
	if len(b)/3 > limit {
		b = b[:3*limit] // may cut more than needed where little is escaped; size stays right enough
	}
	data = make([]byte, 0, min(len(b), limit+3))
	rest := b
	for len(rest) > 0 && len(data) < limit {
		i := bytes.IndexByte(rest, '=')
		if i < 0 {
			i = len(rest)
		}
		data = append(data, rest[:i]...)
		rest = rest[i:]
		if len(rest) == 0 {
			break
		}
		if len(rest) > 2 {
			if hi, lo := Hex(rest[1]), Hex(rest[2]); hi < 16 && lo < 16 {
				data = append(data, hi<<4|lo)
				rest = rest[3:]
				continue
			}
		}
		if n := softBreak(rest); n > 0 {
			rest = rest[n:]
			continue
		}
		data = append(data, '=')
		rest = rest[1:]
		damaged = true
	}
	size = len(data)
	if left := len(rest) + whole - len(b); left > 0 {
		size += left
	}
	return data[:min(len(data), limit)], size, damaged
}

// softBreak returns the length of a soft line break at the start of b, which
// begins with '=': blanks that a relay added are part of it.
func softBreak(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case ' ', '\t', '\r':
		case '\n':
			return i + 1
		default:
			return 0
		}
	}
	return len(b)
}

// Hex returns the value of a hexadecimal digit, 255 for other bytes.
func Hex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
