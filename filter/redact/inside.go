package redact

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"slices"
	"strings"
)

// inside hides addresses in words that have to be decoded first: percent-encoding,
// entities of HTML, hexadecimal, base64, and the hashes of known addresses.
func (r *Redactor) inside(s string) string {
	var out strings.Builder
	from := 0
	for i := 0; i < len(s); {
		if blank(s[i]) {
			i++
			continue
		}
		start := i
		for i < len(s) && !blank(s[i]) && i-start < maxToken {
			i++
		}
		if i-start < minBare {
			continue
		}
		if clean := r.word(s[start:i]); clean != s[start:i] {
			out.WriteString(s[from:start])
			out.WriteString(clean)
			from = i
		}
	}
	out.WriteString(s[from:])
	return out.String()
}

// blank parts words from each other.
func blank(c byte) bool { return c <= ' ' || strings.IndexByte(`"'<>()`, c) >= 0 }

func (r *Redactor) word(word string) string {
	for _, decode := range []func(string) string{unpercent, html.UnescapeString, unpercentTwice} {
		if text := decode(word); text != word {
			if clean := r.plain(text); clean != text {
				word = clean
			}
		}
	}
	var out strings.Builder
	from := 0
	for i := 0; i < len(word); {
		if !base64Byte(word[i]) {
			i++
			continue
		}
		start := i
		for i < len(word) && base64Byte(word[i]) {
			i++
		}
		if by, ok := r.run(word[start:i]); ok {
			out.WriteString(word[from:start])
			out.WriteString(by)
			from = i
		}
	}
	out.WriteString(word[from:])
	return out.String()
}

func unpercentTwice(s string) string { return unpercent(unpercent(s)) }

func base64Byte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}

// run looks into a run of letters of base64, in either alphabet, and of hexadecimal.
func (r *Redactor) run(s string) (by string, found bool) {
	if len(s) < 2*minBare {
		return "", false
	}
	for piece := range strings.FieldsFuncSeq(s, func(c rune) bool { return !hexDigit(byte(c)) }) {
		if hidden, ok := r.hashes[lower(piece)]; ok {
			return strings.Replace(s, piece, hidden, 1), true
		}
		if raw, err := hex.DecodeString(piece); err == nil && len(raw) >= minBare && r.decoded(string(raw)) {
			return strings.Replace(s, piece, r.hash(piece), 1), true
		}
	}
	// A slash may be a letter or part a path; what is in front may shift the quanta.
	for _, piece := range append(strings.Split(s, "/"), s) {
		if len(piece) < 2*minBare {
			continue
		}
		std := strings.ReplaceAll(strings.ReplaceAll(piece, "-", "+"), "_", "/")
		for shift := 0; shift < 4 && shift < len(std); shift++ {
			from := std[shift:]
			if len(from)%4 == 1 { // half a byte
				from = from[:len(from)-1]
			}
			raw, err := base64.RawStdEncoding.DecodeString(from)
			if err == nil && r.decoded(string(raw)) {
				return strings.Replace(s, piece, r.hash(piece), 1), true
			}
		}
	}
	return "", false
}

// decoded reports whether bytes that were hidden in a word hold an address. What is
// decoded where nothing was encoded is noise: a word in it is no evidence.
func (r *Redactor) decoded(s string) bool {
	low := lower(s)
	if r.words[low] != "" {
		return true
	}
	if !strings.Contains(low, "@") {
		return false
	}
	if slices.ContainsFunc(r.known, func(known string) bool { return strings.Contains(low, known) }) {
		return true
	}
	return r.addresses(low) != low
}
