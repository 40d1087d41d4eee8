package dkim

import (
	"time"

	"sekisho/filter/proof/internal/signature"
)

// Result is a DKIM result word (RFC 8601, section 2.7.1). The zero value means
// that nobody looked.
type Result string

const (
	None      Result = "none"
	Pass      Result = "pass"
	Fail      Result = "fail"
	Policy    Result = "policy"
	Neutral   Result = "neutral"
	TempError Result = "temperror"
	PermError Result = "permerror"
)

// Limit names a limit that a signature or its key was past.
type Limit = signature.Limit

// Limits are all there are.
var Limits = [...]Limit{
	signature.LimitField, signature.LimitNames, signature.LimitTags, signature.LimitHeader, signature.LimitKey,
}

// Signature is the outcome for one DKIM-Signature field.
type Signature struct {
	Result     Result
	Domain     string // d=, A-label in lower case
	Selector   string // s=
	Identity   string // i=; "" when absent
	Algorithm  string // a=, as in "rsa-sha256"
	KeyBits    int    // RSA modulus bits, 256 for ed25519; 0 when no key was read
	BodyLength bool   // l= is present: part of the body is not signed, never proof
	Testing    bool   // key record has t=y
	Secure     bool   // DNSSEC has proved the key record, as far as the resolver is trusted to know; a fact that changes no result
	Signed     time.Time
	Expires    time.Time
	B          string // first 8 characters of b= without white space, for header.b (RFC 6008)
	Reason     string // for people; never contains CR, LF or controls
	Limit      Limit  // that the signature was past; "" when none
}

// Weak reports whether the key is an RSA key of less than WeakKeyBits. False
// when no key was read.
func (s Signature) Weak() bool {
	return s.KeyBits > 0 && s.KeyBits < WeakKeyBits && s.Algorithm != signature.Ed25519SHA256
}
