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
	return s.signAs(tb, raw, dkim.CanonicalizationRelaxed)
}

// signSimple is sign in the form that no byte may change under.
func (s *signer) signSimple(tb testing.TB, raw []byte) []byte {
	tb.Helper()
	return s.signAs(tb, raw, dkim.CanonicalizationSimple, "X-Odd", "X-Folded")
}

func (s *signer) signAs(tb testing.TB, raw []byte, form dkim.Canonicalization, more ...string) []byte {
	tb.Helper()
	var b bytes.Buffer
	err := dkim.Sign(&b, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: s.domain, Selector: "e2e", Signer: s.key, Hash: crypto.SHA256,
		HeaderCanonicalization: form, BodyCanonicalization: form,
		HeaderKeys: append([]string{"From", "To", "Subject", "Date", "Message-ID"}, more...),
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

// odd is such a message with white space wherever a milter could lose it.
func odd(domain, id string) []byte {
	raw := from(domain, id)
	raw = bytes.Replace(raw, []byte("Subject: "), []byte("X-Odd:no blank\r\nX-Folded:  two\r\n\t tabs \r\n and a blank \r\nSubject:\t"), 1)
	return append(raw, " \t\r\n.\r\n..\r\n\r\nend  \r\n\r\n\r\n"...)
}

// twoAuthors is a message with a second author.
func twoAuthors(domain, second, id string) []byte {
	return bytes.Replace(from(domain, id), []byte("\r\nTo:"), []byte(", <jiro@"+second+">\r\nTo:"), 1)
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
