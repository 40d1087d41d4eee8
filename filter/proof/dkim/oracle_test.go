package dkim

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"net"
	"strings"
	"testing"

	oracle "github.com/emersion/go-msgauth/dkim"

	"sekisho/filter/proof/internal/signature"
)

// signer holds keys of both kinds and the zone that publishes them.
type signer struct {
	ed   ed25519.PrivateKey
	rsa  *rsa.PrivateKey
	zone zone
}

func newSigner(t testing.TB) *signer {
	t.Helper()
	public, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	return &signer{ed: ed, rsa: key, zone: zone{
		"ed._domainkey.example.org":  {"v=DKIM1; k=ed25519; p=" + b64(public)},
		"rsa._domainkey.example.org": {"v=DKIM1; p=" + b64(der)},
	}}
}

// sign puts the oracle's signature on top of a message.
func (s *signer) sign(t testing.TB, selector string, header, body signature.Form, names []string, message []byte) []byte {
	t.Helper()
	var key crypto.Signer = s.ed
	if selector == "rsa" {
		key = s.rsa
	}
	var out bytes.Buffer
	err := oracle.Sign(&out, bytes.NewReader(message), &oracle.SignOptions{
		Domain: "example.org", Selector: selector, Signer: key, HeaderKeys: names,
		HeaderCanonicalization: oracle.Canonicalization(header), BodyCanonicalization: oracle.Canonicalization(body),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (s *signer) verify(t testing.TB, message []byte) []Signature {
	h, body := split(message)
	return (&Verifier{Resolver: s.zone}).Verify(t.Context(), h, body, nil)
}

// oracleVerify returns whether each signature passes by the oracle.
func (s *signer) oracleVerify(t testing.TB, message []byte) []bool {
	t.Helper()
	got, err := oracle.VerifyWithOptions(bytes.NewReader(message), &oracle.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) { return s.zone.LookupTXT(t.Context(), name) },
	})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]bool, len(got))
	for i, v := range got {
		out[i] = v.Err == nil
	}
	return out
}

// tidy makes every line end CRLF: a bare CR means different things to the two.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "").Replace(s)
	return strings.ReplaceAll(s, "\n", "\r\n")
}

// FuzzOracle signs a message with the oracle and verifies it with both, as it
// is and damaged: the results must be equal, and a signature over the message
// as it is must pass.
func FuzzOracle(f *testing.F) {
	s := newSigner(f)
	f.Add("Subject: a  b\r\n\tc\r\nX:\r\n", "Hi  you \t\r\n\r\n x\ty\r\n\r\n", "Hi  you \t\r\n\r\n x y\r\n\r\n", uint8(0))
	f.Add("A : b", "", "\r\n", uint8(1))
	f.Add("subject:x\nSubject: y", "no end of line  ", "no end of line", uint8(2))
	f.Add("", strings.Repeat("0123456 ", 20)+"\t\r\n"+strings.Repeat(" \r\n", 9), "\r\n\r\n \r\n", uint8(3))
	f.Fuzz(func(t *testing.T, fields, body, other string, forms uint8) {
		header := "From: a@example.org\r\n"
		for line := range strings.Lines(tidy(fields)) {
			line = strings.TrimRight(line, "\r\n")
			name, _, ok := strings.Cut(line, ":")
			if ok && strings.TrimSpace(name) == name && isToken(name) && !strings.EqualFold(name, "dkim-signature") {
				header += line + "\r\n"
			}
		}
		body, other = tidy(body), tidy(other)
		pick := func(bit uint8) signature.Form {
			if forms&bit != 0 {
				return signature.Relaxed
			}
			return signature.Simple
		}
		signed := s.sign(t, "ed", pick(1), pick(2), nil, []byte(header+"\r\n"+body))
		if got := s.verify(t, signed); len(got) != 1 || got[0].Result != Pass {
			t.Fatalf("%q: %+v", signed, got)
		}
		damaged := append(bytes.TrimSuffix(signed, []byte(body)), other...)
		got, want := s.verify(t, damaged), s.oracleVerify(t, damaged)
		if len(got) != 1 || len(want) != 1 || (got[0].Result == Pass) != want[0] {
			t.Fatalf("%q: %+v, oracle %v", damaged, got, want)
		}
	})
}

func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ';' { // h= cannot hold a semicolon
			return false
		}
	}
	return s != ""
}

// TestBetterThanOracle holds the two cases that the oracle gets wrong and that
// no caller of it can mend.
func TestBetterThanOracle(t *testing.T) {
	s := newSigner(t)
	t.Run("i= in other case than d=", func(t *testing.T) {
		message := s.craft(t, "i=@Mail.EXAMPLE.org; ")
		if got := s.verify(t, message); got[0].Result != Pass {
			t.Errorf("ours: %+v", got)
		}
		if s.oracleVerify(t, message)[0] {
			t.Error("the oracle passes it now: this test has lost its point")
		}
	})
	t.Run("z= holds b=", func(t *testing.T) {
		message := s.craft(t, "z=X-Web:a=20b=20c|Subject:b=3D1; ")
		if got := s.verify(t, message); got[0].Result != Pass {
			t.Errorf("ours: %+v", got)
		}
		if s.oracleVerify(t, message)[0] {
			t.Error("the oracle passes it now: this test has lost its point")
		}
	})
}

// craft makes a message signed with Ed25519 and extra tags.
func (s *signer) craft(t testing.TB, tags string) []byte {
	t.Helper()
	return s.craftFor(t, "d=example.org; s=ed; ", tags)
}

// craftFor is craft for another domain and selector.
func (s *signer) craftFor(t testing.TB, domain, tags string) []byte {
	t.Helper()
	const rest = "From: a@example.org\r\nSubject: hello\r\n\r\nbody\r\n"
	bh := sha256.Sum256([]byte("body\r\n"))
	field := "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; h=from:subject; " + domain +
		tags + "bh=" + base64.StdEncoding.EncodeToString(bh[:]) + "; b="
	text := signature.Relaxed.AppendField([]byte("from:a@example.org\r\nsubject:hello\r\n"), []byte(field))
	sum := sha256.Sum256(bytes.TrimSuffix(text, crlf))
	made := ed25519.Sign(s.ed, sum[:])
	return []byte(field + base64.StdEncoding.EncodeToString(made) + "\r\n" + rest)
}

// TestTemporaryIsKept holds that only a definite "no such name" is permanent.
func TestTemporaryIsKept(t *testing.T) {
	s := newSigner(t)
	message := s.craft(t, "")
	for _, test := range []struct {
		name    string
		records []string
		want    Result
	}{
		{"timeout", []string{silence}, TempError},
		{"server failure", []string{refusal}, TempError},
		{"nothing", nil, PermError},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.records == nil {
				delete(s.zone, "ed._domainkey.example.org")
			} else {
				s.zone["ed._domainkey.example.org"] = test.records
			}
			if got := s.verify(t, message); got[0].Result != test.want {
				t.Errorf("%+v, want %s", got, test.want)
			}
		})
	}
}

var _ Resolver = (*net.Resolver)(nil)
