package dkim

import (
	"bytes"
	"context"
	"crypto"
	_ "crypto/sha256" // for crypto.SHA256
	"crypto/subtle"
	"strings"
	"time"

	"sekisho/filter/mail"
)

// Verifier verifies signatures. It is safe for use by several goroutines.
type Verifier struct {
	Resolver Resolver
	Clock    func() time.Time // time.Now if nil

	// historic takes SHA-1, short keys and drafts' versions, which the old
	// conformance suites use. Tests only.
	historic bool
}

// Verify returns one Signature for each DKIM-Signature field, in header order;
// nil when there is none. Past MaxSignatures those for whose domain (d=, A-label)
// prefer says yes are kept before the others; prefer may be nil.
//
// It waits for DNS until ctx ends; what has not come by then is a temporary
// error. Nothing reads h or body after Verify has returned.
func (v *Verifier) Verify(ctx context.Context, h mail.Header, body []byte, prefer func(domain string) bool) []Signature {
	now := time.Now
	if v.Clock != nil {
		now = v.Clock
	}
	sigs := collect(h, prefer)
	if len(sigs) == 0 {
		return nil
	}
	tooLarge := len(h) > MaxFields || headerBytes(h) > MaxHeaderBytes
	var keys lookUps
	for i := range sigs {
		s := &sigs[i]
		s.parse(now(), v.historic)
		if tooLarge {
			s.settle(Policy, "header is too large")
		}
		if !s.settled() {
			keys.add(s.keyName())
		}
	}
	keys.fetch(ctx, v.Resolver)
	m := message{header: h, body: body}
	for i := range sigs {
		if s := &sigs[i]; !s.settled() {
			m.verify(s, keys.answer(s.keyName()), v.historic)
		}
	}
	out := make([]Signature, len(sigs))
	for i := range sigs {
		out[i] = sigs[i].out
	}
	return out
}

// fieldName returns the name without the white space that may stand before the
// colon (RFC 5322, section 4.5).
func fieldName(f mail.Field) string { return strings.TrimRight(f.Name, " \t") }

func headerBytes(h mail.Header) int {
	n := 0
	for _, f := range h {
		n += len(f.Raw)
	}
	return n
}

// collect finds the signature fields to verify, in header order.
func collect(h mail.Header, prefer func(string) bool) []signature {
	var fields []int
	for i, f := range h {
		if equalFold(fieldName(f), "dkim-signature") {
			fields = append(fields, i)
		}
	}
	if len(fields) > MaxSignatures {
		fields = choose(h, fields, prefer)
	}
	sigs := make([]signature, len(fields))
	for i, field := range fields {
		sigs[i].field, sigs[i].raw = field, h[field].Raw
	}
	return sigs
}

// choose keeps MaxSignatures of the fields: an attacker adds at the top, so the
// first ones must not crowd out those that speak for the author.
func choose(h mail.Header, fields []int, prefer func(string) bool) []int {
	keep := make(map[int]bool, MaxSignatures)
	for _, field := range fields {
		if len(keep) < MaxSignatures && prefer != nil && len(h[field].Raw) <= MaxSignatureBytes && prefer(domainOf(h[field].Raw)) {
			keep[field] = true
		}
	}
	for _, field := range fields {
		if len(keep) < MaxSignatures {
			keep[field] = true
		}
	}
	kept := make([]int, 0, len(keep))
	for _, field := range fields {
		if keep[field] {
			kept = append(kept, field)
		}
	}
	return kept
}

// domainOf returns d= of a signature field, "" if there is none.
func domainOf(raw []byte) string {
	tags, err := parseTags(nil, raw[bytes.IndexByte(raw, ':')+1:])
	if err != nil {
		return ""
	}
	t := tags.get("d")
	if t == nil {
		return ""
	}
	domain, _ := mail.ASCIIDomain(string(stripFWS(t.value)))
	return domain
}

// message is what the signatures of one message share.
type message struct {
	header mail.Header
	body   []byte
	names  []uint32 // hash of each field's name
	used   []bool   // fields that the signature at hand has taken
	text   []byte   // header in the form that is hashed
	bodies []bodySum
}

type bodySum struct {
	form form
	hash crypto.Hash
	sum  []byte
}

// verify settles a signature that parse left open (RFC 6376, section 6.1.3).
func (m *message) verify(s *signature, a answer, historic bool) {
	if a.result != "" {
		s.settle(a.result, a.reason)
		return
	}
	s.out.KeyBits, s.out.Testing = a.key.bits, a.key.testing
	if problem := a.key.fits(s, historic); problem != "" {
		s.refuse(problem)
		return
	}
	if subtle.ConstantTimeCompare(m.bodySum(s.bodyForm, s.hash), s.bodyHash) != 1 {
		s.settle(Fail, "the body was changed")
		return
	}
	if !a.key.verify(s.hash, m.headerSum(s), s.sig) {
		s.settle(Fail, "the header was changed, or the key is another")
		return
	}
	s.settle(Pass, "")
}

// bodySum returns the hash of the body, made once for each form and hash.
func (m *message) bodySum(f form, hash crypto.Hash) []byte {
	for _, b := range m.bodies {
		if b.form == f && b.hash == hash {
			return b.sum
		}
	}
	h := hash.New()
	if f == relaxed {
		hashRelaxedBody(h, m.body)
	} else {
		hashSimpleBody(h, m.body)
	}
	b := bodySum{form: f, hash: hash, sum: h.Sum(nil)}
	m.bodies = append(m.bodies, b)
	return b.sum
}

// headerSum returns the hash of the signed fields and of the signature field
// itself without the value of b= and without the last CRLF (RFC 6376, section
// 3.7).
func (m *message) headerSum(s *signature) []byte {
	m.text = m.text[:0]
	m.index()
	clear(m.used)
	m.used[s.field] = true
	for _, name := range s.names {
		if i := m.last(name); i >= 0 {
			m.used[i] = true
			m.append(s.headerForm, m.header[i].Raw)
		}
	}
	start := len(m.text)
	bare := append(append(make([]byte, 0, len(s.raw)), s.raw[:s.blank.start]...), s.raw[s.blank.end:]...)
	m.append(s.headerForm, bare)
	m.text = m.text[:start+len(bytes.TrimRight(m.text[start:], "\r\n"))]
	h := s.hash.New()
	h.Write(m.text)
	return h.Sum(nil)
}

func (m *message) append(f form, raw []byte) {
	if f == relaxed {
		m.text = appendRelaxedField(m.text, raw)
	} else {
		m.text = append(m.text, raw...)
	}
}

// index hashes the names of the fields, so that a name in h= is found without
// comparing text.
func (m *message) index() {
	if m.used != nil {
		return
	}
	m.used = make([]bool, len(m.header))
	m.names = make([]uint32, len(m.header))
	for i, f := range m.header {
		m.names[i] = nameHash(fieldName(f))
	}
}

// last returns the lowest field of that name which is not used yet (RFC 6376,
// section 5.4.2), -1 if there is none.
func (m *message) last(name []byte) int {
	want := nameHash(name)
	for i := len(m.names) - 1; i >= 0; i-- {
		if m.names[i] == want && !m.used[i] && equalFold(name, fieldName(m.header[i])) {
			return i
		}
	}
	return -1
}

// nameHash is FNV-1a over the name in lower case.
func nameHash[T text](name T) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(lower(name[i]))) * 16777619
	}
	return h
}
