package arc

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"sekisho/filter/proof/internal/signature"
)

// TestLimits holds each limit, and one past it.
func TestLimits(t *testing.T) {
	s := newSealer(t)
	results := func(n int) letter {
		return s.seal(t, newLetter(), hop{results: strings.Repeat("x", n-len(nameResults+": i=1; \r\n"))})
	}
	keys := func(n int) letter {
		l := newLetter()
		for range n - 1 {
			l = s.seal(t, l, hop{})
		}
		return s.seal(t, l, hop{rsa: true, domain: "s1.example"}) // a key of another name
	}
	bytes := func(n int) letter {
		l := newLetter()
		size := 0
		for _, f := range s.seal(t, l, hop{}).header() {
			size += len(f.Raw)
		}
		l.fields = append(l.fields, "X:"+strings.Repeat("y", n-size-len("X:\r\n")))
		return s.seal(t, l, hop{})
	}
	fields := func(n int) letter {
		l := newLetter()
		for len(l.fields) < n-3 {
			l.fields = append(l.fields, "X: y")
		}
		return s.seal(t, l, hop{})
	}
	sets := func(n int) letter { return s.chain(t, newLetter(), n, hop{domain: "s.example"}) }
	tests := []struct {
		name   string
		l      letter
		want   Result
		reason string
	}{
		{"sets", sets(MaxSets), Pass, ""}, {"too many sets", sets(MaxSets + 1), Fail, "instance of 1 to 50"},
		{"results", results(MaxResultsBytes), Pass, ""}, {"results too long", results(MaxResultsBytes + 1), Fail, "too long"},
		{"keys", keys(MaxKeys), Pass, ""}, {"too many keys", keys(MaxKeys + 1), Fail, "too many keys"},
		{"header bytes", bytes(signature.MaxHeaderBytes), Pass, ""}, {"too many header bytes", bytes(signature.MaxHeaderBytes + 1), Fail, "too large"},
		{"fields", fields(signature.MaxFields), Pass, ""}, {"too many fields", fields(signature.MaxFields + 1), Fail, "too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := s.verify(t, test.l)
			if got.Result != test.want || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.Result, got.Reason, test.want, test.reason)
			}
		})
	}
}

// TestKeyLength holds the lengths of RSA keys that are used. The keys are no
// keys of the seals: what matters is what they are refused for.
func TestKeyLength(t *testing.T) {
	for bits, reason := range map[int]string{
		signature.MinKeyBits - 8: "key is too short", signature.MinKeyBits: "header was changed",
		MaxKeyBits: "header was changed", MaxKeyBits + 8: "key is too long",
	} {
		s := newSealer(t)
		l := s.seal(t, newLetter(), hop{rsa: true})
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		public := rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
		s.zone["rsa._domainkey.s1.example"] = "p=" + base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&public))
		if got := s.verify(t, l); got.Result != Fail || !strings.Contains(got.Reason, reason) {
			t.Errorf("%d bits: %s (%s), want %s", bits, got.Result, got.Reason, reason)
		}
	}
}

// TestOlderKeysYield holds that the keys of older message signatures, which only
// tell how far back the message is unchanged, get what room is left.
func TestOlderKeysYield(t *testing.T) {
	s := newSealer(t)
	l := newLetter()
	for i := 1; i <= MaxKeys; i++ {
		l = s.seal(t, l, hop{domain: "s.example", signer: fmt.Sprintf("m%d.example", i)})
	}
	a := asked{zone: s.zone}
	got := (&Verifier{Resolver: &a}).Verify(t.Context(), l.header(), []byte(l.body))
	if got.Result != Pass || got.OldestPass != 2 || len(a.names) != MaxKeys {
		t.Errorf("%s (%s), oldest %d, %d look-ups", got.Result, got.Reason, got.OldestPass, len(a.names))
	}
}
