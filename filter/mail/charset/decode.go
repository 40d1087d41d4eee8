package charset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// Outcome says how well the label fitted the bytes. The zero value is a label
// that fitted, or no label over plain ASCII.
type Outcome string

// The outcomes, best first.
const (
	Fitting    Outcome = ""
	Unlabelled Outcome = "charset-unlabelled" // no label, bytes beyond ASCII: guessed
	Unknown    Outcome = "charset-unknown"    // a label that nobody knows: guessed
	Wrong      Outcome = "charset-wrong"      // the label does not fit and another charset does: that one was used
	Damaged    Outcome = "charset-damaged"    // the label is as good as any, but bytes are no characters in it
	Abused     Outcome = "charset-utf7"       // UTF-7, which clients stopped reading for its abuse
)

const esc = 0x1b

// Decode returns b as valid UTF-8, read in the charset that label names. It
// never fails: bytes that are no characters become U+FFFD.
func Decode(b []byte, label string) (string, Outcome) {
	ascii := isASCII(b)
	var e entry
	if label != "" {
		e = lookup(label)
	}
	switch {
	case e.scheme == schemeUTF7:
		return decodeUTF7(b), Abused
	case e.scheme == schemeWide:
		return decodeWith(e.enc, b)
	case ascii && bytes.IndexByte(b, esc) < 0:
		if label != "" && e.scheme == schemeUnknown {
			return string(b), Unknown
		}
		return string(b), Fitting
	}
	switch e.scheme {
	case schemeUTF8:
		return decodeUTF8(b, ascii)
	case schemeJIS:
		if ascii {
			return decodeWith(e.enc, b)
		}
		return decodeAgainst(e.enc, b)
	case schemeTable:
		// No honest 8-bit text holds these escapes; Japanese clients decode them.
		if ascii && hasJISEscape(b) {
			s, _ := decodeWith(japanese.ISO2022JP, b)
			return s, Wrong
		}
		if ascii {
			return string(b), Fitting
		}
		return decodeAgainst(e.enc, b)
	}
	s, fits := guess(b)
	switch {
	case label == "":
		return s, Unlabelled
	case e.scheme == schemeUnknown:
		return s, Unknown
	case fits:
		return s, Wrong // us-ascii
	}
	return s, Damaged
}

// DecodeAs is Decode without any guessing: what a client shows that believes the
// label. Labels that name no charset are read as UTF-8.
func DecodeAs(b []byte, label string) string {
	e := lookup(label)
	switch {
	case e.scheme == schemeUTF7:
		return decodeUTF7(b)
	case e.enc != nil:
		s, _ := decodeWith(e.enc, b)
		return s
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// decodeUTF8 reads b as UTF-8 and looks elsewhere only when that breaks.
func decodeUTF8(b []byte, ascii bool) (string, Outcome) {
	if ascii {
		if hasJISEscape(b) {
			s, _ := decodeWith(japanese.ISO2022JP, b)
			return s, Wrong
		}
		return string(b), Fitting
	}
	if utf8.Valid(b) {
		return string(b), Fitting
	}
	if g := guessJapanese(b); g != nil && !mostlyUTF8(b) {
		s, _ := decodeWith(g, b)
		return s, Wrong
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), Damaged
}

// decodeAgainst reads b by enc, and takes another charset when enc finds bytes
// that are no characters while that one finds none.
func decodeAgainst(enc encoding.Encoding, b []byte) (string, Outcome) {
	s, outcome := decodeWith(enc, b)
	if outcome == Fitting {
		return s, outcome
	}
	if utf8.Valid(b) {
		return string(b), Wrong
	}
	if g := guessJapanese(b); g != nil && g != enc {
		if other, o := decodeWith(g, b); o == Fitting {
			return other, Wrong
		}
	}
	return s, outcome
}

// decodeWith reads b by enc alone.
func decodeWith(enc encoding.Encoding, b []byte) (string, Outcome) {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		// UTF-16 with a missing byte order mark and the like.
		return strings.ToValidUTF8(string(b), "\uFFFD"), Damaged
	}
	if bytes.Contains(out, []byte("\uFFFD")) {
		return string(out), Damaged
	}
	return string(out), Fitting
}

// guess reads b without a label. The second result is false when nothing fitted
// and b was read as windows-1252, in which every byte is a character.
func guess(b []byte) (string, bool) {
	switch {
	case hasJISEscape(b):
		s, outcome := decodeWith(japanese.ISO2022JP, b)
		return s, outcome == Fitting
	case utf8.Valid(b):
		return string(b), true
	case mostlyUTF8(b):
		return strings.ToValidUTF8(string(b), "\uFFFD"), false
	}
	if g := guessJapanese(b); g != nil {
		s, outcome := decodeWith(g, b)
		return s, outcome == Fitting
	}
	s, _ := decodeWith(charmap.Windows1252, b)
	return s, false
}

// isASCII reports whether b has no byte above 127, eight bytes at a time.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		if w&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
