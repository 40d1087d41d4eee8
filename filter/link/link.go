package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"
)

// What is wrong with a link. In each case it gives no authority.
var (
	ErrForged  = errors.New("link is not ours")
	ErrExpired = errors.New("link has expired") // is ours
	ErrOther   = errors.New("link is for another recipient")
)

// Link is the authority to act on one item.
type Link struct {
	Item    string    // of the quarantine
	Digest  string    // that it was sent in
	Expires time.Time // to the second

	bound []byte // HMAC over the recipient
	key   []byte // that signed it
}

// ID is what the quarantine knows a link by when it is used up.
func (l *Link) ID() string { return l.Item + "." + l.Digest }

// Token writes a link to an item for a recipient, as one segment of a path.
func (k *Keys) Token(l Link, recipient string) string {
	key := k.all[0]
	text := strings.Join([]string{"1", l.Item, l.Digest, strconv.FormatInt(l.Expires.Unix(), 36), encode(bind(key, recipient))}, ".")
	return text + "." + encode(sum(key, "sekisho link 1", text))
}

// Check reads a link that is genuine and has not expired. Whether it is the
// recipient's is for For to say, once the item is known.
func (k *Keys) Check(token string, now time.Time) (Link, error) {
	at := strings.LastIndexByte(token, '.')
	if len(token) > maxToken || at < 0 {
		return Link{}, ErrForged
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(token[at+1:])
	if err != nil {
		return Link{}, ErrForged
	}
	for _, key := range k.all {
		if !hmac.Equal(mac, sum(key, "sekisho link 1", token[:at])) {
			continue
		}
		// We have written it, so it is as we write.
		part := strings.Split(token[:at], ".")
		if len(part) != 5 || part[0] != "1" {
			return Link{}, ErrForged
		}
		expires, err1 := strconv.ParseInt(part[3], 36, 64)
		bound, err2 := base64.RawURLEncoding.Strict().DecodeString(part[4])
		if errors.Join(err1, err2) != nil {
			return Link{}, ErrForged
		}
		l := Link{Item: part[1], Digest: part[2], Expires: time.Unix(expires, 0), bound: bound, key: key}
		if !now.Before(l.Expires) {
			return l, ErrExpired
		}
		return l, nil
	}
	return Link{}, ErrForged
}

// For returns ErrOther unless the link was written for a recipient.
func (l *Link) For(recipient string) error {
	if len(l.bound) == 0 || !hmac.Equal(l.bound, bind(l.key, recipient)) {
		return ErrOther
	}
	return nil
}

// Form is what a form on the page of a link has to bring back: it shows that who acts
// has seen the page.
func (l *Link) Form() string {
	return encode(sum(l.key, "sekisho form 1", l.Item, l.Digest, strconv.FormatInt(l.Expires.Unix(), 10)))
}

// Seen reports whether a form came from the page of the link.
func (l *Link) Seen(form string) bool { return hmac.Equal([]byte(form), []byte(l.Form())) }

// bind compares addresses as mailboxes do: by no case.
func bind(key []byte, recipient string) []byte {
	return sum(key, "sekisho recipient 1", strings.ToLower(recipient))[:bindBytes]
}

// sum is the HMAC over some texts, each with its length before it, so that nothing can
// move from one to the next.
func sum(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
