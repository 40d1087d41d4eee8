package dkim

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"net"
	"slices"

	"sekisho/filter/proof/internal/task"
)

// Resolver asks DNS for TXT records. It returns when ctx ends. Its errors are
// *net.DNSError values: IsNotFound means that there is no such record, anything
// else that nobody knows.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// key is a key record (RFC 6376, section 3.6.1).
type key struct {
	rsa     *rsa.PublicKey    // k=rsa
	ed25519 ed25519.PublicKey // k=ed25519
	bits    int
	hashes  *tag // h=, nil for any
	testing bool // t=y
	strict  bool // t=s: i= must not name a subdomain
}

// answer is what became of a look-up.
type answer struct {
	key    key
	result Result // "" when there is a key
	reason string
}

func unusable(reason string) answer { return answer{result: PermError, reason: reason} }

// lookUp fetches the key with this name.
func lookUp(ctx context.Context, r Resolver, name string) answer {
	records, err := r.LookupTXT(ctx, name)
	if err != nil {
		var dns *net.DNSError
		if errors.As(err, &dns) && dns.IsNotFound {
			return unusable("there is no key")
		}
		return answer{result: TempError, reason: "the key could not be fetched"}
	}
	record, problem := pick(records)
	if problem != "" {
		return unusable(problem)
	}
	k, problem := parseKey([]byte(record))
	if problem != "" {
		return unusable(problem)
	}
	return answer{key: k}
}

// pick returns the one key record. Other TXT records at the name, as wildcards
// bring them, are passed over; two keys are none (RFC 6376, section 3.6.2.2).
func pick(records []string) (record, problem string) {
	if len(records) == 1 {
		return records[0], ""
	}
	if len(records) > MaxKeyRecords {
		return "", "there are too many records"
	}
	found := 0
	for _, r := range records {
		if len(r) > MaxKeyBytes {
			continue
		}
		if tags, err := parseTags(nil, []byte(r)); err == nil && tags.get("p") != nil {
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
		return k, "key record is too long"
	}
	var room [8]tag
	tags, err := parseTags(room[:0], record)
	if err != nil {
		return k, "key record: " + err.Error()
	}
	if t := tags.get("v"); t != nil && string(t.value) != "DKIM1" {
		return k, "key record is of another version"
	}
	// s=: what the key is for.
	if t := tags.get("s"); t != nil && !contains(t.value, "*") && !contains(t.value, "email") {
		return k, "key is not for mail"
	}
	if t := tags.get("h"); t != nil {
		hashes := *t
		k.hashes = &hashes
	}
	if t := tags.get("t"); t != nil {
		k.testing = contains(t.value, "y")
		k.strict = contains(t.value, "s")
	}
	p := tags.get("p")
	switch {
	case p == nil:
		return k, "key record has no p="
	case len(p.value) == 0:
		return k, "key is revoked"
	}
	data, err := decodeBase64(p.value)
	if err != nil {
		return k, "p= is no base64"
	}
	switch t := tags.get("k"); {
	case t == nil || equalFold(t.value, keyRSA):
		return k.withRSA(data)
	case equalFold(t.value, keyEd25519):
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
		return k, "key is too long"
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

// fits returns why the key must not be used for s, "" if it may.
func (k key) fits(s *signature, historic bool) string {
	switch {
	case s.keyType == keyRSA && k.rsa == nil, s.keyType == keyEd25519 && k.ed25519 == nil:
		return "key is of another kind than a="
	case k.hashes != nil && !contains(k.hashes.value, hashName(s.hash)):
		return "key is not for this hash"
	case k.strict && s.subdomain:
		return "key is not for subdomains, i= names one" // t=s
	case k.rsa != nil && k.bits < MinKeyBits && !historic:
		return "key is too short"
	}
	return ""
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

// lookUps fetches each key once, all at the same time.
type lookUps struct {
	names []string
	got   []answer
}

func (l *lookUps) add(name string) {
	if !slices.Contains(l.names, name) {
		l.names = append(l.names, name)
	}
}

// fetch gets the answers. The last one is fetched in the caller's goroutine:
// most messages have one signature, and its key is often in the resolver's
// cache. A panic in a look-up is raised again here.
func (l *lookUps) fetch(ctx context.Context, r Resolver) {
	if len(l.names) == 0 {
		return
	}
	l.got = make([]answer, len(l.names))
	last := len(l.names) - 1
	tasks := make([]*task.Task[answer], last)
	for i, name := range l.names[:last] {
		tasks[i] = task.Start("dkim key", func() answer { return lookUp(ctx, r, name) })
	}
	l.got[last] = lookUp(ctx, r, l.names[last])
	for i, t := range tasks {
		a, err := t.Wait(ctx)
		var p *task.PanicError
		switch {
		case errors.As(err, &p):
			panic(p)
		case err != nil:
			a = answer{result: TempError, reason: "the key did not come in time"}
		}
		l.got[i] = a
	}
}

func (l *lookUps) answer(name string) answer { return l.got[slices.Index(l.names, name)] }
