package signature

import (
	"crypto"
	"strings"
	"testing"

	"sekisho/filter/mail"
)

func field(line string) mail.Field {
	name, _, _ := strings.Cut(line, ":")
	return mail.Field{Name: name, Raw: []byte(line + "\r\n")}
}

// TestNamesTakeFieldsFromTheBottom holds which field a name in h= stands for: the
// lowest that is not used yet, never the signature itself, nothing when none is
// left.
func TestNamesTakeFieldsFromTheBottom(t *testing.T) {
	h := mail.Header{field("DKIM-Signature: self"), field("X: 1"), field("x : 2"), field("DKIM-Signature: other")}
	m := NewMessage(h, nil)
	f := Field{Raw: []byte("S:b=\r\n"), headerForm: Simple, hash: crypto.SHA256}
	f.blank.Start, f.blank.End = 4, 4
	for _, name := range []string{"x", "dkim-signature", "X", "x", "DKIM-Signature"} {
		f.Names = append(f.Names, []byte(name))
	}
	m.headerSum(&f)
	want := "x : 2\r\nDKIM-Signature: other\r\nX: 1\r\nS:b="
	if string(m.text) != want {
		t.Errorf("%q, want %q", m.text, want)
	}
}

func TestBodyIsHashedOnce(t *testing.T) {
	m := NewMessage(nil, []byte("body"))
	first, again := m.bodySum(Relaxed, crypto.SHA256), m.bodySum(Relaxed, crypto.SHA256)
	if &first[0] != &again[0] {
		t.Error("the body was hashed again")
	}
	if m.bodySum(Simple, crypto.SHA256); len(m.bodies) != 2 {
		t.Errorf("%d sums for two forms", len(m.bodies))
	}
}
