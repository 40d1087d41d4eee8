package act

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"sekisho/filter/mail"
)

// prefixSubjects are the edits that put prefix before each Subject field, up to
// MaxSubjects; missing says that there is no Subject field at all. A subject
// that shows the prefix already, or is longer than MaxSubject, stays as it is.
func prefixSubjects(h mail.Header, prefix string) (edits []Edit, missing bool) {
	index := 0
	for _, f := range h {
		name := fieldName(f)
		if !strings.EqualFold(name, "Subject") {
			continue
		}
		if index++; index > MaxSubjects {
			break
		}
		value := fieldValue(f)
		if len(value) > MaxSubject || shows(value, prefix) {
			continue
		}
		edits = append(edits, Edit{Op: Change, Index: index, Name: name, Value: prefixed(value, prefix)})
	}
	return edits, index == 0
}

// shows reports whether every client shows a subject that begins with prefix.
func shows(value []byte, prefix string) bool {
	if len(value) == 0 {
		return false
	}
	text := mail.DecodeText(value)
	if !strings.HasPrefix(text.Shown, prefix) {
		return false
	}
	for _, other := range text.Also {
		if !strings.HasPrefix(other, prefix) {
			return false
		}
	}
	return true
}

// prefixed is the field body with prefix before it. The old body keeps its
// bytes: encoded words of any charset, and raw 8-bit or ISO-2022-JP text, whose
// meaning nobody but the reader's client can be sure of.
func prefixed(value []byte, prefix string) string {
	if len(value) == 0 {
		return encodeText(prefix)
	}
	// White space between two encoded words is not shown (RFC 2047, section
	// 6.2), so before an encoded word the blank has to be part of ours. Between
	// an encoded word and plain text it is shown.
	head := encodeText(prefix)
	if !plain(prefix) && bytes.HasPrefix(value, []byte("=?")) {
		head = encodeText(prefix + " ")
	}
	first := value
	if i := bytes.IndexByte(first, '\r'); i >= 0 {
		first = first[:i]
	}
	col := len("Subject: ") + len(head)
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		col = len(head) - i - 1
	}
	sep := " "
	if col+len(sep)+len(first) > maxMIMELine {
		sep = "\r\n "
	}
	return head + sep + string(value)
}

// plain reports whether s can stand in a subject as it is: short printable
// ASCII that nobody takes for an encoded word.
func plain(s string) bool {
	if len(s) > wordText || strings.Contains(s, "=?") {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// encodeText writes s for a subject: as it is when plain, else as UTF-8 encoded
// words of at most 75 characters on lines of at most 76, each of whole
// characters (RFC 2047, sections 2 and 5).
func encodeText(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		n := cut(s, wordText)
		if b.Len() > 0 {
			b.WriteString("\r\n ")
		}
		b.WriteString("=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(s[:n])) + "?=")
		s = s[n:]
	}
	return b.String()
}

// cleanPrefix is prefix as a reader will see it: valid UTF-8 without controls
// and surrounding blanks, at most MaxPrefix bytes.
func cleanPrefix(prefix string) string {
	prefix = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return -1
		}
		return r
	}, prefix)
	prefix = strings.TrimSpace(prefix)
	return strings.TrimSpace(prefix[:cut(prefix, MaxPrefix)])
}

// cut is the largest rune edge in s that is not above n. s is valid UTF-8.
func cut(s string, n int) int {
	if len(s) <= n {
		return len(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// fieldValue is the field body with its folding, without white space at either
// end. What does not belong in a field is a blank: controls, among them NUL,
// which ends a string in the milter protocol, and line ends without white space
// behind them. ESC stays, since unencoded ISO-2022-JP is written with it.
func fieldValue(f mail.Field) []byte {
	_, value, ok := bytes.Cut(f.Raw, []byte(":"))
	if !ok {
		return nil
	}
	value = bytes.TrimFunc(value, func(r rune) bool { return r <= ' ' && r != 0x1b })
	cleaned := value
	for i := range value {
		if breaks(value, i) {
			if &cleaned[0] == &value[0] {
				cleaned = bytes.Clone(value) // rare; the header is the message's, never changed
			}
			cleaned[i] = ' '
		}
	}
	return cleaned
}

// breaks reports whether the byte at i would break a field body apart.
func breaks(value []byte, i int) bool {
	switch c := value[i]; c {
	case '\t', 0x1b:
		return false
	case '\r':
		return !isFold(value[i:])
	case '\n':
		return i == 0 || !isFold(value[i-1:])
	default:
		return c < ' ' || c == 0x7f
	}
}

// isFold reports whether b begins with CRLF and a blank.
func isFold(b []byte) bool {
	return len(b) >= 3 && b[0] == '\r' && b[1] == '\n' && (b[2] == ' ' || b[2] == '\t')
}
