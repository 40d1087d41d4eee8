package dkim

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sekisho/filter/mail"
)

const (
	algRSASHA1       = "rsa-sha1"
	algRSASHA256     = "rsa-sha256"
	algEd25519SHA256 = "ed25519-sha256"

	keyRSA     = "rsa"
	keyEd25519 = "ed25519"
)

// bLength is how much of b= tells the signatures of a message apart (RFC 6008,
// section 3).
const bLength = 8

// signature is one DKIM-Signature field on its way to a result.
type signature struct {
	out Signature

	field      int    // index in the header
	raw        []byte // the field
	blank      tag    // b=, whose value is not part of what is signed
	subdomain  bool   // i= names a subdomain of d=
	names      [][]byte
	headerForm form
	bodyForm   form
	keyType    string
	hash       crypto.Hash
	bodyHash   []byte // bh=
	sig        []byte // b=
}

// form is a canonicalisation (RFC 6376, section 3.4).
type form string

const (
	simple  form = "simple"
	relaxed form = "relaxed"
)

// settle sets the result, unless there is one: the first problem is the one to
// report.
func (s *signature) settle(r Result, reason string) {
	if s.out.Result == "" {
		s.out.Result, s.out.Reason = r, reason
	}
}

func (s *signature) refuse(reason string) { s.settle(PermError, reason) }

func (s *signature) settled() bool { return s.out.Result != "" }

// keyName is the DNS name of the key (RFC 6376, section 3.6.2.1).
func (s *signature) keyName() string {
	return s.out.Selector + "._domainkey." + s.out.Domain
}

// parse reads the field (RFC 6376, sections 3.5 and 6.1.1) and settles the
// signature if it can't be verified. Every tag is read even so, because the
// report names them.
func (s *signature) parse(now time.Time, historic bool) {
	if len(s.raw) > MaxSignatureBytes {
		s.settle(Policy, "signature field is too long to read")
		return
	}
	colon := bytes.IndexByte(s.raw, ':') + 1
	var room [16]tag
	tags, err := parseTags(room[:0], s.raw[colon:])
	if err != nil {
		s.refuse(err.Error())
		return
	}
	if !historic {
		s.readVersion(tags)
	}
	s.readDomain(tags)
	s.readIdentity(tags)
	s.readAlgorithm(tags, historic)
	s.readForms(tags)
	s.readNames(tags)
	s.readTimes(tags, now)
	s.readHashes(tags, colon)
	if t := tags.get("q"); t != nil && !contains(t.value, "dns/txt") && !contains(t.value, "dns") {
		s.refuse("q= offers no way to the key that is known")
	}
	if tags.get("l") != nil {
		s.out.BodyLength = true
		s.settle(Policy, "l= leaves part of the body unsigned")
	}
}

// need returns the value of a tag that must be there. Without it the signature
// is refused.
func (s *signature) need(tags tagList, name string) []byte {
	if t := tags.get(name); t != nil && len(t.value) > 0 {
		return t.value
	}
	s.refuse(name + "= is missing")
	return nil
}

func (s *signature) readVersion(tags tagList) {
	if v := s.need(tags, "v"); v != nil && string(v) != "1" {
		s.refuse("v= is not 1")
	}
}

func (s *signature) readDomain(tags tagList) {
	if d := s.need(tags, "d"); d != nil {
		domain, ok := mail.ASCIIDomain(string(stripFWS(d)))
		if !ok {
			s.refuse("d= is no domain name")
		}
		s.out.Domain = domain
	}
	if v := s.need(tags, "s"); v != nil {
		selector := string(stripFWS(v))
		if !isSelector(selector) {
			s.refuse("s= is no selector")
			return
		}
		s.out.Selector = selector
	}
}

// isSelector reports whether s is one or more DNS labels of letters, digits,
// hyphen and underscore, short enough to ask for.
func isSelector(s string) bool {
	if len(s) > 128 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for i := range len(label) {
			c := lower(label[i])
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// readIdentity reads i=, whose domain must be d= or below it, whatever the case
// (RFC 6376, section 3.5, "i=").
func (s *signature) readIdentity(tags tagList) {
	t := tags.get("i")
	if t == nil {
		return
	}
	identity, ok := unquote(t.value)
	at := strings.LastIndexByte(identity, '@')
	if !ok || at < 0 {
		s.refuse("i= is no identity")
		return
	}
	s.out.Identity = identity
	domain, ok := mail.ASCIIDomain(identity[at+1:])
	if !ok || domain != s.out.Domain && !strings.HasSuffix(domain, "."+s.out.Domain) {
		s.refuse("i= is outside of d=")
	}
	s.subdomain = domain != s.out.Domain
}

// unquote undoes dkim-quoted-printable (RFC 6376, section 2.11). False if the
// text is damaged or holds something that nobody can print.
func unquote(value []byte) (string, bool) {
	value = stripFWS(value)
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

// readAlgorithm reads a=. SHA-1 proves nothing any more (RFC 8301, section 3.1).
func (s *signature) readAlgorithm(tags tagList, historic bool) {
	a := s.need(tags, "a")
	switch {
	case a == nil:
	case equalFold(a, algRSASHA256):
		s.out.Algorithm, s.keyType, s.hash = algRSASHA256, keyRSA, crypto.SHA256
	case equalFold(a, algEd25519SHA256):
		s.out.Algorithm, s.keyType, s.hash = algEd25519SHA256, keyEd25519, crypto.SHA256
	case equalFold(a, algRSASHA1):
		s.out.Algorithm, s.keyType, s.hash = algRSASHA1, keyRSA, crypto.SHA1
		if !historic {
			s.refuse("SHA-1 proves nothing")
		}
	default:
		s.refuse("a= is not known")
	}
}

// readForms reads c=, "simple/simple" by default.
func (s *signature) readForms(tags tagList) {
	s.headerForm, s.bodyForm = simple, simple
	t := tags.get("c")
	if t == nil {
		return
	}
	header, body, both := bytes.Cut(stripFWS(t.value), []byte{'/'})
	s.headerForm = s.form(header)
	if both {
		s.bodyForm = s.form(body)
	}
}

func (s *signature) form(word []byte) form {
	switch {
	case equalFold(word, string(relaxed)):
		return relaxed
	case equalFold(word, string(simple)):
		return simple
	}
	s.refuse("c= is not known")
	return simple
}

// readNames reads h=, which must name From (RFC 6376, section 5.4).
func (s *signature) readNames(tags tagList) {
	h := s.need(tags, "h")
	if h == nil {
		return
	}
	n := bytes.Count(h, []byte{':'}) + 1
	if n > MaxSignedNames {
		s.settle(Policy, "h= names too many fields")
		return
	}
	s.names = make([][]byte, 0, n)
	from := false
	elements(h, func(name []byte) bool {
		s.names = append(s.names, name)
		from = from || equalFold(name, "from")
		return true
	})
	if !from {
		s.refuse("From is not signed")
	}
}

// readTimes reads t= and x= (RFC 6376, section 3.5).
func (s *signature) readTimes(tags tagList, now time.Time) {
	for _, c := range [...]struct {
		name string
		to   *time.Time
	}{{"t", &s.out.Signed}, {"x", &s.out.Expires}} {
		t := tags.get(c.name)
		if t == nil {
			continue
		}
		// At most 12 digits: section 3.5 has room for the year 200,000.
		n, err := strconv.ParseUint(string(t.value), 10, 64)
		if err != nil || len(t.value) > 12 {
			s.refuse(c.name + "= is no time")
			continue
		}
		*c.to = time.Unix(int64(n), 0).UTC()
	}
	signed, expires := s.out.Signed, s.out.Expires
	switch {
	case !expires.IsZero() && now.After(expires):
		s.refuse("signature has expired")
	case !expires.IsZero() && !signed.IsZero() && !expires.After(signed):
		s.refuse("signature expired before it was made")
	case signed.After(now.Add(MaxClockSkew)):
		s.refuse("signature is dated in the future")
	}
}

// readHashes reads bh= and b=, and where b= stands.
func (s *signature) readHashes(tags tagList, colon int) {
	var err error
	if bh := s.need(tags, "bh"); bh != nil {
		if s.bodyHash, err = decodeBase64(bh); err != nil {
			s.refuse("bh= is no base64")
		}
	}
	b := s.need(tags, "b")
	if b == nil {
		return
	}
	s.blank = *tags.get("b")
	s.blank.start += colon
	s.blank.end += colon
	if s.sig, err = decodeBase64(b); err != nil {
		s.refuse("b= is no base64")
		return
	}
	text := stripFWS(b)
	s.out.B = string(text[:min(bLength, len(text))])
}

func decodeBase64(value []byte) ([]byte, error) {
	value = stripFWS(value)
	out := make([]byte, base64.StdEncoding.DecodedLen(len(value)))
	n, err := base64.StdEncoding.Decode(out, value)
	return out[:n], err
}
