package charset

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode/utf32"
)

// MaxLabel is the longest charset label in bytes that is looked up. The longest
// registered one has 45; a longer one counts as unknown.
const MaxLabel = 64

// scheme is how a charset's bytes have to be handled.
type scheme uint8

const (
	schemeUnknown scheme = iota
	schemeUTF8
	schemeASCII // us-ascii: says nothing about bytes above 127
	schemeTable // an 8-bit superset of ASCII through x/text
	schemeJIS   // ISO-2022-JP, 7 bit with escapes
	schemeWide  // UTF-16, UTF-32, HZ: plain ASCII bytes do not stand for themselves
	schemeUTF7
)

// entry is what a label stands for.
type entry struct {
	scheme scheme
	enc    encoding.Encoding // nil for UTF-8, ASCII and UTF-7
}

// canonical gives the Encoding Standard's label for names that it does not
// list. ianaindex is no help here: it returns a nil Encoding with a nil error
// for windows-31j, cp50220 and others.
func canonical(label string) string {
	switch label {
	case "cp932", "ms932", "cp943", "cp943c", "windows-932", "windows932", "x-ms-cp932", "x-windows-31j",
		"mskanji", "shift_jisx0213", "shift_jis-2004", "shift-jis-2004", "sjis-win", "sjis-open", "cswindows31j", "s-jis", "shift_jis_2004":
		return "shift_jis"
	case "cp50220", "cp50221", "cp50222", "cp50220-2", "cp50220-1", "x-windows-50220", "x-windows-50221", "x-windows-iso2022jp",
		"iso-2022-jp-ms", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-2004", "iso2022jp", "iso2022-jp", "jis",
		"iso-2022-jp-mobile", "csiso2022jp2":
		return "iso-2022-jp"
	case "euc-jp-win", "eucjp-win", "eucjp", "euc_jp", "cp51932", "eucjp-ms", "eucjp-open", "euc-jp-ms", "euc-jisx0213", "euc-jis-2004", "ujis":
		return "euc-jp"
	case "utf8", "utf-8n", "utf8n", "utf-8-mac", "utf8mb4", "utf_8", "utf-8utf-8", "cp65001", "unicode-utf-8":
		return "utf-8"
	case "cp936", "ms936", "gb2312-80", "euc-cn", "euccn", "x-gbk":
		return "gb18030"
	case "cp949", "ms949", "uhc", "ks_c_5601":
		return "euc-kr"
	case "cp950", "ms950":
		return "big5"
	case "latin-1", "iso8859_1", "iso_8859_1", "8859-1", "cp-1252", "win-1252":
		return "windows-1252"
	}
	return label
}

// lookup finds the charset that label names: in any letter case, with quotes,
// blanks and an RFC 2231 language suffix ("iso-2022-jp*ja") tolerated.
func lookup(label string) entry {
	if len(label) > MaxLabel {
		return entry{}
	}
	label, _, _ = strings.Cut(label, "*")
	label = canonical(strings.ToLower(strings.Trim(label, " \t\"'")))
	switch label {
	case "utf-8":
		return entry{scheme: schemeUTF8}
	case "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "iso-ir-6", "us":
		return entry{scheme: schemeASCII}
	case "utf-7", "utf7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "csunicode11utf7", "cp65000":
		return entry{scheme: schemeUTF7}
	case "utf-32", "utf32", "utf-32be", "ucs-4":
		return entry{schemeWide, utf32.UTF32(utf32.BigEndian, utf32.UseBOM)}
	case "utf-32le":
		return entry{schemeWide, utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)}
	case "hz-gb-2312", "hz", "hzgb2312":
		return entry{schemeWide, simplifiedchinese.HZGB2312}
	case "gb2312", "gbk":
		label = "gb18030" // the superset that mailers mean by either
	}
	enc, err := htmlindex.Get(label)
	if err != nil || enc == nil {
		return entry{}
	}
	switch name, _ := htmlindex.Name(enc); name {
	case "utf-8":
		return entry{scheme: schemeUTF8}
	case "iso-2022-jp":
		return entry{schemeJIS, enc}
	case "utf-16be", "utf-16le":
		return entry{schemeWide, enc}
	case "replacement", "x-user-defined":
		// The standard refuses to decode iso-2022-kr and the like.
		return entry{}
	default:
		return entry{schemeTable, enc}
	}
}

// Same reports whether two labels name the same charset, so that the bytes of
// one may continue the other's.
func Same(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	ea, eb := lookup(a), lookup(b)
	return ea.scheme != schemeUnknown && ea == eb
}

// Known reports whether label names a charset that can be decoded.
func Known(label string) bool { return lookup(label).scheme != schemeUnknown }
