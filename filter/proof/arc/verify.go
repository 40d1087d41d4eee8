package arc

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/proof/internal/signature"
)

// Resolver asks DNS for the keys.
type Resolver = signature.Resolver

// Verifier verifies chains. It is safe for use by several goroutines.
type Verifier struct {
	Resolver Resolver
	Clock    func() time.Time // time.Now if nil

	// draft takes an ARC-Message-Signature that signs no field, and one without c=
	// for relaxed, as the drafts' suite does. Tests only.
	draft bool
}

// Verify finds out whether the chain of a message is as its sealers left it.
//
// It waits for DNS until ctx ends; what has not come by then is a temporary
// error. Nothing reads h or body after Verify has returned.
func (v *Verifier) Verify(ctx context.Context, h mail.Header, body []byte) Check {
	return v.VerifyMessage(ctx, signature.NewMessage(h, body))
}

// VerifyMessage is Verify for a message that others verify too: they hash its
// body once together.
func (v *Verifier) VerifyMessage(ctx context.Context, m *signature.Message) Check {
	now := time.Now
	if v.Clock != nil {
		now = v.Clock
	}
	c := chain{message: m, resolver: v.Resolver, now: now(), draft: v.draft}
	var check Check
	check.Result, check.Reason = c.validate(ctx)
	check.Length, check.Sets = len(c.sets), c.report()
	if check.Result == Pass {
		check.OldestPass = c.oldestPass()
	}
	return check
}

// report returns the sets of a chain that is whole.
func (c *chain) report() []Set {
	if !c.whole {
		return nil
	}
	out := make([]Set, len(c.sets))
	for i := range c.sets {
		s := &c.sets[i]
		out[i] = Set{
			Instance: i + 1, Domain: s.seal.Domain, Selector: s.seal.Selector, Algorithm: s.seal.Algorithm,
			KeyBits: s.seal.KeyBits, CV: s.cv, Signer: s.signature.Domain, Sealed: s.seal.Signed, Results: string(s.payload),
		}
	}
	return out
}

// verifyNewest verifies the two signatures of the newest set (steps 4 and 6).
// Most broken chains end here, before other keys are asked for, and nearly all of
// those before any is.
func (c *chain) verifyNewest(ctx context.Context) (Result, string) {
	n := len(c.sets)
	s := &c.sets[n-1]
	if !c.message.VerifyBody(&s.signature) {
		return outcome(nameSignature, n, &s.signature)
	}
	c.keys.Add(s.signature.KeyName())
	c.keys.Add(s.seal.KeyName())
	c.keys.Fetch(ctx, c.resolver)
	c.message.Verify(&s.signature, c.key(&s.signature))
	signed, reason := outcome(nameSignature, n, &s.signature)
	if signed == Fail {
		return Fail, reason
	}
	c.verifySeal(n)
	if sealed, why := outcome(nameSeal, n, &s.seal); sealed == Fail || signed == Pass {
		return sealed, why
	}
	return signed, reason
}

// verifySeals verifies the seals below the newest (step 6). A seal that is wrong
// for good tells more than one whose key is not known.
func (c *chain) verifySeals(ctx context.Context) (result Result, reason string) {
	n := len(c.sets)
	for i := range c.sets[:n-1] {
		c.keys.Add(c.sets[i].seal.KeyName())
	}
	if c.keys.Len() > MaxKeys {
		return Fail, "chain needs too many keys"
	}
	c.addOlderKeys()
	c.keys.Fetch(ctx, c.resolver)
	result = Pass
	for i := n - 1; i >= 1; i-- {
		c.verifySeal(i)
		switch r, why := outcome(nameSeal, i, &c.sets[i-1].seal); {
		case r == Fail:
			return r, why
		case r == TempError && result == Pass:
			result, reason = r, why
		}
	}
	return result, reason
}

// addOlderKeys asks for the keys of the older message signatures, down to the
// first that can't verify, as long as there is room.
func (c *chain) addOlderKeys() {
	for i := len(c.sets) - 2; i >= 0 && c.keys.Len() < MaxKeys; i-- {
		f := &c.sets[i].signature
		if f.Settled() || !c.message.VerifyBody(f) {
			return
		}
		c.keys.Add(f.KeyName())
	}
}

// verifySeal settles the seal of an instance by what it signs: the fields of its
// set and of all before, itself last, in the relaxed form (RFC 8617, sections
// 4.1.3 and 5.1.1).
func (c *chain) verifySeal(instance int) {
	c.canonicalise()
	s := &c.sets[instance-1]
	h := sha256.New()
	h.Write(c.text[:s.sealAt])
	h.Write(s.seal.AppendBare(nil, signature.Relaxed))
	s.seal.VerifySum(c.key(&s.seal), h.Sum(nil))
}

// key returns the answer for the key of a field, which it refuses if that is too
// long.
func (c *chain) key(f *signature.Field) signature.Answer {
	a := c.keys.Answer(f.KeyName())
	if a.KeyBits() > MaxKeyBits {
		f.Refuse("key is too long")
	}
	return a
}

// canonicalise puts the fields of all sets in the order in which they are sealed.
func (c *chain) canonicalise() {
	if c.text != nil {
		return
	}
	for i := range c.sets {
		s := &c.sets[i]
		c.text = signature.Relaxed.AppendField(c.text, s.results)
		c.text = signature.Relaxed.AppendField(c.text, s.signature.Raw)
		s.sealAt = len(c.text)
		c.text = signature.Relaxed.AppendField(c.text, s.seal.Raw)
	}
}

// outcome says what the result of one signature makes of the chain.
func outcome(name string, instance int, f *signature.Field) (Result, string) {
	reason := fmt.Sprintf("%s i=%d: %s", name, instance, f.Reason)
	switch f.Result {
	case signature.Pass:
		return Pass, ""
	case signature.TempError:
		return TempError, reason
	}
	return Fail, reason
}

// oldestPass verifies the older message signatures, downwards until one fails
// (step 5). Most do at once, because a mailing list changed the body. One whose
// key is not known counts as failing.
func (c *chain) oldestPass() int {
	for i := len(c.sets) - 1; i >= 1; i-- {
		f := &c.sets[i-1].signature
		if !f.Settled() && c.keys.Has(f.KeyName()) {
			c.message.Verify(f, c.key(f))
		}
		if f.Result != signature.Pass {
			return i + 1
		}
	}
	return 0
}
