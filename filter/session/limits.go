package session

import "errors"

// Limits bounds what one message may cost. A zero field means its default.
// A message at the limit is judged, one past it is not: then Oversize says what
// happens, or for recipients, that the sender is asked to send fewer at a time.
type Limits struct {
	MessageBytes int // header and body (default 64 MiB; Postfix takes 10 MB by default)
	HeaderBytes  int // all fields (default 1 MiB)
	HeaderFields int // number of fields (default 2,000)
	MemoryBytes  int // of all messages that are coming in or being judged (default 256 MiB); one more is answered 452 4.3.1
	Recipients   int // number of recipients (default 2,000; Postfix takes 1,000 by default, RFC 5321 section 4.5.3.1.8 asks for 100)
}

// Defaults of Limits.
const (
	DefaultMessageBytes = 64 << 20
	DefaultHeaderBytes  = 1 << 20
	DefaultHeaderFields = 2000
	DefaultMemoryBytes  = 256 << 20
	DefaultRecipients   = 2000
)

// Limits that nobody needs to change.
const (
	maxReplyLine   = 510      // without CRLF: RFC 5321, section 4.5.3.1.5
	maxHoldReason  = 200      // bytes; Postfix does not show it
	maxEditBytes   = 64 << 10 // one header value that we write
	maxHeaderIndex = 1 << 16  // of an edit
	maxBodyPiece   = 65535    // of a body that we replace: MILTER_CHUNK_SIZE of libmilter
)

// Oversize says what becomes of a message past a limit. The zero value is Reject.
type Oversize string

const (
	OversizeReject   Oversize = "reject"   // 552 5.3.4: the sender hears of it at once
	OversizeTempfail Oversize = "tempfail" // 451 4.3.4: the sender tries again, until an operator raises the limit
	OversizeContinue Oversize = "continue" // delivered as it is, not judged and without our header fields
)

func (o Oversize) valid() bool {
	return o == OversizeReject || o == OversizeTempfail || o == OversizeContinue
}

// fill returns the limits with the defaults in place of zeros.
func (l Limits) fill() (Limits, error) {
	for _, f := range []struct {
		value   *int
		instead int
	}{
		{&l.MessageBytes, DefaultMessageBytes},
		{&l.HeaderBytes, DefaultHeaderBytes},
		{&l.HeaderFields, DefaultHeaderFields},
		{&l.MemoryBytes, DefaultMemoryBytes},
		{&l.Recipients, DefaultRecipients},
	} {
		if *f.value < 0 {
			return l, errors.New("session: a limit is negative")
		}
		if *f.value == 0 {
			*f.value = f.instead
		}
	}
	return l, nil
}

// limit names a limit that a message passed; "" is none.
type limit string

const (
	limitMessage    limit = "message_bytes"
	limitHeader     limit = "header_bytes"
	limitFields     limit = "header_fields"
	limitRecipients limit = "recipients"
	limitMemory     limit = "memory_bytes"
)

func limits() []limit {
	return []limit{limitMessage, limitHeader, limitFields, limitRecipients, limitMemory}
}
