package letters

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// readmeHead opens the README.
const readmeHead = `# Letters to measure with

    go run ./testdata/generate -o out/letters            # .eml files and labels.csv
    sekisho replay --labels out/letters/labels.csv --html out/report.html out/letters

writes Japanese mail: phishing that poses as a hundred brands, in five charsets and
with the evasions below, alone and together; genuine mail of the same brands; and
mail of people and shops who mention them. Who is proved stands in an
Authentication-Results field, as a gateway would have written it. The same seed
writes the same letters.

This file is written by the program itself (` + "`-readme`" + `), and a test holds them
together. The texts are our own; senders lie under .example and .test or are
schools that do not exist.

| evasion | what it does | works on | an example |
|---|---|---|---|
`

// exampleBrands are tried for an example until the evasion changes something.
var exampleBrands = [...]string{"rakuten", "amazon", "mercari", "yamato", "eki-net", "lawson"}

// WriteReadme writes the list of evasions with an example of each.
func (m *Maker) WriteReadme(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(readmeHead)
	for _, e := range m.evasions {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", e.Name, e.About, e.Layer(), cell(m.example(e)))
	}
	fmt.Fprintf(&b, "\nCharsets: utf-8, iso-2022-jp, shift_jis, euc-jp, and raw bytes of one of them without a word about which.\n\nBrands: ")
	for i, p := range m.brands {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.ID)
	}
	b.WriteString(".\n")
	_, err := w.Write(b.Bytes())
	return err
}

// example is the piece of a letter in which the evasion shows best.
func (m *Maker) example(e Evasion) string {
	for _, id := range exampleBrands {
		charset := UTF8
		if e.layer == ofWords {
			charset = ISO2022JP
		}
		l, ok := m.PhishWith(e.Name, id, charset)
		if !ok || len(l.Evasions) == 0 {
			continue
		}
		return excerpt(e, m.lastDraft(e, id, charset), string(l.Raw))
	}
	return ""
}

// lastDraft is the draft of PhishWith, disguised.
func (m *Maker) lastDraft(e Evasion, id string, charset Charset) *draft {
	for i, p := range m.brands {
		if p.ID == id {
			r := m.random(Phish, i)
			d := newPhish(r, p, charset)
			e.apply(r, d)
			return d
		}
	}
	return nil
}

// excerpt shows the name, the header field or the line of HTML.
func excerpt(e Evasion, d *draft, raw string) string {
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	switch {
	case e.layer == ofName:
		return d.name
	case e.layer == ofWords && d.words.quoted:
		return field(head, "From")
	case e.layer == ofWords:
		return field(head, "Subject")
	case d.field != nil:
		return "From: " + d.field(d, d.fill(d.from))
	case d.markup != nil:
		return d.markup(d.name)
	case d.html && e.Name != "link-text":
		for line := range strings.Lines(d.hypertext()) {
			if strings.Contains(line, "&#") || strings.Contains(line, "alt=") || strings.Contains(line, "<base") || strings.Contains(line, "<div") {
				return line
			}
		}
	}
	switch e.Name {
	case "link-text":
		return `<a href="` + d.link + `">` + d.shown + "</a>"
	case "brand-subdomain":
		return d.link
	case "body-only", "logo":
		return d.fill(d.lines[2])
	case "decoy-text":
		return decoyText
	case "no-label":
		return "Content-Type: text/plain"
	case "damaged-qp":
		return "=e6=a5=↵=bd=e5=a4=a9"
	case "name-only":
		return "From: " + d.fill(d.from) + ", Subject: " + d.title()
	}
	return "Subject: " + d.title()
}

func field(head, name string) string {
	_, rest, _ := strings.Cut(head, "\r\n"+name+": ")
	for i := 0; i+2 < len(rest); i++ {
		if rest[i] == '\r' && rest[i+2] != ' ' {
			return name + ": " + rest[:i]
		}
	}
	return name + ": " + rest
}

// cell writes an example so that a table can hold it and every character shows.
func cell(s string) string {
	const most = 110
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n ", " "))
	var b strings.Builder
	for i, c := range []rune(s) {
		switch {
		case i == most:
			return "`" + b.String() + "…`"
		case c == '|' || c == '`':
			b.WriteByte('/')
		case c == 0x3000 || strconv.IsPrint(c):
			b.WriteRune(c)
		default:
			fmt.Fprintf(&b, "<U+%04X>", c)
		}
	}
	return "`" + b.String() + "`"
}
