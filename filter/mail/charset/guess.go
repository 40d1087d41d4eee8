package charset

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
)

// hasJISEscape reports whether b holds an escape sequence that switches to
// Japanese characters (RFC 1468, and half-width kana as cp50221 writes them).
func hasJISEscape(b []byte) bool {
	for {
		i := bytes.IndexByte(b, esc)
		if i < 0 || i+2 >= len(b) {
			return false
		}
		switch {
		case b[i+1] == '$' && (b[i+2] == 'B' || b[i+2] == '@' || b[i+2] == '('):
			return true
		case b[i+1] == '(' && b[i+2] == 'I':
			return true
		}
		b = b[i+1:]
	}
}

// mostlyUTF8 reports whether b is UTF-8 with a little damage (a character cut at
// an edge, say) rather than something else: at least four whole characters
// beyond ASCII for each byte that belongs to none.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good >= 4*bad && good > 0
}

// guessJapanese tells Shift_JIS from EUC-JP by the bytes that would be errors,
// then by the kana that each would show. It returns nil when neither fits.
func guessJapanese(b []byte) encoding.Encoding {
	sjis, euc := scoreSJIS(b), scoreEUC(b)
	switch {
	case sjis.fits() && (!euc.fits() || sjis.kana > euc.kana):
		return japanese.ShiftJIS
	case euc.fits():
		return japanese.EUCJP
	}
	return nil
}

// score counts what a text would hold in one charset.
type score struct {
	double int // two-byte characters
	kana   int // of them hiragana and katakana
	single int // half-width kana, and lead bytes that real text does not use
	errors int
}

// fits says yes only to text that is mainly two-byte characters: Latin-1 letters
// look like half-width kana one by one.
func (s score) fits() bool { return s.errors == 0 && s.double > s.single }

func scoreSJIS(b []byte) (s score) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80:
		case c >= 0xa1 && c <= 0xdf:
			s.single++
		case c == 0x80 || c == 0xa0 || c >= 0xf0 && c < 0xfa || c > 0xfc || i+1 == len(b): // F0 to F9 are for private use
			s.errors++
		default:
			i++
			t := b[i]
			if t < 0x40 || t == 0x7f || t > 0xfc {
				s.errors++
				continue
			}
			s.double++
			if c == 0x82 && t >= 0x9f && t <= 0xf1 || c == 0x83 && t <= 0x96 {
				s.kana++
			}
			if t < 0x80 && c >= 0xe0 {
				s.single++ // "ü" and a letter: as likely Latin-1
			}
		}
	}
	return s
}

func scoreEUC(b []byte) (s score) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80:
		case i+1 == len(b):
			s.errors++
		case c == 0x8e: // half-width kana
			i++
			s.single++
			if b[i] < 0xa1 || b[i] > 0xdf {
				s.errors++
			}
		case c == 0x8f: // JIS X 0212, three bytes
			if i+2 >= len(b) || b[i+1] < 0xa1 || b[i+2] < 0xa1 {
				s.errors++
			}
			i += 2
			s.double++
		case c < 0xa1 || c == 0xff || b[i+1] < 0xa1 || b[i+1] == 0xff:
			s.errors++
			i++
		default:
			s.double++
			if c == 0xa4 || c == 0xa5 {
				s.kana++
			}
			i++
		}
	}
	return s
}
