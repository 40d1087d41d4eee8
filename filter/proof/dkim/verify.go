package dkim

import (
	"bytes"
	"context"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/proof/internal/signature"
	"sekisho/filter/proof/internal/taglist"
)

// Resolver asks DNS for the keys.
type Resolver = signature.Resolver

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
	sigs, _ := v.VerifyMessage(ctx, signature.NewMessage(h, body), prefer)
	return sigs
}

// VerifyMessage is Verify for a message that others verify too: they hash its
// body once together. It also returns how many fields past MaxSignatures it left
// out.
func (v *Verifier) VerifyMessage(ctx context.Context, m *signature.Message, prefer func(domain string) bool) (sigs []Signature, left int) {
	now := time.Now
	if v.Clock != nil {
		now = v.Clock
	}
	fields, left := collect(m.Header, prefer)
	if len(fields) == 0 {
		return nil, 0
	}
	tooLarge := m.TooLarge()
	var keys signature.Keys
	for i := range fields {
		f := &fields[i]
		f.Historic = v.historic
		f.parse(now())
		if tooLarge {
			f.Exceed(signature.LimitHeader, signature.Policy, "header is too large")
		}
		if !f.Settled() {
			keys.Add(f.KeyName())
		}
	}
	keys.Fetch(ctx, v.Resolver)
	out := make([]Signature, len(fields))
	for i := range fields {
		f := &fields[i]
		if !f.Settled() {
			m.Verify(&f.Field, keys.Answer(f.KeyName()))
		}
		out[i] = f.report()
	}
	return out, left
}

// collect finds the signature fields to verify, in header order, and says how
// many it left out.
func collect(h mail.Header, prefer func(string) bool) (fields []sigField, left int) {
	var at []int
	for i, f := range h {
		if taglist.EqualFold(signature.FieldName(f), "dkim-signature") {
			at = append(at, i)
		}
	}
	if left = len(at) - MaxSignatures; left > 0 {
		at = choose(h, at, prefer)
	}
	fields = make([]sigField, len(at))
	for i, index := range at {
		fields[i].Index, fields[i].Raw = index, h[index].Raw
	}
	return fields, max(left, 0)
}

// choose keeps MaxSignatures of the fields: an attacker adds at the top, so the
// first ones must not crowd out those that speak for the author.
func choose(h mail.Header, fields []int, prefer func(string) bool) []int {
	keep := make(map[int]bool, MaxSignatures)
	for _, field := range fields {
		raw := h[field].Raw
		if len(keep) < MaxSignatures && prefer != nil && len(raw) <= signature.MaxFieldBytes && prefer(domainOf(raw)) {
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
	tags, err := taglist.Parse(nil, raw[bytes.IndexByte(raw, ':')+1:])
	if err != nil {
		return ""
	}
	t := tags.Get("d")
	if t == nil {
		return ""
	}
	domain, _ := mail.ASCIIDomain(string(taglist.StripFWS(t.Value)))
	return domain
}
