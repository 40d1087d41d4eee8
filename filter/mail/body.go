package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"sekisho/filter/mail/calendar"
	"sekisho/filter/mail/charset"
	"sekisho/filter/mail/htmltext"
	"sekisho/filter/mail/qr"
	"sekisho/filter/mail/weburl"
)

// readText turns the text of part n into passages and links. It returns the pictures
// that stand in it, in base64.
func (m *Message) readText(n int, f format, lines flowing) (pictures [][]byte) {
	p := &m.Parts[n]
	if len(p.Data) == 0 {
		return nil
	}
	data, label := p.Data, p.Charset
	if f == formatHTML && label == "" {
		label = metaCharset(data)
	}
	data, label = byteOrderMark(data, label)
	if f == formatCalendar {
		data = calendar.Unfold(data)
	}
	text, outcome := charset.Decode(data, label)
	if outcome != charset.Fitting {
		m.deviate(string(outcome), p.Path)
	}
	if strings.IndexByte(text, 0) >= 0 {
		m.deviate(DeviationNUL, p.Path)
	}
	switch f {
	case formatHTML:
		pictures = m.readHTML(n, text)
		m.readScripts(n, text)
	case formatCalendar:
		m.readCalendar(n, text)
	default:
		if lines != fixed {
			text = unflow(text, lines == flowedDelSp)
		}
		m.readPlain(n, text)
		for _, code := range qr.Drawn(text) {
			m.addCode(n, code)
		}
	}
	return pictures
}

// byteOrderMark lets a byte order mark win over the label, as browsers do.
func byteOrderMark(data []byte, label string) ([]byte, string) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], "utf-8"
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return data[2:], "utf-16le"
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return data[2:], "utf-16be"
	}
	return data, label
}

// metaCharset finds the charset that an HTML document names in its first
// kilobyte (HTML, section 13.2.3.2).
func metaCharset(data []byte) string {
	head := bytes.ToLower(data[:min(len(data), 1024)])
	for {
		i := bytes.Index(head, []byte("charset"))
		if i < 0 {
			return ""
		}
		head = head[i+len("charset"):]
		v := bytes.TrimLeft(head, " \t\r\n")
		if len(v) == 0 || v[0] != '=' {
			continue
		}
		v = bytes.TrimLeft(v[1:], " \t\r\n\"'")
		if end := bytes.IndexAny(v, " \t\r\n\"'/>;"); end > 0 {
			return string(v[:end])
		}
	}
}

// readHTML reads a text/html part. It returns the pictures inside, in base64.
func (m *Message) readHTML(n int, text string) (pictures [][]byte) {
	doc := htmltext.Read(text)
	m.Passages = growBy(m.Passages, len(doc.Passages))
	for _, p := range doc.Passages {
		if !m.addPassage(PassageKind(p.Kind), n, p.Text) {
			break
		}
	}
	m.Links = growBy(m.Links, len(doc.Links))
	for _, l := range doc.Links {
		if !m.addLink(Link{Kind: LinkKind(l.Kind), Part: n, URL: l.URL, Host: l.Host, Text: l.Text}) {
			break
		}
	}
	for _, f := range doc.Forms {
		if len(m.Forms) == MaxForms {
			m.deviate(DeviationLimitForms, m.Parts[n].Path)
			break
		}
		m.Forms = append(m.Forms, Form{Part: n, URL: f.URL, Host: f.Host, Password: f.Password, Fields: f.Fields})
	}
	for _, code := range doc.Codes {
		m.addCode(n, code)
	}
	for _, l := range doc.Limits {
		m.deviate(string(l), m.Parts[n].Path)
	}
	return doc.Pictures
}

// growBy makes room for more elements at once.
func growBy[T any](s []T, more int) []T {
	if cap(s)-len(s) >= more {
		return s
	}
	return append(make([]T, 0, len(s)+more), s...)
}

// readPlain reads a text/plain part: each line is a passage.
func (m *Message) readPlain(n int, text string) {
	m.Passages = growBy(m.Passages, min(strings.Count(text, "\n")+1, MaxPassages-len(m.Passages)))
	for rest := text; rest != ""; {
		line := rest
		if i := strings.IndexAny(rest, "\n\r"); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		for line != "" {
			piece := line
			if len(piece) > MaxLine {
				piece = runePrefix(piece, MaxLine)
			}
			line = line[len(piece):]
			if shown := collapse(piece); shown != "" && !m.addPassage(PassageText, n, shown) {
				rest, line = "", ""
			}
		}
	}
	for _, s := range weburl.Find(nil, text, MaxLinks+1-len(m.Links)) {
		shown := text[s.Start:s.End]
		u := weburl.Resolve("", shown)
		if !m.addLink(Link{Kind: LinkPlain, Part: n, URL: u, Host: weburl.Host(u), Text: shown}) {
			break
		}
	}
}

func (m *Message) addPassage(kind PassageKind, part int, text string) bool {
	if len(m.Passages) == MaxPassages {
		m.deviate(DeviationLimitPassages, m.Parts[part].Path)
		return false
	}
	m.Passages = append(m.Passages, Passage{Kind: kind, Part: part, Text: text})
	return true
}

func (m *Message) addLink(l Link) bool {
	if len(m.Links) == MaxLinks {
		m.deviate(DeviationLimitLinks, m.Parts[l.Part].Path)
		return false
	}
	m.Links = append(m.Links, l)
	return true
}

// runePrefix cuts s to at most n bytes at a character's edge.
func runePrefix(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// collapse makes one line of text: single blanks, no controls. It copies only
// where there is something to do.
func collapse(line string) string {
	line = strings.Trim(line, " \t\u00a0\f\v")
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c < ' ' || c == 0x7f || c == ' ' && line[i+1] == ' ' || c == 0xc2 && line[i+1] <= 0xa0 {
			return strings.Join(strings.FieldsFunc(strings.Map(printable, line), func(r rune) bool { return r == ' ' }), " ")
		}
	}
	return line
}

// printable maps white space to a blank and drops other controls.
func printable(r rune) rune {
	switch {
	case r == '\t' || r == '\f' || r == '\v' || r == 0xa0:
		return ' '
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return -1
	}
	return r
}
