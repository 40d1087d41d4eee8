package stamp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sekisho/filter/mail"
)

// Field is the name of the header field that bears a stamp.
const Field = "X-Sekisho-Release"

// Kind is why we send a message.
type Kind string

const (
	Release Kind = "release" // an original that was held
	Copy    Kind = "copy"    // one that was judged and marked, for some of its recipients
	Digest  Kind = "digest"  // a list of what is held for its recipient
	Report  Kind = "report"  // of a held message, to a brand or an abuse desk
)

// What is wrong with a stamp. In each case it counts for nothing.
var (
	ErrNone    = errors.New("no stamp")
	ErrForged  = errors.New("stamp is not ours")                          // or not for this recipient
	ErrExpired = errors.New("stamp has expired")                          // is ours
	ErrAltered = errors.New("message is not the one that was stamped")    // is ours
	ErrShared  = errors.New("stamp is for one recipient, not for others") // is looked at no further
)

// Stamp says what was sent.
type Stamp struct {
	Kind    Kind
	Item    string    // of the quarantine; of a Digest or a Report, which
	Nonce   string    // different for each attempt to send it
	Expires time.Time // to the second
}

// Seal returns the header field, with its line end, that makes message one of ours
// to a recipient.
func (k *Key) Seal(s Stamp, recipient string, message []byte) []byte {
	d := of(split(message))
	return fmt.Appendf(nil, "%s: v=1; k=%s; i=%s; n=%s; x=%d;\r\n\td=%s;\r\n\tb=%s\r\n", Field, s.Kind, s.Item, s.Nonce, s.Expires.Unix(),
		base64.StdEncoding.EncodeToString(d[:]), base64.StdEncoding.EncodeToString(k.sum(s, recipient, d)))
}

// sum is the HMAC over all that a stamp binds, each with its length before it, so
// that nothing can move from one to the next.
func (k *Key) sum(s Stamp, recipient string, d digest) []byte {
	h := hmac.New(sha256.New, k.secret)
	for _, part := range []string{"sekisho release 1", string(s.Kind), s.Item, s.Nonce, strconv.FormatInt(s.Expires.Unix(), 10), recipient, string(d[:])} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

// Check looks for a stamp of ours on a message and returns it. When there are
// several, one that is good counts; when none is, the error tells of the topmost.
func (k *Key) Check(recipients []string, h mail.Header, body []byte, now time.Time) (Stamp, error) {
	first, looked := ErrNone, 0
	for _, f := range h {
		if !isStamp(f.Name) {
			continue
		}
		if looked++; looked > maxStamps {
			break
		}
		s, err := k.check(f, recipients, h, body, now)
		if err == nil {
			return s, nil
		}
		if looked == 1 {
			first = err
		}
	}
	return Stamp{}, first
}

func (k *Key) check(f mail.Field, recipients []string, h mail.Header, body []byte, now time.Time) (Stamp, error) {
	s, d, sum, ok := parse(f)
	switch {
	case !ok:
		return s, ErrForged
	case len(recipients) != 1:
		return s, ErrShared
	case !hmac.Equal(sum, k.sum(s, recipients[0], d)):
		return s, ErrForged
	case !now.Before(s.Expires):
		return s, ErrExpired
	}
	for added := 0; ; added++ {
		if d == of(h, body) {
			return s, nil
		}
		if added == maxAdded || !isAdded(h) {
			return s, ErrAltered
		}
		h = h[:len(h)-1]
	}
}

// parse reads a field as Seal writes it.
func parse(f mail.Field) (s Stamp, d digest, sum []byte, ok bool) {
	_, value, _ := strings.Cut(string(f.Raw), ":")
	if len(value) > maxValue {
		return s, d, nil, false
	}
	tags := make(map[string]string, 7)
	for tag := range strings.SplitSeq(value, ";") {
		name, text, ok := strings.Cut(strings.TrimSpace(tag), "=")
		if _, twice := tags[name]; !ok || twice {
			return s, d, nil, false
		}
		tags[name] = text
	}
	expires, err := strconv.ParseInt(tags["x"], 10, 64)
	hash, hashErr := base64.StdEncoding.Strict().DecodeString(tags["d"])
	sum, sumErr := base64.StdEncoding.Strict().DecodeString(tags["b"])
	s = Stamp{Kind: Kind(tags["k"]), Item: tags["i"], Nonce: tags["n"], Expires: time.Unix(expires, 0)}
	if len(tags) != 7 || tags["v"] != "1" || errors.Join(err, hashErr, sumErr) != nil || len(hash) != len(d) {
		return s, d, nil, false
	}
	return s, digest(hash), sum, slices.Contains([]Kind{Release, Copy, Digest, Report}, s.Kind)
}
