package signature

import (
	"bytes"
	"strconv"
	"time"

	"sekisho/filter/proof/internal/taglist"
)

// The tags here say what of a message is signed, and when. ARC-Seal has of them
// only t=.

// ReadForms reads c=. Both forms are absent where there is none: Simple by RFC
// 6376, section 3.5.
func (f *Field) ReadForms(absent Form) {
	f.headerForm, f.bodyForm = absent, absent
	t := f.Tags.Get("c")
	if t == nil {
		return
	}
	header, body, both := bytes.Cut(taglist.StripFWS(t.Value), []byte{'/'})
	f.headerForm, f.bodyForm = f.form(header), Simple
	if both {
		f.bodyForm = f.form(body)
	}
}

func (f *Field) form(word []byte) Form {
	switch {
	case taglist.EqualFold(word, string(Relaxed)):
		return Relaxed
	case taglist.EqualFold(word, string(Simple)):
		return Simple
	}
	f.Refuse("c= is not known")
	return Simple
}

// ReadNames reads h=, which must name From (RFC 6376, section 5.4).
func (f *Field) ReadNames() {
	h := f.Need("h")
	if h == nil {
		return
	}
	n := bytes.Count(h, []byte{':'}) + 1
	if n > MaxSignedNames {
		f.Exceed(LimitNames, Policy, "h= names too many fields")
		return
	}
	f.Names = make([][]byte, 0, n)
	taglist.Elements(h, func(name []byte) bool {
		f.Names = append(f.Names, name)
		return true
	})
	if !f.Signs("from") {
		f.Refuse("From is not signed")
	}
}

// Signs reports whether h= holds the name, whatever the case.
func (f *Field) Signs(name string) bool {
	for _, n := range f.Names {
		if taglist.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// ReadSigned reads t= (RFC 6376, section 3.5).
func (f *Field) ReadSigned(now time.Time) {
	f.Signed = f.readTime("t")
	if f.Signed.After(now.Add(MaxClockSkew)) {
		f.Refuse("signature is dated in the future")
	}
}

// ReadExpires reads x=, after ReadSigned (RFC 6376, section 3.5).
func (f *Field) ReadExpires(now time.Time) {
	f.Expires = f.readTime("x")
	switch {
	case f.Expires.IsZero():
	case now.After(f.Expires):
		f.Refuse("signature has expired")
	case !f.Signed.IsZero() && !f.Expires.After(f.Signed):
		f.Refuse("signature expired before it was made")
	}
}

// readTime returns a time, the zero one where there is none.
func (f *Field) readTime(name string) time.Time {
	t := f.Tags.Get(name)
	if t == nil {
		return time.Time{}
	}
	// At most 12 digits: section 3.5 has room for the year 200,000.
	n, err := strconv.ParseUint(string(t.Value), 10, 64)
	if err != nil || len(t.Value) > 12 {
		f.Refuse(name + "= is no time")
		return time.Time{}
	}
	return time.Unix(int64(n), 0).UTC()
}

// ReadBodyHash reads bh=.
func (f *Field) ReadBodyHash() {
	var err error
	if bh := f.Need("bh"); bh != nil {
		if f.bodyHash, err = decodeBase64(bh); err != nil {
			f.Refuse("bh= is no base64")
		}
	}
}

// ReadQuery reads q=. "dns" is what signers wrote before RFC 4871.
func (f *Field) ReadQuery() {
	if t := f.Tags.Get("q"); t != nil && !taglist.Contains(t.Value, "dns/txt") && !taglist.Contains(t.Value, "dns") {
		f.Refuse("q= offers no way to the key that is known")
	}
}

// ReadLength reads l=. A field with it proves nothing: anyone may add text
// behind the signed part (RFC 6376, section 8.2).
func (f *Field) ReadLength() {
	if f.Tags.Get("l") != nil {
		f.BodyLength = true
		f.Settle(Policy, "l= leaves part of the body unsigned")
	}
}
