package signature

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"net"

	"sekisho/filter/proof/internal/taglist"
)

// Resolver asks DNS for TXT records. It returns when ctx ends. Its errors are
// *net.DNSError values: IsNotFound means that there is no such record, anything
// else that nobody knows.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// authenticResolver is a Resolver that also tells whether DNSSEC has proved the
// answer.
type authenticResolver interface {
	LookupTXTAuthentic(ctx context.Context, name string) (records []string, secure bool, err error)
}

// key is a key record (RFC 6376, section 3.6.1).
type key struct {
	rsa     *rsa.PublicKey    // k=rsa
	ed25519 ed25519.PublicKey // k=ed25519
	bits    int
	hashes  *taglist.Tag // h=, nil for any
	testing bool         // t=y
	strict  bool         // t=s: i= must not name a subdomain
	secure  bool         // DNSSEC has proved the record
}

// Answer is what became of the look-up of one key.
type Answer struct {
	key    key
	result Result // "" when there is a key
	reason string
	limit  Limit // that the record is past
}

// KeyBits returns the length of the key, 0 when there is none.
func (a Answer) KeyBits() int { return a.key.bits }

// Problems of a key that is past a limit.
const (
	tooManyRecords = "there are too many records"
	recordTooLong  = "key record is too long"
	keyTooLong     = "key is too long"
)

func unusable(reason string) Answer {
	a := Answer{result: PermError, reason: reason}
	switch reason {
	case tooManyRecords, recordTooLong, keyTooLong:
		a.limit = LimitKey
	}
	return a
}

// lookUp fetches the key with this name.
func lookUp(ctx context.Context, r Resolver, name string) Answer {
	records, secure, err := lookUpTXT(ctx, r, name)
	if err != nil {
		var dns *net.DNSError
		if errors.As(err, &dns) && dns.IsNotFound {
			return unusable("there is no key")
		}
		return Answer{result: TempError, reason: "the key could not be fetched"}
	}
	record, problem := pick(records)
	if problem != "" {
		return unusable(problem)
	}
	k, problem := parseKey([]byte(record))
	if problem != "" {
		return unusable(problem)
	}
	k.secure = secure
	return Answer{key: k}
}

func lookUpTXT(ctx context.Context, r Resolver, name string) (records []string, secure bool, err error) {
	if a, ok := r.(authenticResolver); ok {
		return a.LookupTXTAuthentic(ctx, name)
	}
	records, err = r.LookupTXT(ctx, name)
	return records, false, err
}

// pick returns the one key record. Other TXT records at the name, as wildcards
// bring them, are passed over; two keys are none (RFC 6376, section 3.6.2.2).
func pick(records []string) (record, problem string) {
	if len(records) == 1 {
		return records[0], ""
	}
	if len(records) > MaxKeyRecords {
		return "", tooManyRecords
	}
	found := 0
	for _, r := range records {
		if len(r) > MaxKeyBytes {
			continue
		}
		if tags, err := taglist.Parse(nil, []byte(r)); err == nil && tags.Get("p") != nil {
			record = r
			found++
		}
	}
	switch found {
	case 0:
		return "", "there is no key"
	case 1:
		return record, ""
	}
	return "", "there are several keys"
}

// parseKey reads a key record. problem is "" if the key can be used for mail.
func parseKey(record []byte) (k key, problem string) {
	if len(record) > MaxKeyBytes {
		return k, recordTooLong
	}
	var room [8]taglist.Tag
	tags, err := taglist.Parse(room[:0], record)
	if err != nil {
		return k, "key record: " + err.Error()
	}
	if t := tags.Get("v"); t != nil && string(t.Value) != "DKIM1" {
		return k, "key record is of another version"
	}
	// s=: what the key is for.
	if t := tags.Get("s"); t != nil && !taglist.Contains(t.Value, "*") && !taglist.Contains(t.Value, "email") {
		return k, "key is not for mail"
	}
	if t := tags.Get("h"); t != nil {
		hashes := *t
		k.hashes = &hashes
	}
	if t := tags.Get("t"); t != nil {
		k.testing = taglist.Contains(t.Value, "y")
		k.strict = taglist.Contains(t.Value, "s")
	}
	p := tags.Get("p")
	switch {
	case p == nil:
		return k, "key record has no p="
	case len(p.Value) == 0:
		return k, "key is revoked"
	}
	data, err := decodeBase64(p.Value)
	if err != nil {
		return k, "p= is no base64"
	}
	switch t := tags.Get("k"); {
	case t == nil || taglist.EqualFold(t.Value, keyRSA):
		return k.withRSA(data)
	case taglist.EqualFold(t.Value, keyEd25519):
		return k.withEd25519(data)
	}
	return k, "k= is not known"
}

func (k key) withRSA(data []byte) (key, string) {
	public, err := x509.ParsePKIXPublicKey(data)
	if err != nil {
		// The RFC names both forms (erratum 3017).
		public, err = x509.ParsePKCS1PublicKey(data)
	}
	pk, ok := public.(*rsa.PublicKey)
	if err != nil || !ok {
		return k, "p= is no RSA key"
	}
	k.rsa, k.bits = pk, pk.N.BitLen()
	if k.bits > MaxKeyBits {
		return k, keyTooLong
	}
	return k, ""
}

func (k key) withEd25519(data []byte) (key, string) {
	if len(data) != ed25519.PublicKeySize { // RFC 8463, section 4.2: the bare key
		return k, "p= is no Ed25519 key"
	}
	k.ed25519, k.bits = data, ed25519.PublicKeySize*8
	return k, ""
}

// check settles f if the key must not be used for it. A short key is whole, but
// not accepted (RFC 8301, section 3.2).
func (k key) check(f *Field) {
	switch {
	case f.keyType == keyRSA && k.rsa == nil, f.keyType == keyEd25519 && k.ed25519 == nil:
		f.Refuse("key is of another kind than a=")
	case k.hashes != nil && !taglist.Contains(k.hashes.Value, hashName(f.hash)):
		f.Refuse("key is not for this hash")
	case k.strict && f.Subdomain:
		f.Refuse("key is not for subdomains, i= names one") // t=s
	case k.rsa != nil && k.bits < MinKeyBits && !f.Historic:
		f.Settle(Policy, "key is too short")
	}
}

func hashName(h crypto.Hash) string {
	if h == crypto.SHA1 {
		return "sha1"
	}
	return "sha256"
}

// verify reports whether sig is a signature of the hash by this key. Ed25519
// signs the hash as its message (RFC 8463, section 3).
func (k key) verify(h crypto.Hash, sum, sig []byte) bool {
	if k.rsa != nil {
		return rsa.VerifyPKCS1v15(k.rsa, h, sum, sig) == nil
	}
	return ed25519.Verify(k.ed25519, sum, sig)
}
