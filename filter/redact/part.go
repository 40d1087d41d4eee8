package redact

import (
	"crypto/sha256"
	"fmt"
	"mime"
	"slices"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/mail/charset"
	"sekisho/filter/mail/entity"
	"sekisho/filter/mail/transfer"
)

// text writes a text part. One in which nothing had to be hidden stays as it was.
func (w *writer) text(fields []entity.Field, kind string, media entity.Media, enc transfer.Encoding, body []byte) {
	label := media.Param("charset")
	raw, size, _ := transfer.Decode(enc, body, maxText)
	if len(raw) < size || len(raw) > maxText {
		w.left++
		raw = raw[:min(len(raw), maxText)]
	}
	if w.texts += len(raw); w.texts > maxTexts {
		w.leave(fields, kind, media.Param("name"), enc, body)
		return
	}
	shown, _ := charset.Decode(raw, label)
	clean := w.r.Text(shown)
	if joined := unfolded(shown, kind, media); joined != shown && w.r.Has(joined) {
		clean = w.r.Text(joined)
	}
	if clean != shown {
		var ok bool
		if raw, ok = charset.Encode(clean, label); !ok || !same(raw, label, clean) {
			raw, label = []byte(clean), "utf-8"
		}
	}
	if w.r.leaks(raw, label, kind, clean) {
		w.leave(fields, kind, media.Param("name"), enc, body)
		return
	}
	if !token(kind) || w.r.Has(kind) {
		kind = "text/plain"
	}
	params := map[string]string{}
	for _, p := range []string{"format", "delsp", "method"} {
		if v := media.Param(p); token(v) && !w.r.Has(v) {
			params[p] = v
		}
	}
	if token(label) && !w.r.Has(label) {
		params["charset"] = label
	}
	w.out.WriteString("Content-Type: " + mime.FormatMediaType(kind, params) + "\r\n")
	w.disposition(fields)
	if enc != transfer.Base64 && (clean != shown || enc == transfer.Identity) && sevenBit(raw) {
		w.out.WriteString("\r\n")
		w.out.Write(raw)
		return
	}
	w.out.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	w.base64(raw)
}

// unfolded is a text with lines put together that were parted anywhere, as in calendars
// and cards (RFC 5545, section 3.1; RFC 6350, section 3.2), and where format=flowed says
// so (RFC 3676, section 4.1): an address may be parted, too.
func unfolded(text, kind string, media entity.Media) string {
	switch {
	case kind == "text/calendar", kind == "text/vcard", kind == "text/x-vcard", kind == "text/x-vcalendar", kind == "text/directory":
		return strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "").Replace(text)
	case strings.EqualFold(media.Param("format"), "flowed") && strings.EqualFold(media.Param("delsp"), "yes"):
		return strings.NewReplacer(" \r\n", "", " \n", "").Replace(text)
	}
	return text
}

// same reports whether bytes still read as the text that they were made of.
func same(raw []byte, label, text string) bool {
	back, _ := charset.Decode(raw, label)
	return back == text
}

// leaks reports whether an address is left in a text part: in its bytes, in the text
// that they are, or in what a reader sees, of HTML also where tags part an address.
func (r *Redactor) leaks(raw []byte, label, kind, text string) bool {
	if r.Has(string(raw)) || r.Has(text) || r.Has(charset.DecodeAs(raw, label)) {
		return true
	}
	if kind != "text/html" {
		kind = "text/plain"
	}
	m := mail.ParseWithout(mail.Header{{Name: "Content-Type", Raw: []byte("Content-Type: " + kind + "; charset=utf-8\r\n")}}, []byte(text), mail.CheckPictures)
	for _, p := range m.Passages {
		if kind == "text/plain" {
			if r.Has(p.Text) {
				return true
			}
			continue
		}
		joined := lower(strings.ReplaceAll(p.Text, " ", ""))
		if r.Has(p.Text) || slices.ContainsFunc(r.known, func(known string) bool { return strings.Contains(joined, known) }) {
			return true
		}
	}
	for _, l := range m.Links {
		if r.Has(l.URL) || r.Has(l.Text) {
			return true
		}
	}
	return false
}

// disposition writes how a part was to be shown, and its name without the addresses.
func (w *writer) disposition(fields []entity.Field) {
	d := entity.ParseMedia(first(fields, "Content-Disposition"))
	if d.Type != "attachment" && d.Type != "inline" {
		return
	}
	params := map[string]string{}
	if name := w.name(d.Param("filename")); name != "" {
		params["filename"] = name
	}
	if s := mime.FormatMediaType(d.Type, params); s != "" && len(s) < maxLine-40 {
		w.out.WriteString("Content-Disposition: " + s + "\r\n")
	}
}

func (w *writer) name(s string) string {
	s = printable(w.r.Text(strings.ToValidUTF8(s, "")))
	if len(s) > 200 || w.r.Has(s) {
		return ""
	}
	return s
}

// leave writes in the place of a part what it was.
func (w *writer) leave(fields []entity.Field, kind, name string, enc transfer.Encoding, body []byte) {
	w.left++
	data, size, _ := transfer.Decode(enc, body, maxHashed)
	if d := entity.ParseMedia(first(fields, "Content-Disposition")).Param("filename"); d != "" {
		name = d
	}
	if !token(kind) || w.r.Has(kind) {
		kind = "unknown"
	}
	text := "[This part was left out of the report: " + kind
	if name = w.name(name); name != "" {
		text += fmt.Sprintf(", %q", name)
	}
	text += fmt.Sprintf(", %d bytes", size)
	if len(data) == size {
		text += fmt.Sprintf(", SHA-256 %x", sha256.Sum256(data))
	}
	w.out.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	w.base64([]byte(text + "]\r\n"))
}

// base64 writes lines of 76 characters (RFC 2045, section 6.8).
func (w *writer) base64(raw []byte) {
	if w.over = w.over || w.out.Len()+len(raw)/3*4 > w.limit; w.over {
		return
	}
	w.out.WriteString(transfer.EncodeBase64(raw))
}

// sevenBit reports whether a text can stand as it is (RFC 2045, section 2.7).
func sevenBit(b []byte) bool {
	line := 0
	for i, c := range b {
		switch {
		case c == '\n':
			if i == 0 || b[i-1] != '\r' {
				return false
			}
			line = 0
			continue
		case c == '\r' && (i+1 == len(b) || b[i+1] != '\n') || c == 0 || c >= 0x80:
			return false
		}
		if line++; line > maxLine {
			return false
		}
	}
	return true
}

// token reports whether a word can stand as a type or a parameter.
func token(s string) bool {
	return s != "" && len(s) < 128 && ascii(s) && !strings.ContainsAny(s, " \t()<>@,;:\\\"[]?=")
}
