package arc

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"sekisho/filter/proof/internal/signature"
)

// benchLetter has a body of 20 KB of short lines, one in four indented, and the
// fields that most messages have.
func benchLetter() letter {
	l := newLetter()
	for i := range 8 {
		l.fields = append(l.fields, fmt.Sprintf("Received: from a%d.example (a%d.example [192.0.2.1]) by mx.example with ESMTPS\r\n\tid 4abc; Tue, 24 Nov 2026 00:00:00 +0000", i, i))
	}
	l.body = strings.Repeat(strings.Repeat("The quick brown fox jumps over the lazy dog, and it goes on and on here.\r\n", 3)+"    an indented line\r\n", 20<<10/244)
	return l
}

// BenchmarkVerify compares a whole verification with its floor: SHA-256 over the
// body and one RSA verification for each seal and each message signature.
func BenchmarkVerify(b *testing.B) {
	s := newSealer(b)
	for _, n := range []int{1, 5} {
		l := s.chain(b, benchLetter(), n, hop{rsa: true})
		h, body := l.header(), []byte(l.body)
		v := Verifier{Resolver: s.zone}
		b.Run(fmt.Sprintf("20KB/%d/ours", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := v.Verify(b.Context(), h, body); got.Result != Pass || got.OldestPass != 0 {
					b.Fatalf("%+v", got)
				}
			}
		})
		b.Run(fmt.Sprintf("20KB/%d/floor", n), func(b *testing.B) {
			sum := sha256.Sum256(body)
			sig, err := rsa.SignPKCS1v15(nil, s.rsa, crypto.SHA256, sum[:])
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				sum := sha256.Sum256(body)
				for range 2 * n {
					if rsa.VerifyPKCS1v15(&s.rsa.PublicKey, crypto.SHA256, sum[:], sig) != nil {
						b.Fatal("floor")
					}
				}
			}
		})
		b.Run(fmt.Sprintf("20KB/%d/body hashed", n), func(b *testing.B) { // as where DKIM came first
			m := signature.NewMessage(h, body)
			v.VerifyMessage(b.Context(), m)
			for b.Loop() {
				v.VerifyMessage(b.Context(), m)
			}
		})
	}
	b.Run("20KB/none", func(b *testing.B) {
		l := benchLetter()
		h, body := l.header(), []byte(l.body)
		b.ReportAllocs()
		for b.Loop() {
			(&Verifier{Resolver: s.zone}).Verify(b.Context(), h, body)
		}
	})
}

// BenchmarkHostile measures the worst that the limits let through: a chain of as
// many sets as there may be, with long keys and fields, that passes to the end.
func BenchmarkHostile(b *testing.B) {
	s := newSealer(b)
	key, err := rsa.GenerateKey(rand.Reader, 4096)
	if err != nil {
		b.Fatal(err)
	}
	s.rsa = key
	s.zone["rsa._domainkey.s.example"] = "p=" + base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	s.zone["ed._domainkey.s.example"] = "p="
	l := newLetter()
	l.body = strings.Repeat(" a", 512<<10)
	names := "from" + strings.Repeat(":x", signature.MaxSignedNames-1)
	l.fields = append(l.fields, strings.Split(strings.TrimSuffix(strings.Repeat("X: y|", signature.MaxSignedNames), "|"), "|")...)
	l = s.chain(b, l, MaxSets, hop{rsa: true, domain: "s.example", names: names, results: "s" + strings.Repeat("\r\n x", 4000)})
	h, body := l.header(), []byte(l.body)
	v := Verifier{Resolver: s.zone}
	for b.Loop() {
		if got := v.Verify(b.Context(), h, body); got.Result != Pass {
			b.Fatalf("%s (%s)", got.Result, got.Reason)
		}
	}
}
