package mail

import (
	"bytes"
	"strings"

	"sekisho/filter/mail/entity"
)

// Parse reads a message as its reader would see it. It never fails: what is
// damaged is read as clients read it and recorded in Deviations, and what is over
// a limit (limits.go) stays unread and is recorded too. Line ends should be CRLF;
// bare line feeds are read as line ends as well.
func Parse(h Header, body []byte) *Message { return ParseWithout(h, body) }

// ParseWithout is Parse without the work named. What there was to look at and
// nobody did is in Left.
func ParseWithout(h Header, body []byte, without ...Check) *Message {
	m := &Message{Header: h, Body: body}
	root := m.readHeader()
	w := walker{m: m, without: without, text: MaxText, nested: MaxNested}
	w.entity(place{path: "1"}, root, body)
	w.readPictures()
	return m
}

// fieldID numbers the fields that RFC 5322, section 3.6 and RFC 2045 let stand
// once, which are the ones that are read here.
type fieldID int

const (
	fieldOther fieldID = iota - 1
	fieldFrom
	fieldSender
	fieldReplyTo
	fieldSubject
	fieldMessageID
	fieldType
	fieldEncoding
	fieldDisposition
	fieldContentID
	fieldTo
	fieldCc
	fieldDate
	fieldInReplyTo
	fieldReferences
	fieldMIMEVersion
	fieldCount
)

// identify finds a field's number.
func identify(name string) fieldID {
	names := [fieldCount]string{
		"From", "Sender", "Reply-To", "Subject", "Message-ID",
		"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
		"To", "Cc", "Date", "In-Reply-To", "References", "MIME-Version",
	}
	for id, known := range names {
		if len(known) == len(name) && strings.EqualFold(known, name) {
			return fieldID(id)
		}
	}
	return fieldOther
}

// readHeader fills in what the header says and returns what it says of the body.
func (m *Message) readHeader() partHeader {
	var values [fieldCount][][]byte
	fields := m.Header
	if len(fields) > MaxFields {
		m.deviate(DeviationLimitFields, "header")
		fields = fields[:MaxFields]
	}
	for _, f := range fields {
		name := strings.TrimRight(f.Name, " \t")
		if name == "" {
			m.deviate(DeviationNoColon, "header")
			continue
		}
		id := identify(name)
		if id == fieldOther {
			continue
		}
		if n := len(name); len(f.Raw) > n && (f.Raw[n] == ' ' || f.Raw[n] == '\t') {
			m.deviate(DeviationNameBlank, name)
		}
		if len(values[id]) == 1 {
			m.deviate(DeviationDuplicate, name)
		}
		if len(values[id]) <= MaxAddressFields {
			values[id] = append(values[id], f.Value())
		}
	}
	m.readAuthor(values[fieldFrom])
	m.Sender, _ = m.mailboxes(values[fieldSender], "Sender")
	m.ReplyTo, _ = m.mailboxes(values[fieldReplyTo], "Reply-To")
	m.readSubject(values[fieldSubject])
	if ids := values[fieldMessageID]; len(ids) > 0 {
		m.MessageID = strings.ToValidUTF8(string(bytes.Trim(ids[0], "<> \t")), "\uFFFD")
	}
	return partHeader{
		mediaType:   top(values[fieldType]),
		encoding:    top(values[fieldEncoding]),
		disposition: top(values[fieldDisposition]),
		contentID:   top(values[fieldContentID]),
	}
}

func top(values [][]byte) []byte {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// readAuthor reads all From fields and judges what they name.
func (m *Message) readAuthor(values [][]byte) {
	ok := false
	m.From, ok = m.mailboxes(values, "From")
	addressed := 0
	for _, box := range m.From {
		if box.Address != "" {
			addressed++
		}
	}
	switch {
	case addressed == 0:
		m.Author = AuthorNone
	case len(values) > 1 || len(m.From) > 1:
		m.Author = AuthorSeveral
	case !ok:
		m.Author = AuthorMalformed
	default:
		m.Author = AuthorOne
	}
	if len(values) == 0 {
		m.deviate(DeviationNoFrom, "From")
	}
}

// mailboxes reads the address fields of one name.
func (m *Message) mailboxes(values [][]byte, name string) ([]Mailbox, bool) {
	if len(values) > MaxAddressFields {
		m.deviate(DeviationLimitAddresses, name)
		values = values[:MaxAddressFields]
	}
	var all []Mailbox
	fine := true
	for _, value := range values {
		a := parseAddresses(value)
		all = append(all, a.list...)
		if a.cut {
			m.deviate(DeviationLimitAddresses, name)
		}
		if a.group {
			m.deviate(DeviationGroup, name)
		}
		if !a.ok {
			m.deviate(DeviationAddress, name)
			fine = false
		}
		for _, i := range a.issues {
			m.deviate(string(i), name)
		}
		if bytes.IndexByte(value, 0) >= 0 {
			m.deviate(DeviationNUL, name)
		}
	}
	return all, fine
}

// readSubject reads the first Subject. Clients that show the last one of several
// show another text.
func (m *Message) readSubject(values [][]byte) {
	for i, value := range values {
		text := m.text(value, "Subject")
		switch {
		case i == 0:
			m.Subject = text
		case text.Shown != m.Subject.Shown:
			m.Subject.Also = append(m.Subject.Also, text.Shown)
		}
	}
}

// partHeader is what a header says about the body below it; nil is nothing.
type partHeader struct {
	mediaType, encoding, disposition, contentID []byte
}

// readPartHeader picks those fields out of a part's header.
func readPartHeader(fields []entity.Field) partHeader {
	var h partHeader
	for _, f := range fields {
		var slot *[]byte
		switch identify(string(f.Name)) {
		case fieldType:
			slot = &h.mediaType
		case fieldEncoding:
			slot = &h.encoding
		case fieldDisposition:
			slot = &h.disposition
		case fieldContentID:
			slot = &h.contentID
		default:
			continue
		}
		if *slot == nil {
			*slot = entity.Value(f.Raw)
		}
	}
	return h
}
