package e2e

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// signer signs for one domain; its key lasts as long as the test.
type signer struct {
	domain string
	key    ed25519.PrivateKey
}

func newSigner(tb testing.TB, domain string) *signer {
	tb.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &signer{domain: domain, key: key}
}

// record is the key as the zone publishes it (RFC 8463).
func (s *signer) record() string {
	p := base64.StdEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
	return fmt.Sprintf("e2e._domainkey.%s. TXT \"v=DKIM1; k=ed25519; p=%s\"\n", s.domain, p)
}

// sign returns raw with a signature on top.
func (s *signer) sign(tb testing.TB, raw []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	err := dkim.Sign(&b, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: s.domain, Selector: "e2e", Signer: s.key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// from is a message by that domain's taro.
func from(domain, id string) []byte {
	return bytes.ReplaceAll(letter(id, "hello"), []byte("tomodachi.test"), []byte(domain))
}

// footer is what a mailing list adds.
func footer(raw []byte) []byte {
	return append(raw[:len(raw):len(raw)], "-- \r\nthe list's footer\r\n"...)
}

// results returns the words of our Authentication-Results field, one a line.
func results(data []byte) string {
	field, _, _ := strings.Cut(string(data), "\r\nX-Sekisho")
	return strings.ReplaceAll(strings.Join(strings.Fields(field), " "), "; ", "\n")
}
