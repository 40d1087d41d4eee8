package banner

import (
	"bytes"
	"strings"

	"sekisho/filter/mail/charset"
	"sekisho/filter/mail/entity"
	"sekisho/filter/mail/transfer"
)

// text is a part with its banner.
type text struct {
	data     []byte // decoded
	encoded  []byte
	relabel  bool   // its charset is UTF-8 from now on
	encoding string // its new transfer encoding; "" for the one it had
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// into writes the banner on top of a part.
func (b Banner) into(l leaf, content []byte) (text, Refusal) {
	if !l.known {
		return text{}, BadEncoding
	}
	old, size, damaged := transfer.Decode(l.encoding, content, MaxText)
	switch {
	case size > len(old):
		return text{}, TooLarge
	case damaged:
		return text{}, BadEncoding
	case inlinePGP(old):
		return text{}, Protected
	}
	var t text
	var why Refusal
	if l.media.Type == "text/html" {
		t.data, why = b.intoHTML(old, l.media.Param("charset"))
	} else {
		t, why = b.intoPlain(old, l.media.Param("charset"))
	}
	if why != "" {
		return t, why
	}
	switch {
	case l.encoding == transfer.Base64:
		t.encoded = encodeBase64(t.data, bytes.HasSuffix(content, []byte("\n")))
	case l.encoding == transfer.QuotedPrintable:
		t.encoded = encodeQP(t.data)
	case highBytes(t.data) && !highBytes(old) && !l.eightBit():
		// Nobody announced bytes beyond ASCII (RFC 6152), so there must be none.
		t.encoding, t.encoded = "quoted-printable", encodeQP(t.data)
	default:
		t.encoded = t.data
	}
	return t, ""
}

// eightBit reports whether the header of the part announces 8 bit text.
func (l leaf) eightBit() bool {
	h, _ := readHeader(l.fields)
	switch strings.ToLower(string(bytes.TrimSpace(h.encoding))) {
	case "8bit", "binary":
		return true
	}
	return false
}

func highBytes(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

// inlinePGP finds OpenPGP armour in a text (RFC 9580, section 6.2). Keys are not
// harmed by what stands above them.
func inlinePGP(data []byte) bool {
	return bytes.Contains(data, []byte("-----BEGIN PGP MESSAGE")) || bytes.Contains(data, []byte("-----BEGIN PGP SIGNED MESSAGE"))
}

// intoPlain puts the banner above plain text.
func (b Banner) intoPlain(old []byte, label string) (text, Refusal) {
	banner := b.text()
	mark := 0
	if bytes.HasPrefix(old, byteOrderMark) {
		mark = len(byteOrderMark)
	}
	was, outcome := charset.Decode(old[mark:], label)
	// Foreign bytes below a banner in ASCII stay what they are; below any other
	// the client would have to guess for both.
	if enc, ok := charset.Encode(banner, label); ok && (outcome == charset.Fitting || !highBytes([]byte(banner))) {
		return text{data: join(old[:mark], enc, old[mark:])}, ""
	}
	if outcome != charset.Fitting || mark > 0 || strings.ContainsRune(was, 0) {
		return text{}, BadCharset
	}
	return text{data: []byte(banner + was), relabel: true}, ""
}

// intoHTML puts the banner into a document. It is ASCII, which every charset takes
// that does not write ASCII in its own way.
func (b Banner) intoHTML(old []byte, label string) ([]byte, Refusal) {
	if _, ok := charset.Encode("", label); !ok || bytes.IndexByte(old, 0) >= 0 ||
		bytes.HasPrefix(old, []byte("\xff\xfe")) || bytes.HasPrefix(old, []byte("\xfe\xff")) {
		return nil, BadCharset
	}
	at, why := top(old)
	if why != "" {
		return nil, why
	}
	return join(old[:at], []byte(b.html()), old[at:]), ""
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// edits are the changes to the message's header.
func (t text) edits(fields []entity.Field) ([]Edit, Refusal) {
	var edits []Edit
	set := func(name, value string) {
		edits = append(edits, Edit{Name: name, Value: value, Add: find(fields, name) < 0})
	}
	if t.relabel {
		value, ok := contentType(fields)
		if !ok {
			return nil, Malformed
		}
		set("Content-Type", value)
	}
	if t.encoding != "" {
		set("Content-Transfer-Encoding", t.encoding)
	}
	if len(edits) > 0 && find(fields, "MIME-Version") < 0 {
		set("MIME-Version", "1.0") // RFC 2045, section 4
	}
	return edits, ""
}

// inHeader adds the changes to the header of a part that lies in the body.
func (t text) inHeader(cuts []cut, l leaf, body []byte) ([]cut, Refusal) {
	var added []byte
	replace := func(name, value string) {
		line := []byte(name + ": " + value + "\r\n")
		if i := find(l.fields, name); i >= 0 {
			at := l.head + offset(body[l.head:], l.fields[i].Raw)
			cuts = append(cuts, cut{at, at + len(l.fields[i].Raw), line})
			return
		}
		added = append(added, line...)
	}
	first := len(cuts)
	if t.relabel {
		value, ok := contentType(l.fields)
		if !ok {
			return nil, Malformed
		}
		replace("Content-Type", value)
	}
	if t.encoding != "" {
		replace("Content-Transfer-Encoding", t.encoding)
	}
	if n := len(cuts); n-first == 2 && cuts[first].start > cuts[n-1].start {
		cuts[first], cuts[n-1] = cuts[n-1], cuts[first]
	}
	if len(added) > 0 {
		cuts = append(cuts[:first:first], append([]cut{{l.head, l.head, added}}, cuts[first:]...)...)
	}
	return cuts, ""
}

func find(fields []entity.Field, name string) int {
	for i, f := range fields {
		if strings.EqualFold(string(f.Name), name) {
			return i
		}
	}
	return -1
}

// contentType is the value of the field of that name, with UTF-8 as its charset.
func contentType(fields []entity.Field) (string, bool) {
	i := find(fields, "Content-Type")
	if i < 0 {
		return "text/plain; charset=UTF-8", true
	}
	return setCharset(entity.Value(fields[i].Raw))
}
