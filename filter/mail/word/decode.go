package word

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"sekisho/filter/mail/charset"
	"sekisho/filter/mail/transfer"
)

// Issue is one way in which header text departs from the RFCs.
type Issue string

// The issues, beside those of package charset.
const (
	Split     Issue = "word-split"      // a character or a base64 quantum is split over encoded words
	Broken    Issue = "word-broken"     // an encoded word that is none by RFC 2047 and that clients may decode
	Twice     Issue = "word-twice"      // decoding leaves encoded words behind
	Raw8Bit   Issue = "header-raw-8bit" // bytes beyond ASCII, or ISO-2022-JP escapes, outside encoded words, that are not UTF-8
	Control   Issue = "header-control"  // control characters
	TooLong   Issue = "limit-header-text"
	maxIssues       = 8
)

// Reading is what clients show for a text.
type Reading struct {
	Shown  string   // valid UTF-8 without controls
	Also   []string // other clients' readings
	Issues []Issue  // each at most once
}

func (r *Reading) note(i Issue) {
	for _, have := range r.Issues {
		if have == i {
			return
		}
	}
	if len(r.Issues) < maxIssues {
		r.Issues = append(r.Issues, i)
	}
}

func (r *Reading) also(s string) {
	if s == r.Shown {
		return
	}
	for _, have := range r.Also {
		if have == s {
			return
		}
	}
	r.Also = append(r.Also, s)
}

// Decode reads unfolded header text.
func Decode(raw []byte) Reading {
	if plain(raw) {
		return Reading{Shown: string(raw)}
	}
	var r Reading
	joined, single := r.read(raw, true)
	if joined != single {
		r.note(Split)
		if damage(single) < damage(joined) {
			joined, single = single, joined // words that each stand for themselves, but lack their padding
		}
	}
	r.Shown = clean(&r, joined)
	if joined != single {
		r.also(clean(&r, single))
	}
	// Some clients decode what they have decoded once more.
	if i := strings.Index(r.Shown, "=?"); i >= 0 {
		if again, _ := new(Reading).read([]byte(r.Shown), false); again != r.Shown {
			r.note(Twice)
			r.also(clean(&r, again))
		}
	}
	return r
}

// damage counts what a reader would see as broken: replacement characters and
// controls.
func damage(s string) int {
	n := 0
	for _, c := range s {
		if c == utf8.RuneError || c < ' ' {
			n++
		}
	}
	return n
}

// plain reports whether raw is printable ASCII without encoded words, as most
// header text is.
func plain(raw []byte) bool {
	if len(raw) > MaxText {
		return false
	}
	for i, c := range raw {
		if c < ' ' || c >= 0x7f || c == '=' && i+1 < len(raw) && raw[i+1] == '?' {
			return false
		}
	}
	return true
}

// read decodes raw in two ways: with neighbouring words joined, and word by word.
func (r *Reading) read(raw []byte, top bool) (joined, single string) {
	if len(raw) > MaxText {
		r.note(TooLong)
		raw = raw[:MaxText]
	}
	var j, s strings.Builder
	j.Grow(len(raw))
	words := 0
	for len(raw) > 0 {
		run, n := wordRun(raw, MaxWords-words)
		if len(run) > 0 {
			words += len(run)
			r.decodeRun(&j, &s, run)
			raw = raw[n:]
			continue
		}
		end := 1
		for {
			next := bytes.Index(raw[min(end, len(raw)):], []byte("=?"))
			if next < 0 {
				end = len(raw)
				break
			}
			if end += next; words < MaxWords && Match(raw[end:]) > 0 {
				break
			}
			end += 2
		}
		if words == MaxWords && bytes.Contains(raw[:end], []byte("=?")) {
			r.note(TooLong)
		}
		text := r.plainText(raw[:end], top)
		j.WriteString(text)
		s.WriteString(text)
		raw = raw[end:]
	}
	return j.String(), s.String()
}

// wordRun returns the encoded words that b begins with and their length. White
// space between two words is not shown (RFC 2047, section 6.2).
func wordRun(b []byte, max int) (run []token, length int) {
	for i := 0; len(run) < max; {
		t, n := match(b[i:])
		if n == 0 {
			break
		}
		run = append(run, t)
		i += n
		length = i
		for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
			i++
		}
	}
	return run, length
}

// decodeRun writes both readings of adjacent words.
func (r *Reading) decodeRun(joined, single *strings.Builder, run []token) {
	var quantum, all, one []byte
	for i := 0; i < len(run); {
		end := i + 1
		for end < len(run) && charset.Same(run[i].charset, run[end].charset) {
			end++
		}
		all, quantum = all[:0], quantum[:0]
		for k, t := range run[i:end] {
			if t.loose {
				r.note(Broken)
			}
			if !t.base64 {
				all = decodeQ(decodeB(all, quantum), t.text)
				quantum = quantum[:0]
			} else {
				quantum = append(quantum, t.text...)
				if last := i+k+1 == end; last || !openQuantum(quantum) {
					all = decodeB(all, quantum)
					quantum = quantum[:0]
				}
			}
			if end-i > 1 {
				one = t.decode(one[:0])
				single.WriteString(charset.DecodeAs(one, t.charset))
			}
		}
		text := r.text(all, run[i].charset)
		joined.WriteString(text)
		if end-i == 1 {
			single.WriteString(text)
		}
		i = end
	}
}

// decode appends the bytes of one word alone.
func (t token) decode(dst []byte) []byte {
	if t.base64 {
		return decodeB(dst, t.text)
	}
	return decodeQ(dst, t.text)
}

// text decodes the charset of joined words and notes what did not fit.
func (r *Reading) text(b []byte, label string) string {
	text, outcome := charset.Decode(b, label)
	if outcome != charset.Fitting {
		r.note(Issue(outcome))
	}
	return text
}

// plainText reads what stands outside of encoded words.
func (r *Reading) plainText(b []byte, top bool) string {
	text, outcome := charset.Decode(b, "")
	switch {
	case !top:
	case outcome == charset.Unlabelled && !utf8.Valid(b) || bytes.IndexByte(b, 0x1b) >= 0:
		r.note(Raw8Bit)
	}
	if top && bytes.Contains(b, []byte("=?")) && looksLikeWord(b) {
		r.note(Broken)
	}
	return text
}

// looksLikeWord reports whether b holds the beginning of an encoded word that
// does not end.
func looksLikeWord(b []byte) bool {
	for {
		i := bytes.Index(b, []byte("=?"))
		if i < 0 {
			return false
		}
		b = b[i+2:]
		label := bytes.IndexByte(b[:min(len(b), 64)], '?')
		if label > 0 && label+2 < len(b) && b[label+2] == '?' && strings.IndexByte("bBqQ", b[label+1]) >= 0 {
			return true
		}
	}
}

// clean drops controls and turns tabs and line ends into blanks.
func clean(r *Reading, s string) string {
	dirty := false
	for i := 0; i < len(s) && !dirty; i++ {
		dirty = s[i] < ' ' || s[i] == 0x7f || s[i] == 0xc2 && i+1 < len(s) && s[i+1] < 0xa0
	}
	if !dirty {
		return s
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t' || c == '\n' || c == '\r':
			return ' '
		case c < ' ' || c >= 0x7f && c < 0xa0:
			r.note(Control)
			return -1
		}
		return c
	}, s)
}

// decodeB appends decoded base64; what is none is skipped.
func decodeB(dst, text []byte) []byte {
	out, _ := transfer.AppendBase64(dst, text)
	return out
}
