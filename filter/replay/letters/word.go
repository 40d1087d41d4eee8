package letters

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// words says how header text beyond ASCII is written. The zero value writes
// encoded words of a few characters each (RFC 2047), as mailers do.
type words struct {
	label   string // instead of the charset's own
	cut     cut    // where the text is cut into words
	perWord int    // characters; 0 is a mailer's twelve
	q       bool   // Q instead of B
	bare    bool   // base64 without padding
	tight   bool   // no blank between two words
	quoted  bool   // words within quotation marks
	raw     bool   // bytes as they are, no words
	twice   bool   // words within words
}

// cut says where header text is cut into words.
type cut int

const (
	betweenCharacters cut = iota
	withinCharacter       // a character's bytes lie in two words
	withinQuantum         // a group of four base64 letters lies in two words
)

const mailersWord = 12

// write writes header text.
func (w words) write(charset Charset, s string) string {
	if isASCII(s) {
		return s
	}
	all, _ := charset.bytes(s)
	if w.raw {
		return string(all)
	}
	label := w.label
	if label == "" {
		label = string(charset)
	}
	var pieces [][]byte
	switch {
	case w.cut == withinCharacter:
		at := middle(charset, s)
		pieces = [][]byte{all[:at], all[at:]}
	case w.cut == withinQuantum:
		b := base64.StdEncoding.EncodeToString(all)
		at := len(b)/2/4*4 + 2
		return w.join([]string{word(label, "B", b[:at]), word(label, "B", b[at:])})
	default:
		n := w.perWord
		if n == 0 {
			n = mailersWord
		}
		for runes := []rune(s); len(runes) > 0; runes = runes[min(n, len(runes)):] {
			piece, _ := charset.bytes(string(runes[:min(n, len(runes))]))
			pieces = append(pieces, piece)
		}
	}
	var list []string
	for _, p := range pieces {
		list = append(list, w.word(label, p))
	}
	text := w.join(list)
	if w.twice {
		text = word("utf-8", "B", base64.StdEncoding.EncodeToString([]byte(text)))
	}
	return text
}

func (w words) word(label string, b []byte) string {
	switch {
	case w.q:
		var q strings.Builder
		for _, c := range b {
			fmt.Fprintf(&q, "=%02X", c)
		}
		return word(label, "Q", q.String())
	case w.bare:
		return word(label, "B", base64.RawStdEncoding.EncodeToString(b))
	}
	return word(label, "B", base64.StdEncoding.EncodeToString(b))
}

func word(label, encoding, text string) string {
	return "=?" + label + "?" + encoding + "?" + text + "?="
}

func (w words) join(list []string) string {
	gap := "\r\n "
	if w.tight {
		gap = ""
	}
	return strings.Join(list, gap)
}

// middle is a place within the bytes of a character, near the middle of the text;
// with ISO-2022-JP between the two bytes of a kanji.
func middle(charset Charset, s string) int {
	runes := []rune(s)
	at := len(runes) / 2
	for i := range runes { // the next one beyond ASCII
		if k := (at + i) % len(runes); runes[k] >= 0x80 {
			at = k
			break
		}
	}
	before, _ := charset.bytes(string(runes[:at]))
	n := len(before)
	if charset != ISO2022JP {
		return n + 1
	}
	// The encoder goes back to ASCII at the end of before, the whole text does not.
	if n > 0 && runes[at-1] >= 0x80 {
		return n - len(toASCII) + 1
	}
	return n + len(toASCII) + 1
}

// toASCII is the escape of ISO-2022-JP that leads back to ASCII; that which leads
// to kanji is as long.
const toASCII = "\x1b(B"

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
