// Package word reads header text: RFC 2047 encoded words, RFC 2231 language
// suffixes, raw UTF-8 (RFC 6532) and the raw 8-bit and ISO-2022-JP bytes that
// are still sent.
//
// Clients differ on damaged and on clever input, so a text has one reading that
// most clients show and, where it matters, others. Words of equal charset that
// follow each other are joined as bytes before the charset is decoded: a kanji
// or a base64 quantum split over two words then shows, as it does in clients
// that join; the reading word by word is kept beside it.
//
// Limits: MaxText bytes are read, MaxWords encoded words decoded; what is past
// them stays as it was written and TooLong is reported.
package word

const (
	// MaxText is the number of bytes of one header text that are read. RFC 5322,
	// section 2.1.1 allows lines of 998; mailers refuse headers of 100 KB.
	MaxText = 64 << 10

	// MaxWords is the number of encoded words that are decoded in one text. One
	// word carries at most 45 bytes, so this is past any name or subject.
	MaxWords = 1000
)
