package letters

import (
	"encoding/base64"
	"fmt"
	"html"
	"math/rand/v2"
	"strings"
)

// write writes the letter down. Where the charset lacks a character, the letter
// is in UTF-8 instead, as mailers do it.
func (d *draft) write(r *rand.Rand, id string) []byte {
	text := d.charset
	raw := text == Raw
	if raw {
		text = pick(r, charsets()[:4]...)
	}
	if _, ok := text.bytes(d.everything()); !ok {
		text = UTF8
		if !raw {
			d.charset = UTF8
		}
	}
	if raw {
		d.words.raw, d.noLabel = true, true
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Authentication-Results: mx.kaisha.test; %s\r\n", d.results)
	fmt.Fprintf(&b, "From: %s\r\n", d.author(text))
	fmt.Fprintf(&b, "To: <hanako@kaisha.test>\r\nSubject: %s\r\n", d.words.write(text, d.title()))
	fmt.Fprintf(&b, "Date: Tue, %d Nov 2026 %02d:%02d:44 +0900\r\n", 1+r.IntN(28), r.IntN(24), r.IntN(60))
	fmt.Fprintf(&b, "Message-ID: <%s@%s>\r\n", id, d.address[strings.LastIndexByte(d.address, '@')+1:])
	if d.replyTo != "" {
		fmt.Fprintf(&b, "Reply-To: <%s>\r\n", d.replyTo)
	}
	b.WriteString("MIME-Version: 1.0\r\n")
	d.body(&b, text)
	return []byte(b.String())
}

// everything is all text of the letter, to see whether a charset can write it.
func (d *draft) everything() string {
	return d.fill(d.from + d.opening + d.closing + d.subject + strings.Join(d.lines, "") + strings.Join(d.sign, "") + d.more + d.shown)
}

// fill puts the name of the brand where {b} stands.
func (d *draft) fill(s string) string { return strings.ReplaceAll(s, "{b}", d.name) }

// title is the subject.
func (d *draft) title() string {
	s := d.fill(d.subject)
	if d.opening != "" {
		s = d.opening + d.name + d.closing + s
	}
	if d.reply {
		s = "Re: " + s
	}
	return s
}

// author is the body of the From field.
func (d *draft) author(text Charset) string {
	name := d.words.write(text, d.fill(d.from))
	switch {
	case d.field != nil:
		return d.field(d, name)
	case name == "":
		return "<" + d.address + ">"
	case d.words.quoted:
		name = `"` + name + `"`
	case !strings.Contains(name, "=?") && !d.words.raw && strings.ContainsAny(name, `().,:;@[]`):
		name = `"` + name + `"`
	}
	return name + " <" + d.address + ">"
}

func (d *draft) body(b *strings.Builder, text Charset) {
	plain := d.plainText()
	if !d.html {
		d.part(b, text, "text/plain", plain)
		return
	}
	if d.decoy {
		plain = decoyText + "\r\n"
	}
	const boundary = "letters-of-sekisho"
	fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=%q\r\n\r\n--%s\r\n", boundary, boundary)
	d.part(b, text, "text/plain", plain)
	fmt.Fprintf(b, "\r\n--%s\r\n", boundary)
	d.part(b, text, "text/html", d.hypertext())
	fmt.Fprintf(b, "\r\n--%s--\r\n", boundary)
}

// decoyText is for those who read only the first part.
const decoyText = "今週の定例会議は会議室の都合により木曜日に変わりました。議題は追ってお送りします。"

func (d *draft) plainText() string {
	var b strings.Builder
	for _, l := range d.lines {
		b.WriteString(d.fill(l) + "\r\n")
	}
	if d.link != "" {
		b.WriteString("\r\n" + d.link + "\r\n")
	}
	b.WriteString("\r\n")
	for _, l := range d.sign {
		b.WriteString(d.fill(l) + "\r\n")
	}
	return b.String()
}

func (d *draft) hypertext() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\r\n<html><body>\r\n" + d.more)
	if d.logo {
		fmt.Fprintf(&b, "<p><img src=\"cid:logo\" width=\"160\" alt=\"%s\"></p>\r\n", html.EscapeString(d.name))
	}
	for _, l := range d.lines {
		if l != "" {
			b.WriteString("<p>" + d.mark(l) + "</p>\r\n")
		}
	}
	if d.link != "" {
		fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a></p>\r\n", html.EscapeString(d.link), d.mark(d.shown))
	}
	b.WriteString("<hr>\r\n")
	for _, l := range d.sign {
		b.WriteString("<p>" + d.mark(l) + "</p>\r\n")
	}
	b.WriteString("</body></html>\r\n")
	return b.String()
}

// mark writes a text of the letter in HTML.
func (d *draft) mark(s string) string {
	name := html.EscapeString(d.name)
	switch {
	case d.logo:
		name = "当社"
	case d.markup != nil:
		name = d.markup(d.name)
	}
	s = strings.ReplaceAll(html.EscapeString(s), "{b}", name)
	if !d.entities {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if c < 0x80 {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "&#%d;", c)
		}
	}
	return b.String()
}

// part writes an entity: ISO-2022-JP and raw text as they are, others in base64.
func (d *draft) part(b *strings.Builder, text Charset, mediaType, s string) {
	raw, _ := text.bytes(s)
	fmt.Fprintf(b, "Content-Type: %s", mediaType)
	if !d.noLabel {
		fmt.Fprintf(b, "; charset=%s", text)
	}
	switch {
	case d.damaged:
		b.WriteString("\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + damagedQP(raw))
	case d.noLabel || text == ISO2022JP:
		b.WriteString("\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
		b.Write(raw)
	default:
		b.WriteString("\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		for line := base64.StdEncoding.EncodeToString(raw); line != ""; line = line[min(len(line), 76):] {
			b.WriteString(line[:min(len(line), 76)] + "\r\n")
		}
	}
}

// damagedQP writes quoted-printable as it may not be (RFC 2045, section 6.7) and
// clients still read it: lower-case digits, bare "=" before what is no number,
// lines that are too long and soft breaks within a character.
func damagedQP(raw []byte) string {
	var b strings.Builder
	for i, c := range raw {
		switch {
		case c == '\r' || c == '\n':
			b.WriteByte(c)
		case c >= 0x80 || c < ' ':
			if i%17 == 0 {
				b.WriteString("=\r\n")
			}
			fmt.Fprintf(&b, "=%02x", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
