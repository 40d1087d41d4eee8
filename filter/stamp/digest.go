package stamp

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"

	"sekisho/filter/mail"
)

// digest is the hash of a message without its stamps.
type digest [sha256.Size]byte

// of is the digest of a message in parts.
func of(h mail.Header, body []byte) digest {
	hash := sha256.New()
	for _, f := range h {
		if !isStamp(f.Name) {
			hash.Write(f.Raw)
		}
	}
	hash.Write([]byte("\r\n"))
	for bytes.HasSuffix(body, []byte("\r\n")) {
		body = body[:len(body)-2]
	}
	hash.Write(body)
	return digest(hash.Sum(nil))
}

// split takes a message with CRLF line ends apart: the fields end at the first
// empty line.
func split(message []byte) (h mail.Header, body []byte) {
	for len(message) > 0 && !bytes.HasPrefix(message, []byte("\r\n")) {
		n := fieldEnd(message)
		name, _, _ := bytes.Cut(message[:n], []byte(":"))
		h = append(h, mail.Field{Name: string(name), Raw: message[:n]})
		message = message[n:]
	}
	return h, bytes.TrimPrefix(message, []byte("\r\n"))
}

// fieldEnd is where the first field of b ends, with its folded lines (RFC 5322,
// section 2.2.3).
func fieldEnd(b []byte) int {
	for at := 0; ; {
		n := bytes.Index(b[at:], []byte("\r\n"))
		if n < 0 {
			return len(b)
		}
		at += n + 2
		if at == len(b) || b[at] != ' ' && b[at] != '\t' {
			return at
		}
	}
}

// isStamp reports whether a field is a stamp by its name, however it is written.
func isStamp(name string) bool { return strings.EqualFold(strings.TrimRight(name, " \t"), Field) }

// mended lists what an MTA adds to a header that lacks it, and with "resent-" before
// it to that of a message that somebody has sent on (RFC 5322, section 3.6.6).
var mended = []string{"from", "to", "date", "message-id"}

const resent = "resent-"

// isAdded reports whether the last field of h may have been added by an MTA: what is
// there already is not added.
func isAdded(h mail.Header) bool {
	if len(h) == 0 {
		return false
	}
	name, rest := strings.ToLower(h[len(h)-1].Name), h[:len(h)-1]
	plain, again := strings.CutPrefix(name, resent)
	return slices.Contains(mended, plain) &&
		!slices.ContainsFunc(rest, func(f mail.Field) bool { return strings.EqualFold(f.Name, name) }) &&
		(!again || slices.ContainsFunc(rest, func(f mail.Field) bool {
			return strings.HasPrefix(strings.ToLower(f.Name), resent)
		}))
}
