package dkim

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	oracle "github.com/emersion/go-msgauth/dkim"

	"sekisho/filter/mail"
	"sekisho/filter/proof/internal/signature"
)

// benchBody is text with short lines, some indented, as mail has it.
func benchBody(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		switch i % 8 {
		case 3:
			b.WriteString("    <td class=\"x\">Guten Tag, dies ist eine Zeile mit Einzug</td>\r\n")
		case 5:
			b.WriteString("\r\n")
		default:
			b.WriteString("The quick brown fox jumps over the lazy dog, and it goes on and on here.\r\n")
		}
	}
	return b.String()[:size]
}

const benchHeader = "Received: from a.example.org (a.example.org [192.0.2.1]) by mx.example.net\r\n\twith ESMTPS id 4abc for <b@example.net>; Thu, 1 Jan 2026 00:00:00 +0000\r\n" +
	"From: Example Newsletter <news@example.org>\r\nTo: Somebody <b@example.net>\r\nSubject: =?UTF-8?B?44GK55+l44KJ44Gb?= this month\r\n\t=?UTF-8?B?44GK55+l44KJ44Gb?=\r\n" +
	"Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <0123456789abcdef@example.org>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=\"=_0123456789\"\r\nList-Unsubscribe: <https://example.org/u/0123456789>\r\nReply-To: <reply@example.org>\r\n"

var benchNames = []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Reply-To", "List-Unsubscribe"}

// BenchmarkVerify compares a whole verification with its floor: SHA-256 over
// the body once and one RSA operation for each signature. The ratio of the two
// is in doc.go.
func BenchmarkVerify(b *testing.B) {
	s := newSigner(b)
	for _, size := range []int{2 << 10, 20 << 10, 80 << 10, 1 << 20} {
		for _, n := range []int{1, 4} {
			for _, f := range []signature.Form{signature.Simple, signature.Relaxed} {
				message := []byte(benchHeader + "\r\n" + benchBody(size))
				for range n {
					message = s.sign(b, "rsa", signature.Relaxed, f, benchNames, message)
				}
				h, body := split(message)
				v := Verifier{Resolver: s.zone}
				name := fmt.Sprintf("%dKB/%d/%s", size>>10, n, f)
				b.Run(name+"/ours", func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if sigs := v.Verify(b.Context(), h, body, nil); sigs[0].Result != Pass {
							b.Fatal(sigs)
						}
					}
				})
				b.Run(name+"/floor", func(b *testing.B) {
					sum := sha256.Sum256(body)
					sig, err := rsa.SignPKCS1v15(nil, s.rsa, crypto.SHA256, sum[:])
					if err != nil {
						b.Fatal(err)
					}
					for b.Loop() {
						sum := sha256.Sum256(body)
						for range n {
							if rsa.VerifyPKCS1v15(&s.rsa.PublicKey, crypto.SHA256, sum[:], sig) != nil {
								b.Fatal("floor")
							}
						}
					}
				})
				b.Run(name+"/oracle", func(b *testing.B) {
					for b.Loop() {
						_, err := oracle.VerifyWithOptions(bytes.NewReader(message), &oracle.VerifyOptions{
							LookupTXT: func(name string) ([]string, error) { return s.zone.LookupTXT(b.Context(), name) },
						})
						if err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// BenchmarkHostile measures the worst that the limits let through: as many
// signatures, names, fields and header bytes as there may be, and long keys.
func BenchmarkHostile(b *testing.B) {
	s := newSigner(b)
	key, err := rsa.GenerateKey(rand.Reader, 4096)
	if err != nil {
		b.Fatal(err)
	}
	s.zone["rsa._domainkey.example.org"] = []string{"p=" + base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&key.PublicKey))}
	body := bytes.Repeat([]byte("\ta"), 512<<10)
	sum := sha256.Sum256([]byte(strings.Repeat(" a", 512<<10) + "\r\n")) // the relaxed form
	bh := base64.StdEncoding.EncodeToString(sum[:])
	h := mail.Header{}
	for range MaxSignatures {
		h = append(h, field("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=rsa; h=from:x"+
			strings.Repeat(":x", signature.MaxSignedNames-2)+"; bh="+bh+"; b="+base64.StdEncoding.EncodeToString(make([]byte, 512))))
	}
	for len(h) < signature.MaxFields {
		h = append(h, field("X:"+strings.Repeat("\r\n a", (signature.MaxHeaderBytes/signature.MaxFields-20)/4)))
	}
	v := Verifier{Resolver: s.zone}
	for b.Loop() {
		if got := v.Verify(b.Context(), h, body, nil); got[0].Result != Fail || got[0].Reason == "the body was changed" {
			b.Fatalf("%+v", got[0])
		}
	}
}
