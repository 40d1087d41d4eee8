package signature

import (
	"crypto"
	_ "crypto/sha256" // for crypto.SHA256
	"crypto/subtle"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/proof/internal/taglist"
)

// Message is a message as its signatures see it. It keeps what they share, so
// that the body is hashed once for each form and hash. It is not safe for use by
// several goroutines.
type Message struct {
	Header mail.Header
	body   []byte
	names  []uint32 // hash of each field's name
	used   []bool   // fields that the signature at hand has taken
	text   []byte   // header in the form that is hashed
	bodies []bodySum
}

type bodySum struct {
	form Form
	hash crypto.Hash
	sum  []byte
}

// NewMessage returns the message for its signatures. Neither h nor body may
// change while it is in use.
func NewMessage(h mail.Header, body []byte) *Message { return &Message{Header: h, body: body} }

// FieldName returns the name without the white space that may stand before the
// colon (RFC 5322, section 4.5).
func FieldName(f mail.Field) string { return strings.TrimRight(f.Name, " \t") }

// TooLarge reports whether the header is past MaxFields or MaxHeaderBytes.
func (m *Message) TooLarge() bool {
	n := 0
	for _, f := range m.Header {
		n += len(f.Raw)
	}
	return len(m.Header) > MaxFields || n > MaxHeaderBytes
}

// Verify settles a field that signs header and body, with the answer for its key
// (RFC 6376, section 6.1.3).
func (m *Message) Verify(f *Field, a Answer) {
	if f.useKey(a) && m.VerifyBody(f) {
		f.VerifySum(a, m.headerSum(f))
	}
}

// VerifyBody reports whether the body is as bh= has it. If not, that settles the
// field, whatever its key.
func (m *Message) VerifyBody(f *Field) bool {
	if subtle.ConstantTimeCompare(m.bodySum(f.bodyForm, f.hash), f.bodyHash) != 1 {
		f.Settle(Fail, "the body was changed")
	}
	return !f.Settled()
}

// bodySum returns the hash of the body, made once for each form and hash.
func (m *Message) bodySum(f Form, hash crypto.Hash) []byte {
	for _, b := range m.bodies {
		if b.form == f && b.hash == hash {
			return b.sum
		}
	}
	h := hash.New()
	f.hashBody(h, m.body)
	b := bodySum{form: f, hash: hash, sum: h.Sum(nil)}
	m.bodies = append(m.bodies, b)
	return b.sum
}

// headerSum returns the hash of the signed fields and of the signature field
// itself (RFC 6376, section 3.7).
func (m *Message) headerSum(f *Field) []byte {
	m.text = m.text[:0]
	m.index()
	clear(m.used)
	m.used[f.Index] = true
	for _, name := range f.Names {
		if i := m.last(name); i >= 0 {
			m.used[i] = true
			m.text = f.headerForm.AppendField(m.text, m.Header[i].Raw)
		}
	}
	m.text = f.AppendBare(m.text, f.headerForm)
	h := f.hash.New()
	h.Write(m.text)
	return h.Sum(nil)
}

// index hashes the names of the fields, so that a name in h= is found without
// comparing text.
func (m *Message) index() {
	if m.used != nil {
		return
	}
	m.used = make([]bool, len(m.Header))
	m.names = make([]uint32, len(m.Header))
	for i, f := range m.Header {
		m.names[i] = nameHash(FieldName(f))
	}
}

// last returns the lowest field of that name which is not used yet (RFC 6376,
// section 5.4.2), -1 if there is none.
func (m *Message) last(name []byte) int {
	want := nameHash(name)
	for i := len(m.names) - 1; i >= 0; i-- {
		if m.names[i] == want && !m.used[i] && taglist.EqualFold(name, FieldName(m.Header[i])) {
			return i
		}
	}
	return -1
}

// nameHash is FNV-1a over the name in lower case.
func nameHash[T taglist.Text](name T) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(taglist.Lower(name[i]))) * 16777619
	}
	return h
}
