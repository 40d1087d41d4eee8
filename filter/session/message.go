package session

import (
	"bytes"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/wire"
)

// message is the message under way.
type message struct {
	begun      time.Time
	sender     wire.Path
	recipients []string
	written    map[string][]string // recipients that the envelope has under other names
	head       []byte              // the header fields as in RFC 5322, one after the other
	fields     []field             // where they are in head
	body       [][]byte            // in pieces, as they came
	bodyBytes  int
	bodyRoom   int   // memory that body takes
	over       limit // the first limit it passed; from then on nothing is kept
	held       int   // bytes reserved in the room of all messages
}

// field is a place in message.head.
type field struct{ start, colon, end int }

// headRoom is the size of an ordinary header.
const (
	headRoom  = 4 << 10
	fieldRoom = 40

	// pieceBytes is the least of the body that is kept as a piece of its own.
	pieceBytes = 4 << 10
)

// addRecipient adds a forward-path. Like all of its kind it returns the limit
// that the message passed with it, if it did.
func (m *message) addRecipient(path string, l Limits) limit {
	if m.over == "" && len(m.recipients) >= l.Recipients {
		return m.drop(limitRecipients)
	}
	if m.over == "" {
		m.recipients = append(m.recipients, path)
	}
	return ""
}

// writtenAs remembers under which name the envelope has a recipient.
func (m *message) writtenAs(path, written string) {
	if m.over != "" || path == written {
		return
	}
	if m.written == nil {
		m.written = make(map[string][]string)
	}
	m.written[path] = append(m.written[path], written)
}

// names are all names that the envelope may have a recipient under.
func (m *message) names(path string) []string {
	return append([]string{path}, m.written[path]...)
}

// addField puts a field together. The value has its blank after the colon when
// leading is set; without, the MTA has removed one.
func (m *message) addField(name, value []byte, leading bool, l Limits) limit {
	if m.over != "" {
		return ""
	}
	if len(m.fields) >= l.HeaderFields {
		return m.drop(limitFields)
	}
	if m.head == nil {
		m.head = make([]byte, 0, headRoom)
		m.fields = make([]field, 0, fieldRoom)
	}
	f := field{start: len(m.head), colon: len(m.head) + len(name)}
	m.head = append(append(m.head, name...), ':')
	if !leading && len(value) > 0 {
		m.head = append(m.head, ' ')
	}
	m.head = appendFolded(m.head, value)
	m.head = append(m.head, '\r', '\n')
	f.end = len(m.head)
	m.fields = append(m.fields, f)
	switch {
	case len(m.head) > l.HeaderBytes:
		return m.drop(limitHeader)
	case len(m.head)+m.bodyBytes > l.MessageBytes:
		return m.drop(limitMessage)
	}
	return ""
}

// addBody adds a piece of the body. MTAs send large pieces, which are kept as they
// are and joined once; small ones join the last.
func (m *message) addBody(chunk []byte, l Limits) limit {
	switch {
	case m.over != "":
		return ""
	case m.bodyBytes+len(m.head)+len(chunk) > l.MessageBytes:
		return m.drop(limitMessage)
	}
	m.bodyBytes += len(chunk)
	last := len(m.body) - 1
	if last < 0 || len(chunk) >= pieceBytes {
		m.body = append(m.body, chunk)
		m.bodyRoom += cap(chunk)
		return ""
	}
	m.bodyRoom -= cap(m.body[last])
	m.body[last] = append(m.body[last], chunk...)
	m.bodyRoom += cap(m.body[last])
	return ""
}

// wholeBody joins the pieces: most messages have but one.
func (m *message) wholeBody() []byte {
	if len(m.body) > 1 {
		m.body = [][]byte{bytes.Join(m.body, nil)}
	}
	if len(m.body) == 0 {
		return nil
	}
	return m.body[0]
}

// drop lets go of a message that is past a limit. Whose it would have been is
// still to be asked where there was no room for it.
func (m *message) drop(l limit) limit {
	dropped := message{begun: m.begun, sender: m.sender, over: l, held: m.held}
	if l == limitMemory {
		dropped.recipients, dropped.written = m.recipients, m.written
	}
	*m = dropped
	return l
}

// header is the header section. Its fields share one array.
func (m *message) header() mail.Header {
	h := make(mail.Header, len(m.fields))
	for i, f := range m.fields {
		h[i] = mail.Field{
			Name: string(m.head[f.start:f.colon]),
			Raw:  m.head[f.start:f.end:f.end],
		}
	}
	return h
}

// appendFolded appends a header value with CRLF for each line end. MTAs give LF;
// where one gives CRLF it stays. A line that does not begin with white space
// would be a field of its own for whoever reads these bytes again: it is folded.
func appendFolded(dst, value []byte) []byte {
	for {
		at := bytes.IndexByte(value, '\n')
		if at < 0 {
			return append(dst, value...)
		}
		line := bytes.TrimSuffix(value[:at], []byte{'\r'})
		dst = append(append(dst, line...), '\r', '\n')
		value = value[at+1:]
		if len(value) == 0 || value[0] != ' ' && value[0] != '\t' {
			dst = append(dst, ' ')
		}
	}
}
