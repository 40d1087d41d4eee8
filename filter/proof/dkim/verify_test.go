package dkim

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sekisho/filter/mail"
	"sekisho/filter/proof/internal/signature"
	"sekisho/filter/proof/internal/taglist"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func field(line string) mail.Field {
	name, _, _ := strings.Cut(line, ":")
	return mail.Field{Name: name, Raw: []byte(line + "\r\n")}
}

// TestTags changes one tag of a good signature at a time.
func TestTags(t *testing.T) {
	s := newSigner(t)
	now := time.Now().Unix()
	tests := []struct {
		name, tags string
		want       Result
		reason     string
	}{
		{"nothing more", "", Pass, ""},
		{"unknown tag", "foo=bar; ", Pass, ""},
		{"empty tag", ";; ", Pass, ""},
		{"q=", "q=other:dns/txt; ", Pass, ""},
		{"old q=", "q=dns; ", Pass, ""},
		{"q= unknown", "q=http; ", PermError, "q= offers no way"},
		{"identity", "i=joe@mail.example.org; ", Pass, ""},
		{"identity quoted", "i=J=C3=B6=\r\n 20rg@example.org; ", Pass, ""},
		{"identity outside", "i=joe@badexample.org; ", PermError, "outside"},
		{"identity without @", "i=example.org; ", PermError, "no identity"},
		{"identity with a line end", "i=joe=0D=0A@example.org; ", PermError, "no identity"},
		{"identity cut off", "i=joe@example.org=4; ", PermError, "no identity"},
		{"length", "l=5; ", Policy, "l="},
		{"time", fmt.Sprintf("t=%d; x=%d; ", now-10, now+60), Pass, ""},
		{"expired", fmt.Sprintf("x=%d; ", now-10), PermError, "expired"},
		{"expires too early", fmt.Sprintf("t=%d; x=%d; ", now+20, now+10), PermError, "before it was made"},
		{"clock a bit ahead", fmt.Sprintf("t=%d; ", now+int64(signature.MaxClockSkew.Seconds())-60), Pass, ""},
		{"future", fmt.Sprintf("t=%d; ", now+int64(signature.MaxClockSkew.Seconds())+60), PermError, "future"},
		{"time is no number", "t=yesterday; ", PermError, "no time"},
		{"time of 12 digits", "x=999999999999; ", Pass, ""},
		{"time of 13 digits", "x=9999999999999; ", PermError, "no time"},
		{"doubled tag", "d=example.org; ", PermError, "twice"},
		{"no name", "=x; ", PermError, "malformed"},
		{"no equals sign", "foo; ", PermError, "malformed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := s.verify(t, s.craft(t, test.tags))
			if len(got) != 1 || got[0].Result != test.want || !strings.Contains(got[0].Reason, test.reason) {
				t.Errorf("%+v, want %s %q", got, test.want, test.reason)
			}
		})
	}
}

func TestReport(t *testing.T) {
	s := newSigner(t)
	s.zone["ed._domainkey.example.org"][0] += "; t=y"
	got := s.verify(t, s.craft(t, "i=joe@mail.example.org; t=1700000000; "))[0]
	want := Signature{
		Result: Pass, Domain: "example.org", Selector: "ed", Identity: "joe@mail.example.org", Algorithm: "ed25519-sha256",
		KeyBits: 256, Testing: true, Signed: time.Unix(1700000000, 0).UTC(), B: got.B,
	}
	if got != want || len(got.B) != 8 {
		t.Errorf("\n%+v, want\n%+v", got, want)
	}
	if got.Weak() {
		t.Error("an Ed25519 key is called weak")
	}
}

// TestKeys holds which key records may prove anything.
func TestKeys(t *testing.T) {
	s := newSigner(t)
	good := s.zone["ed._domainkey.example.org"][0]
	p := good[strings.Index(good, "p="):]
	tests := []struct {
		name    string
		records []string
		tags    string
		want    Result
		reason  string
	}{
		{"white space in p=", []string{"k=ed25519; p=" + p[2:10] + " \t\r\n " + p[10:]}, "", Pass, ""},
		{"no padding", []string{strings.TrimRight(good, "=")}, "", Pass, ""},
		{"padding inside", []string{strings.Replace(good, "p=", "p==", 1)}, "", PermError, "base64"},
		{"kind in capitals", []string{"k=ED25519; " + p}, "", Pass, ""},
		{"other hash", []string{good + "; h=sha1"}, "", PermError, "hash"},
		{"this hash", []string{good + "; h=sha1 : sha256"}, "", Pass, ""},
		{"other service", []string{good + "; s=chat"}, "", PermError, "not for mail"},
		{"any service", []string{good + "; s=chat:*"}, "", Pass, ""},
		{"strict", []string{good + "; t=s"}, "i=@example.org; ", Pass, ""},
		{"strict, subdomain", []string{good + "; t=y:s"}, "i=@mail.example.org; ", PermError, "subdomain"},
		{"revoked", []string{"k=ed25519; p="}, "", PermError, "revoked"},
		{"no p=", []string{"k=ed25519"}, "", PermError, "no p="},
		{"other version", []string{"v=DKIM2; k=ed25519; " + p}, "", PermError, "version"},
		{"other kind", []string{"k=dsa; " + p}, "", PermError, "k="},
		{"RSA where Ed25519 is asked for", s.zone["rsa._domainkey.example.org"], "", PermError, "another kind"},
		{"no base64", []string{"k=ed25519; p=***"}, "", PermError, "base64"},
		{"short Ed25519 key", []string{"k=ed25519; p=AAAA"}, "", PermError, "Ed25519"},
		{"no RSA key", []string{"p=AAAA"}, "", PermError, "RSA"},
		{"a record that is no key beside it", []string{"v=spf1 -all", good}, "", Pass, ""},
		{"only records that are no key", []string{"v=spf1 -all", "hello"}, "", PermError, "no key"},
		{"two keys", []string{good, good}, "", PermError, "several"},
		{"as many records as the limit", append([]string{good}, make([]string, signature.MaxKeyRecords-1)...), "", Pass, ""},
		{"one more", append([]string{good}, make([]string, signature.MaxKeyRecords)...), "", PermError, "too many"},
		{"as long as the limit", []string{padded(good, signature.MaxKeyBytes)}, "", Pass, ""},
		{"one byte longer", []string{padded(good, signature.MaxKeyBytes+1)}, "", PermError, "too long"},
		{"control bytes", []string{"\x00\x01\xff"}, "", PermError, "malformed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.zone["ed._domainkey.example.org"] = test.records
			got := s.verify(t, s.craft(t, test.tags))
			if got[0].Result != test.want || !strings.Contains(got[0].Reason, test.reason) {
				t.Errorf("%+v, want %s %q", got, test.want, test.reason)
			}
		})
	}
}

// TestKeyBits holds how long an RSA key has to be (RFC 8301, section 3.2).
func TestKeyBits(t *testing.T) {
	s := newSigner(t)
	t.Setenv("GODEBUG", "rsa1024min=0")
	for bits, want := range map[int]Result{signature.MinKeyBits - 1: Policy, signature.MinKeyBits: Pass} {
		var err error
		if s.rsa, err = rsa.GenerateKey(rand.Reader, bits); err != nil {
			t.Fatal(err)
		}
		s.zone["rsa._domainkey.example.org"] = []string{"p=" + base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&s.rsa.PublicKey))}
		got := s.verify(t, s.sign(t, "rsa", signature.Relaxed, signature.Relaxed, nil, []byte("From: a@example.org\r\n\r\nbody\r\n")))[0]
		if got.Result != want || got.KeyBits != bits || !got.Weak() {
			t.Errorf("%d bits: %+v, want %s", bits, got, want)
		}
	}
}

// TestInternational signs with a selector and a domain in U-labels, whose key is
// under their A-labels (RFC 8616, section 5).
func TestInternational(t *testing.T) {
	s := newSigner(t)
	s.zone["xn--hxajbheg2az3al._domainkey.xn--r8jz45g.jp"] = s.zone["ed._domainkey.example.org"]
	for _, tags := range []string{"d=例え.jp; s=παράδειγμα; ", "d=xn--r8jz45g.jp; s=xn--hxajbheg2az3al; "} {
		got := s.verify(t, s.craftFor(t, tags, ""))[0]
		if got.Result != Pass || got.Domain != "xn--r8jz45g.jp" || got.Selector != "xn--hxajbheg2az3al" {
			t.Errorf("%s: %+v", tags, got)
		}
	}
	if got := s.verify(t, s.craftFor(t, "d=例え.jp; s=\xff; ", ""))[0]; got.Result != PermError {
		t.Errorf("no UTF-8: %+v", got)
	}
}

// authentic is a zone whose answers DNSSEC has proved.
type authentic struct{ zone }

func (a authentic) LookupTXTAuthentic(ctx context.Context, name string) ([]string, bool, error) {
	records, err := a.LookupTXT(ctx, name)
	return records, true, err
}

// TestSecureKey holds that DNSSEC is told and changes nothing else.
func TestSecureKey(t *testing.T) {
	s := newSigner(t)
	h, body := split(s.craft(t, ""))
	plain := (&Verifier{Resolver: s.zone}).Verify(t.Context(), h, body, nil)[0]
	proved := (&Verifier{Resolver: authentic{s.zone}}).Verify(t.Context(), h, body, nil)[0]
	if plain.Secure || !proved.Secure {
		t.Errorf("%t, %t", plain.Secure, proved.Secure)
	}
	proved.Secure = false
	if plain != proved {
		t.Errorf("%+v\n%+v", plain, proved)
	}
}

func padded(record string, n int) string {
	record += "; n="
	return record + strings.Repeat("x", n-len(record))
}

// TestSizes holds the limits on the signature field and the header: at a limit
// a signature is still verified (and fails, being nonsense), past it it is not.
func TestSizes(t *testing.T) {
	s := newSigner(t)
	const head = "DKIM-Signature: v=1; a=ed25519-sha256; d=example.org; s=ed; bh=AAAA; b=AAAA; "
	names := func(n int) mail.Header {
		return mail.Header{field(head + "h=from" + strings.Repeat(":a", n-1))}
	}
	length := func(n int) mail.Header {
		line := head + "h=from; z="
		return mail.Header{field(line + strings.Repeat("x", n-2-len(line)))}
	}
	tags := func(n int) mail.Header {
		line := head + "h=from"
		for i := 7; i < n; i++ {
			line += fmt.Sprintf("; x%d=y", i)
		}
		return mail.Header{field(line)}
	}
	fields := func(n int) mail.Header {
		h := mail.Header{field(head + "h=from")}
		for len(h) < n {
			h = append(h, field("X: y"))
		}
		return h
	}
	bytes := func(n int) mail.Header {
		h := mail.Header{field(head + "h=from")}
		return append(h, field("X:"+strings.Repeat("y", n-len(h[0].Raw)-4)))
	}
	tests := []struct {
		name  string
		h     mail.Header
		want  Result
		limit Limit
	}{
		{"names", names(signature.MaxSignedNames), Fail, ""},
		{"too many names", names(signature.MaxSignedNames + 1), Policy, signature.LimitNames},
		{"length", length(signature.MaxFieldBytes), Fail, ""},
		{"too long", length(signature.MaxFieldBytes + 1), Policy, signature.LimitField},
		{"tags", tags(taglist.MaxTags), Fail, ""},
		{"too many tags", tags(taglist.MaxTags + 1), PermError, signature.LimitTags},
		{"fields", fields(signature.MaxFields), Fail, ""},
		{"too many fields", fields(signature.MaxFields + 1), Policy, signature.LimitHeader},
		{"header bytes", bytes(signature.MaxHeaderBytes), Fail, ""},
		{"too many header bytes", bytes(signature.MaxHeaderBytes + 1), Policy, signature.LimitHeader},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := (&Verifier{Resolver: s.zone}).Verify(t.Context(), test.h, nil, nil)
			if got[0].Result != test.want || got[0].Limit != test.limit {
				t.Errorf("%+v, want %s, limit %q", got, test.want, test.limit)
			}
		})
	}
}

// TestTooManySignatures puts more signatures on top than are verified: the one
// for the author's domain must not be crowded out.
func TestTooManySignatures(t *testing.T) {
	s := newSigner(t)
	h, body := split(s.craft(t, ""))
	junk := func(n int) mail.Header {
		var junk mail.Header
		for i := range n {
			junk = append(junk, field(fmt.Sprintf("DKIM-Signature: v=1; a=ed25519-sha256; d=d%d.example; s=s; h=from; bh=AA==; b=AA==", i)))
		}
		return append(junk, h...)
	}
	prefer := func(domain string) bool { return domain == "example.org" }
	v := Verifier{Resolver: s.zone}
	for _, n := range []int{0, MaxSignatures - 1, MaxSignatures, 5 * MaxSignatures} {
		got := v.Verify(t.Context(), junk(n), body, prefer)
		if want := min(n+1, MaxSignatures); len(got) != want {
			t.Errorf("%d signatures reported of %d, want %d", len(got), n+1, want)
		}
		if last := got[len(got)-1]; last.Result != Pass {
			t.Errorf("%d before it: %+v", n, last)
		}
	}
	if got := v.Verify(t.Context(), junk(MaxSignatures), body, nil); passes(got) {
		t.Error("without a preference the topmost are to be taken")
	}
}

type countingResolver struct {
	zone
	asked atomic.Int32
}

func (c *countingResolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	c.asked.Add(1)
	return c.zone.LookupTXT(ctx, name)
}

func TestEachKeyIsFetchedOnce(t *testing.T) {
	s := newSigner(t)
	h, body := split(s.craft(t, ""))
	h = append(mail.Header{h[0], h[0]}, h...)
	r := &countingResolver{zone: s.zone}
	got := (&Verifier{Resolver: r}).Verify(t.Context(), h, body, nil)
	if len(got) != 3 || !passes(got) || r.asked.Load() != 1 {
		t.Errorf("%d look-ups for %+v", r.asked.Load(), got)
	}
}

type slowResolver struct{}

func (slowResolver) LookupTXT(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestSlowKeysAreTemporary(t *testing.T) {
	s := newSigner(t)
	h, body := split(s.craft(t, ""))
	h = append(h, field("DKIM-Signature: v=1; a=ed25519-sha256; d=other.example; s=s; h=from; bh=AA==; b=AA=="))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for _, got := range (&Verifier{Resolver: slowResolver{}}).Verify(ctx, h, body, nil) {
		if got.Result != TempError {
			t.Errorf("%+v, want a temporary error", got)
		}
	}
}

// FuzzSignature holds that no field makes Verify panic or report text that
// could not stand in a header field.
func FuzzSignature(f *testing.F) {
	s := newSigner(f)
	h, body := split(s.craft(f, "i=@a.example.org; t=1; "))
	f.Add(string(h[0].Raw), s.zone["ed._domainkey.example.org"][0])
	f.Add("DKIM-Signature: v=1; a=rsa-sha256; d=\xff; s=..; h=:; bh==; b==; i==00", "p="+base64.StdEncoding.EncodeToString(make([]byte, 40)))
	f.Fuzz(func(t *testing.T, raw, record string) {
		h := append(mail.Header{{Name: "DKIM-Signature", Raw: []byte(raw)}}, h[1:]...)
		for _, s := range (&Verifier{Resolver: anyName{record}}).Verify(t.Context(), h, body, nil) {
			if s.Result == "" {
				t.Fatalf("no result: %+v", s)
			}
			for _, r := range s.Domain + s.Selector + s.Identity + s.Algorithm + s.B + s.Reason {
				if r < ' ' || r == 0x7f || r == '\uFFFD' {
					t.Fatalf("%q in %+v", r, s)
				}
			}
		}
	})
}

type anyName struct{ record string }

func (a anyName) LookupTXT(context.Context, string) ([]string, error) {
	return []string{a.record}, nil
}
