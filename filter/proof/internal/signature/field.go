package signature

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/proof/internal/taglist"
)

// Result is what became of one signature, in the words of RFC 8601, section
// 2.7.1. The zero value means that it is not settled yet.
type Result string

const (
	Pass      Result = "pass"
	Fail      Result = "fail"
	Policy    Result = "policy"
	TempError Result = "temperror"
	PermError Result = "permerror"
)

// Names of the algorithms, as a= writes them.
const (
	RSASHA1       = "rsa-sha1"
	RSASHA256     = "rsa-sha256"
	Ed25519SHA256 = "ed25519-sha256"

	keyRSA     = "rsa"
	keyEd25519 = "ed25519"
)

// bLength is how much of b= tells the signatures of a message apart (RFC 6008,
// section 3).
const bLength = 8

// Field is one signature field on its way to a result. The caller sets Raw and
// Index, calls ReadTags and then the Read method of each tag that its kind of
// field has.
type Field struct {
	Raw   []byte // name, colon, value and CRLF
	Index int    // place in the header

	// Historic takes SHA-1 and short keys, which old conformance suites use.
	// Tests only.
	Historic bool

	Tags   taglist.List
	Result Result // "" until it is settled
	Reason string // for people; never contains CR, LF or controls
	Limit  Limit  // that the field or its key is past; "" when none is

	Domain     string    // d=, A-label in lower case
	Selector   string    // s=
	Algorithm  string    // a=, as in RSASHA256
	B          string    // first characters of b= without white space (RFC 6008)
	Names      [][]byte  // h=
	Signed     time.Time // t=
	Expires    time.Time // x=
	BodyLength bool      // l= is there
	Subdomain  bool      // i= names a subdomain of d=, which a key with t=s forbids
	KeyBits    int       // RSA modulus bits, 256 for Ed25519; 0 when no key was read
	Testing    bool      // key record has t=y
	Secure     bool      // DNSSEC has proved the key record

	colon      int         // where the value begins
	blank      taglist.Tag // b=, whose value is not part of what is signed; places in Raw
	headerForm Form
	bodyForm   Form
	keyType    string
	hash       crypto.Hash
	bodyHash   []byte // bh=
	sig        []byte // b=
}

// Settle sets the result, unless there is one: the first problem is the one to
// report.
func (f *Field) Settle(r Result, reason string) {
	if f.Result == "" {
		f.Result, f.Reason = r, reason
	}
}

// Refuse settles a field that is wrong for good.
func (f *Field) Refuse(reason string) { f.Settle(PermError, reason) }

// Exceed settles a field that is past a limit.
func (f *Field) Exceed(l Limit, r Result, reason string) {
	if !f.Settled() {
		f.Limit = l
	}
	f.Settle(r, reason)
}

// Settled reports whether there is a result.
func (f *Field) Settled() bool { return f.Result != "" }

// KeyName is the DNS name of the key (RFC 6376, section 3.6.2.1).
func (f *Field) KeyName() string { return f.Selector + "._domainkey." + f.Domain }

// ReadTags reads the tag list with taglist.Parse or taglist.ParseStrict. False
// if it can't be read, which settles the field.
func (f *Field) ReadTags(parse func(taglist.List, []byte) (taglist.List, error)) bool {
	if len(f.Raw) > MaxFieldBytes {
		f.Exceed(LimitField, Policy, "signature field is too long to read")
		return false
	}
	f.colon = bytes.IndexByte(f.Raw, ':') + 1
	tags, err := parse(make(taglist.List, 0, 16), f.Raw[f.colon:])
	if errors.Is(err, taglist.ErrTooMany) {
		f.Exceed(LimitTags, PermError, err.Error())
		return false
	}
	if err != nil {
		f.Refuse(err.Error())
		return false
	}
	f.Tags = tags
	return true
}

// Need returns the value of a tag that must be there. Without it the field is
// refused.
func (f *Field) Need(name string) []byte {
	if t := f.Tags.Get(name); t != nil && len(t.Value) > 0 {
		return t.Value
	}
	f.Refuse(name + "= is missing")
	return nil
}

// ReadDomain reads d= and s=.
func (f *Field) ReadDomain() {
	if d := f.Need("d"); d != nil {
		domain, ok := mail.ASCIIDomain(string(taglist.StripFWS(d)))
		if !ok {
			f.Refuse("d= is no domain name")
		}
		f.Domain = domain
	}
	if v := f.Need("s"); v != nil {
		selector, ok := asciiSelector(string(taglist.StripFWS(v)))
		if !ok || !isSelector(selector) {
			f.Refuse("s= is no selector")
			return
		}
		f.Selector = selector
	}
}

// asciiSelector writes a selector with U-labels in A-labels, as it is looked up
// (RFC 8616, section 5).
func asciiSelector(s string) (string, bool) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return mail.ASCIIDomain(s)
		}
	}
	return s, true
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
			c := taglist.Lower(label[i])
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// ReadAlgorithm reads a=. SHA-1 proves nothing any more (RFC 8301, section 3.1).
func (f *Field) ReadAlgorithm() {
	a := f.Need("a")
	switch {
	case a == nil:
	case taglist.EqualFold(a, RSASHA256):
		f.Algorithm, f.keyType, f.hash = RSASHA256, keyRSA, crypto.SHA256
	case taglist.EqualFold(a, Ed25519SHA256):
		f.Algorithm, f.keyType, f.hash = Ed25519SHA256, keyEd25519, crypto.SHA256
	case taglist.EqualFold(a, RSASHA1):
		f.Algorithm, f.keyType, f.hash = RSASHA1, keyRSA, crypto.SHA1
		if !f.Historic {
			f.Refuse("SHA-1 proves nothing")
		}
	default:
		f.Refuse("a= is not known")
	}
}

// ReadB reads b=, and where it stands.
func (f *Field) ReadB() {
	b := f.Need("b")
	if b == nil {
		return
	}
	f.blank = *f.Tags.Get("b")
	f.blank.Start += f.colon
	f.blank.End += f.colon
	var err error
	if f.sig, err = decodeBase64(b); err != nil {
		f.Refuse("b= is no base64")
		return
	}
	text := taglist.StripFWS(b)
	f.B = string(text[:min(bLength, len(text))])
}

// decodeBase64 reads a value with or without the "=" at its end, which the grammar
// leaves open (RFC 6376, section 2.10, base64string).
func decodeBase64(value []byte) ([]byte, error) {
	value = taglist.StripFWS(value)
	for range 2 {
		value = bytes.TrimSuffix(value, []byte{'='})
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(value)))
	n, err := base64.RawStdEncoding.Decode(out, value)
	return out[:n], err
}

// AppendBare appends the field in this form without the value of b= and without
// the last CRLF: the end of what it signs (RFC 6376, section 3.7).
func (f *Field) AppendBare(dst []byte, form Form) []byte {
	start := len(dst)
	bare := append(append(make([]byte, 0, len(f.Raw)), f.Raw[:f.blank.Start]...), f.Raw[f.blank.End:]...)
	dst = form.AppendField(dst, bare)
	return dst[:start+len(bytes.TrimRight(dst[start:], "\r\n"))]
}

// VerifySum settles the field by its key and the hash of what it signs.
func (f *Field) VerifySum(a Answer, sum []byte) {
	if !f.useKey(a) {
		return
	}
	if !a.key.verify(f.hash, sum, f.sig) {
		f.Settle(Fail, "the header was changed, or the key is another")
	}
	f.Settle(Pass, "")
}

// useKey notes the key that was found. False if the field can't be verified by
// it, which settles the field.
func (f *Field) useKey(a Answer) bool {
	if a.result != "" {
		f.Exceed(a.limit, a.result, a.reason)
		return false
	}
	f.KeyBits, f.Testing, f.Secure = a.key.bits, a.key.testing, a.key.secure
	a.key.check(f)
	return !f.Settled()
}
