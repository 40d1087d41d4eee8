package charset

import "strings"

// Encode returns s, which is valid UTF-8, as bytes that may stand in front of a
// text whose charset label names. It is false where they may not: the label is
// unknown, ASCII bytes don't stand for themselves in that charset, or it lacks a
// character of s. No label is us-ascii. A label of an older Chinese standard, which
// Decode reads as GB 18030, takes nothing beyond ASCII: strict readers know fewer
// characters of it than we write.
//
// With ISO-2022-JP the bytes end in ASCII, as the text behind them begins, if s
// does.
func Encode(s, label string) ([]byte, bool) {
	ascii := isASCII([]byte(s))
	if label == "" {
		return []byte(s), ascii
	}
	e := lookup(label)
	switch e.scheme {
	case schemeUTF8:
		return []byte(s), true
	case schemeASCII:
		return []byte(s), ascii
	case schemeTable, schemeJIS:
	default:
		return nil, false
	}
	if ascii {
		return []byte(s), true
	}
	if name := strings.Trim(label, " \t\"'"); e == lookup("gb18030") && !strings.EqualFold(name, "gb18030") {
		return nil, false
	}
	b, err := e.enc.NewEncoder().Bytes([]byte(s))
	return b, err == nil
}
