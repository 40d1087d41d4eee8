package dkim

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sekisho/filter/mail"
	"sekisho/filter/proof/internal/signature"
	"sekisho/filter/proof/internal/taglist"
)

// sigField is one DKIM-Signature field on its way to a result.
type sigField struct {
	signature.Field
	identity string // i=; "" when absent
}

// parse reads the field (RFC 6376, sections 3.5 and 6.1.1) and settles it if it
// can't be verified. Every tag is read even so, because the report names them.
func (f *sigField) parse(now time.Time) {
	if !f.ReadTags(taglist.Parse) {
		return
	}
	if !f.Historic {
		f.readVersion()
	}
	f.ReadDomain()
	f.readIdentity()
	f.ReadAlgorithm()
	f.ReadForms(signature.Simple)
	f.ReadNames()
	f.ReadSigned(now)
	f.ReadExpires(now)
	f.ReadBodyHash()
	f.ReadB()
	f.ReadQuery()
	f.ReadLength()
}

func (f *sigField) readVersion() {
	if v := f.Need("v"); v != nil && string(v) != "1" {
		f.Refuse("v= is not 1")
	}
}

// readIdentity reads i=, whose domain must be d= or below it, whatever the case
// (RFC 6376, section 3.5, "i=").
func (f *sigField) readIdentity() {
	t := f.Tags.Get("i")
	if t == nil {
		return
	}
	identity, ok := unquote(t.Value)
	at := strings.LastIndexByte(identity, '@')
	if !ok || at < 0 {
		f.Refuse("i= is no identity")
		return
	}
	f.identity = identity
	domain, ok := mail.ASCIIDomain(identity[at+1:])
	if !ok || domain != f.Domain && !strings.HasSuffix(domain, "."+f.Domain) {
		f.Refuse("i= is outside of d=")
	}
	f.Subdomain = domain != f.Domain
}

// unquote undoes dkim-quoted-printable (RFC 6376, section 2.11). False if the
// text is damaged or holds something that nobody can print.
func unquote(value []byte) (string, bool) {
	value = taglist.StripFWS(value)
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		if value[i] != '=' {
			out = append(out, value[i])
			continue
		}
		if i+2 >= len(value) {
			return "", false
		}
		n, err := strconv.ParseUint(string(value[i+1:i+3]), 16, 8)
		if err != nil {
			return "", false
		}
		out = append(out, byte(n))
		i += 2
	}
	text := string(out)
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	return text, utf8.ValidString(text) && !strings.ContainsFunc(text, hidden)
}

// report returns the outcome.
func (f *sigField) report() Signature {
	return Signature{
		Result: Result(f.Result), Reason: f.Reason,
		Domain: f.Domain, Selector: f.Selector, Identity: f.identity, Algorithm: f.Algorithm, B: f.B,
		KeyBits: f.KeyBits, Testing: f.Testing, Secure: f.Secure, Limit: f.Limit, BodyLength: f.BodyLength, Signed: f.Signed, Expires: f.Expires,
	}
}
