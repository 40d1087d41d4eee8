package weburl

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is the place of a URL in a text, in bytes.
type Span struct{ Start, End int }

// Find appends to spans the URLs in text that mail clients would make clickable,
// left to right, until spans holds max: those that begin with http:, https: or
// ftp: and two slashes, and names that begin with "www.". A URL ends before
// white space, brackets and quotation marks of any script, and Japanese full
// stops; punctuation at its end is not part of it.
func Find(spans []Span, text string, max int) []Span {
	scheme, www := nextScheme(text, 0), nextWWW(text, 0)
	for len(spans) < max && (scheme < len(text) || www < len(text)) {
		start := min(scheme, www)
		end := urlEnd(text, start)
		if end > start && Host(Resolve("", text[start:end])) != "" {
			spans = append(spans, Span{start, end})
		} else {
			end = start + 1
		}
		if scheme < end {
			scheme = nextScheme(text, end)
		}
		if www < end {
			www = nextWWW(text, end)
		}
	}
	return spans
}

// nextScheme returns where the next "http://" or the like begins at or after
// from, or len(text).
func nextScheme(text string, from int) int {
	for i := from; ; {
		j := strings.Index(text[i:], "://")
		if j < 0 {
			return len(text)
		}
		j += i
		for _, scheme := range [...]string{"https", "http", "ftp"} {
			if start := j - len(scheme); start >= from && strings.EqualFold(text[start:j], scheme) {
				return start
			}
		}
		i = j + 3
	}
}

// nextWWW returns where the next "www." stands at a word's edge at or after
// from, or len(text).
func nextWWW(text string, from int) int {
	for i := from; ; {
		j := strings.Index(text[i:], ".")
		if j < 0 {
			return len(text)
		}
		j += i
		if start := j - 3; start >= from && strings.EqualFold(text[start:j], "www") && !wordBefore(text, start) {
			return start
		}
		i = j + 1
	}
}

// wordBefore reports whether an ASCII letter, digit or a sign that joins names
// stands before i, so that "www" there begins nothing.
func wordBefore(text string, i int) bool {
	if i == 0 {
		return false
	}
	c := text[i-1]
	return c == '.' || c == '-' || c == '@' || c == '/' || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// urlEnd returns where the URL that begins at start ends.
func urlEnd(text string, start int) int {
	i := start
	if j := strings.Index(text[start:min(start+8, len(text))], "://"); j >= 0 {
		i = start + j + 3
	}
	authorityEnd := authorityEnd(text, i)
	end := authorityEnd
	if end < len(text) && (text[end] == '/' || text[end] == '?' || text[end] == '#' || text[end] == '\\') {
		limit := min(len(text), start+MaxURL)
		for end < limit && inPath(text[end]) {
			end++
		}
	}
	return trimEnd(text, authorityEnd, end)
}

// authorityEnd returns where the host part ends. A name in ASCII that is
// complete ("example.jp") ends at the first character beyond ASCII, since
// Japanese text follows URLs without a blank; a name that is not may be an IDN.
func authorityEnd(text string, i int) int {
	from := i
	limit := min(len(text), i+4*MaxHost)
	for i < limit {
		c := text[i]
		if c < utf8.RuneSelf {
			if !inPath(c) || c == '/' || c == '\\' || c == '?' || c == '#' {
				break
			}
			i++
			continue
		}
		if completeName(text[from:i]) {
			break
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '。' && r != '．' {
			break
		}
		i += n
	}
	return i
}

// completeName reports whether s ends in a top-level domain of ASCII letters.
func completeName(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot <= 0 || len(s)-dot < 3 {
		return false
	}
	for _, c := range []byte(s) {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	for _, c := range []byte(s[dot+1:]) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

// inPath reports whether c may stand in a URL as written in text.
func inPath(c byte) bool {
	switch c {
	case '<', '>', '"', '`', '{', '}', '|', '^', 0x7f:
		return false
	}
	return c > ' ' && c < utf8.RuneSelf
}

// trimEnd takes closing punctuation off: it belongs to the sentence. A closing
// bracket stays when the path opened it.
func trimEnd(text string, authorityEnd, end int) int {
	for end > 0 {
		switch c := text[end-1]; c {
		case '.', ',', ';', ':', '!', '?', '\'', '*', '_', '~':
		case ')', ']':
			open := byte('(')
			if c == ']' {
				open = '['
			}
			if authorityEnd < end && strings.IndexByte(text[authorityEnd:end], open) >= 0 {
				return end
			}
		default:
			return end
		}
		end--
		authorityEnd = min(authorityEnd, end)
	}
	return end
}
