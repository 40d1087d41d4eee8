package mail_test

import (
	"slices"
	"testing"
	"unicode/utf8"

	"sekisho/filter/mail"
)

// check holds what is true of every message, however broken: bounds, and text in
// valid UTF-8.
func check(tb testing.TB, m *mail.Message) {
	tb.Helper()
	names := mail.DeviationNames()
	valid := func(what string, texts ...string) {
		for _, s := range texts {
			if !utf8.ValidString(s) {
				tb.Errorf("%s is not UTF-8: %q", what, s)
			}
		}
	}
	text := func(what string, t mail.Text) {
		valid(what, t.Shown)
		valid(what, t.Also...)
	}
	for _, boxes := range [][]mail.Mailbox{m.From, m.Sender, m.ReplyTo} {
		if len(boxes) > mail.MaxMailboxes*mail.MaxAddressFields {
			tb.Errorf("%d mailboxes", len(boxes))
		}
		for _, b := range boxes {
			text("name", b.Name)
			valid("address", b.Address, b.Local, b.Domain)
		}
	}
	text("subject", m.Subject)
	valid("message id", m.MessageID)
	if len(m.Parts) > mail.MaxParts || len(m.Passages) > mail.MaxPassages || len(m.Links) > mail.MaxLinks ||
		len(m.Deviations) > mail.MaxDeviations {
		tb.Errorf("%d parts, %d passages, %d links, %d deviations", len(m.Parts), len(m.Passages), len(m.Links), len(m.Deviations))
	}
	kept := 0
	for _, p := range m.Parts {
		valid("part", p.Path, p.MediaType, p.Charset, p.Disposition, p.Filename, p.ContentID)
		kept += len(p.Data)
		if len(p.Data) > p.Size {
			tb.Errorf("part %s: %d bytes of %d", p.Path, len(p.Data), p.Size)
		}
	}
	if kept > mail.MaxText+mail.MaxParts*mail.MaxBinary {
		tb.Errorf("%d bytes of parts kept", kept)
	}
	for _, p := range m.Passages {
		valid("passage", p.Text)
		if p.Text == "" || p.Part < 0 || p.Part >= len(m.Parts) {
			tb.Errorf("passage %+v", p)
		}
	}
	for _, l := range m.Links {
		valid("link", l.URL, l.Host, l.Text)
		if l.URL == "" || l.Part < 0 || l.Part >= len(m.Parts) {
			tb.Errorf("link %+v", l)
		}
	}
	if len(m.Forms) > mail.MaxForms {
		tb.Errorf("%d forms", len(m.Forms))
	}
	for _, f := range m.Forms {
		valid("form", f.URL, f.Host)
		if f.Part < 0 || f.Part >= len(m.Parts) {
			tb.Errorf("form %+v", f)
		}
	}
	for _, d := range m.Deviations {
		if !slices.Contains(names, d.Name) {
			tb.Errorf("deviation %q is not in the closed set", d.Name)
		}
		valid("deviation", d.Where)
	}
}
