package arc

import (
	"context"
	"fmt"
	"time"

	"sekisho/filter/proof/internal/signature"
	"sekisho/filter/proof/internal/taglist"
)

// chain is the chain of one message on its way to a result.
type chain struct {
	message  *signature.Message
	resolver Resolver
	now      time.Time
	draft    bool // Verifier.draft

	sets  []set // by instance, from 1
	whole bool  // each set has its three fields
	keys  signature.Keys
	text  []byte // the fields of all sets, see canonicalise
}

// validate takes the steps of RFC 8617, section 5.2, but for the fifth.
func (c *chain) validate(ctx context.Context) (Result, string) {
	if problem := c.collect(); problem != "" {
		return Fail, problem
	}
	if len(c.sets) == 0 {
		return None, ""
	}
	if c.message.TooLarge() {
		return Fail, "header is too large"
	}
	for _, step := range []func() string{c.checkStructure, c.checkStatus, c.read} {
		if problem := step(); problem != "" {
			return Fail, problem
		}
	}
	if result, reason := c.verifyNewest(ctx); result != Pass {
		return result, reason
	}
	return c.verifySeals(ctx)
}

// checkStructure holds that each set has its three fields, without a gap (steps
// 3A and 3B; that none occurs twice was seen in collect).
func (c *chain) checkStructure() string {
	for i := range c.sets {
		s := &c.sets[i]
		for _, f := range [...]struct {
			name string
			raw  []byte
		}{{nameResults, s.results}, {nameSignature, s.signature.Raw}, {nameSeal, s.seal.Raw}} {
			if f.raw == nil {
				return fmt.Sprintf("%s i=%d: is missing", f.name, i+1)
			}
		}
	}
	c.whole = true
	return ""
}

// checkStatus reads cv= of each seal, which must be "none" in the first and
// "pass" in all others (steps 2 and 3C).
func (c *chain) checkStatus() string {
	for i := len(c.sets) - 1; i >= 0; i-- {
		s := &c.sets[i]
		if t := s.seal.Tags.Get("cv"); t != nil {
			for _, r := range [...]Result{None, Pass, Fail} {
				if taglist.EqualFold(t.Value, string(r)) {
					s.cv = r
				}
			}
		}
		want := Pass
		if i == 0 {
			want = None
		}
		switch s.cv {
		case want:
		case Fail:
			return fmt.Sprintf("%s i=%d: says that the chain had failed", nameSeal, i+1)
		default:
			return fmt.Sprintf("%s i=%d: cv= is not %q", nameSeal, i+1, want)
		}
	}
	return ""
}

// read reads the other tags of all signatures. What is wrong with an older
// message signature tells only that it does not verify.
func (c *chain) read() string {
	for i := range c.sets {
		s := &c.sets[i]
		c.readSeal(&s.seal)
		if s.seal.Settled() {
			return fmt.Sprintf("%s i=%d: %s", nameSeal, i+1, s.seal.Reason)
		}
		c.readSignature(&s.signature)
	}
	n := len(c.sets)
	if f := &c.sets[n-1].signature; f.Settled() {
		return fmt.Sprintf("%s i=%d: %s", nameSignature, n, f.Reason)
	}
	return ""
}

// readSeal reads an ARC-Seal (RFC 8617, section 4.1.3).
func (c *chain) readSeal(f *signature.Field) {
	f.ReadDomain()
	f.ReadAlgorithm()
	f.ReadSigned(c.now)
	f.ReadB()
	if f.Tags.Get("h") != nil {
		f.Refuse("h= is not allowed")
	}
}

// readSignature reads an ARC-Message-Signature (RFC 8617, section 4.1.2): the
// tags of a DKIM-Signature, except that v= and i= have no such meaning.
func (c *chain) readSignature(f *signature.Field) {
	f.ReadDomain()
	f.ReadAlgorithm()
	c.readContent(f)
	f.ReadSigned(c.now)
	f.ReadExpires(c.now)
	f.ReadBodyHash()
	f.ReadB()
	f.ReadQuery()
	f.ReadLength()
	if f.Signs(nameSeal) {
		f.Refuse("ARC-Seal is signed")
	}
}

// readContent reads which fields are signed, and in which form.
func (c *chain) readContent(f *signature.Field) {
	if !c.draft {
		f.ReadForms(signature.Simple)
		f.ReadNames()
		return
	}
	f.ReadForms(signature.Relaxed)
	if h := f.Tags.Get("h"); h == nil || len(h.Value) > 0 {
		f.ReadNames()
	}
}
