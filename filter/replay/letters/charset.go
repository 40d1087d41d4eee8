package letters

import (
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// Charset is how the text of a letter is written down.
type Charset string

const (
	UTF8      Charset = "utf-8"
	ISO2022JP Charset = "iso-2022-jp"
	ShiftJIS  Charset = "shift_jis"
	EUCJP     Charset = "euc-jp"
	Raw       Charset = "raw" // bytes of one of the others in header and body, without a word about which
)

// charsets is the closed list.
func charsets() []Charset { return []Charset{UTF8, ISO2022JP, ShiftJIS, EUCJP, Raw} }

// encoding returns the encoding of a charset that is not Raw.
func (c Charset) encoding() encoding.Encoding {
	switch c {
	case ISO2022JP:
		return japanese.ISO2022JP
	case ShiftJIS:
		return japanese.ShiftJIS
	case EUCJP:
		return japanese.EUCJP
	}
	return unicode.UTF8
}

// bytes encodes s; false when the charset lacks one of its characters.
func (c Charset) bytes(s string) ([]byte, bool) {
	b, err := c.encoding().NewEncoder().Bytes([]byte(s))
	return b, err == nil
}

// otherLabels are names that clients take for the charset.
func (c Charset) otherLabels() []string {
	switch c {
	case ISO2022JP:
		return []string{"cp50220", "cp50221", "iso-2022-jp-ms", "ISO-2022-JP-1"}
	case ShiftJIS:
		return []string{"cp932", "ms932", "windows-31j", "x-sjis", "sjis-win"}
	case EUCJP:
		return []string{"x-euc-jp", "euc-jp-win", "cp51932", "ujis"}
	}
	return []string{"utf8", "UTF-8N", "unicode-1-1-utf-8"}
}
