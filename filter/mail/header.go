package mail

import (
	"bytes"
	"strings"

	"sekisho/filter/mail/entity"
	"sekisho/filter/mail/weburl"
	"sekisho/filter/mail/word"
)

// Value returns the field's body: without name and colon, unfolded (RFC 5322,
// section 2.2.3), and without blanks and the line end around it. It copies only
// when the field is folded.
func (f Field) Value() []byte { return entity.Value(f.Raw) }

// First returns the topmost field of that name, in any letter case.
func (h Header) First(name string) (Field, bool) {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return Field{}, false
}

// All returns the fields of that name in their order, in any letter case.
func (h Header) All(name string) []Field {
	var all []Field
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			all = append(all, f)
		}
	}
	return all
}

// ASCIIDomain turns a domain name of U-labels or A-labels into a lower-case
// A-label (RFC 5891) without a trailing dot. It is false for what cannot be a
// domain name.
func ASCIIDomain(s string) (string, bool) { return weburl.ASCIIDomain(s) }

// DecodeText reads header text as clients show it: encoded words (RFC 2047), raw
// UTF-8 (RFC 6532), and raw bytes of other charsets by guessing.
func DecodeText(raw []byte) Text {
	t, _ := decodeText(raw)
	return t
}

func decodeText(raw []byte) (Text, []word.Issue) {
	if len(raw) == 0 {
		return Text{}, nil
	}
	r := word.Decode(raw)
	t := Text{Raw: r.Shown, Shown: strings.TrimSpace(r.Shown), Also: r.Also}
	if len(raw) != len(r.Shown) || string(raw) != r.Shown {
		t.Raw = string(raw)
	}
	return t, r.Issues
}

// text decodes a field's text and records what is wrong with it.
func (m *Message) text(raw []byte, where string) Text {
	t, issues := decodeText(raw)
	for _, i := range issues {
		m.deviate(string(i), where)
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		m.deviate(DeviationNUL, where)
	}
	return t
}
