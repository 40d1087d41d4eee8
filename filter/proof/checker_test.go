package proof

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	msgauth "github.com/emersion/go-msgauth/dkim"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/mail"
	"sekisho/filter/proof/authres"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a DNS with senders in it, and their keys.
type world struct {
	rsa  *rsa.PrivateKey
	zone string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := "v=DKIM1; p=" + base64.StdEncoding.EncodeToString(der)
	record := fmt.Sprintf("%q %q", text[:200], text[200:])
	return &world{rsa: key, zone: `
good.example.               TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.good.example.        TXT "v=DMARC1; p=reject"
s._domainkey.good.example.  TXT ` + record + `
strict.example.             TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.strict.example.      TXT "v=DMARC1; p=quarantine; aspf=s; adkim=s"
m.strict.example.           TXT "v=spf1 ip4:192.0.2.1 -all"
s._domainkey.m.strict.example. TXT ` + record + `
plain.example.              TXT "v=spf1 ?all"
esp.example.                TXT "v=spf1 ip4:192.0.2.0/24 -all"
s._domainkey.esp.example.   TXT ` + record + `
helo.example.               TXT "v=spf1 a -all"
helo.example.               A 192.0.2.1
1.2.0.192.in-addr.arpa.     PTR helo.example.
down.example.               TXT "v=spf1 include:broken.example -all"
_dmarc.down.example.        TXT "v=DMARC1; p=reject"
; servfail broken.example
; servfail s._domainkey.down.example
; servfail _dmarc.nodmarc.example
`}
}

func (w *world) checker(t testing.TB, o Options) *Checker {
	t.Helper()
	r, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(t, w.zone)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return NewChecker(r, o)
}

// message returns a message, signed for each of the domains, the last on top.
func (w *world) message(t testing.TB, from string, domains ...string) *mail.Message {
	t.Helper()
	text := []byte("From: " + from + "\r\nSubject: hello\r\n\r\nHow are you?\r\n")
	for _, domain := range domains {
		var out bytes.Buffer
		err := msgauth.Sign(&out, bytes.NewReader(text), &msgauth.SignOptions{Domain: domain, Selector: "s", Signer: w.rsa,
			HeaderCanonicalization: "relaxed", BodyCanonicalization: "relaxed"})
		if err != nil {
			t.Fatal(err)
		}
		text = out.Bytes()
	}
	h, body, err := mail.ReadFile(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return mail.Parse(h, body)
}

func client(helo, sender string) *mail.Envelope {
	return &mail.Envelope{Client: netip.MustParseAddr("192.0.2.1"), Helo: helo, Sender: sender}
}

func TestCheck(t *testing.T) {
	w := newWorld(t)
	c := w.checker(t, Options{})
	tests := []struct {
		name       string
		msg        *mail.Message
		env        *mail.Envelope
		spf        spf.Result
		dmarc      dmarc.Result
		temporary  bool
		identities []Identity
	}{
		{"all pass", w.message(t, "a@good.example", "good.example"), client("helo.example", "a@good.example"),
			spf.Pass, dmarc.Pass, false, []Identity{
				{Domain: "good.example", OrgDomain: "good.example", Method: ByDKIM, Strength: StrongKey, Aligned: true, Selector: "s", KeyBits: 2048},
				{Domain: "good.example", OrgDomain: "good.example", Method: BySPF, Strength: SPFOnly, Aligned: true},
			}},
		{"a service's signature on top", w.message(t, "a@good.example", "good.example", "esp.example"), client("helo.example", "b@esp.example"),
			spf.Pass, dmarc.Pass, false, []Identity{
				{Domain: "good.example", OrgDomain: "good.example", Method: ByDKIM, Strength: StrongKey, Aligned: true, Selector: "s", KeyBits: 2048},
				{Domain: "esp.example", OrgDomain: "esp.example", Method: ByDKIM, Strength: Unaligned, Selector: "s", KeyBits: 2048},
				{Domain: "esp.example", OrgDomain: "esp.example", Method: BySPF, Strength: Unaligned},
			}},
		{"impostor with good papers of his own", w.message(t, "a@good.example", "esp.example"), client("helo.example", "b@esp.example"),
			spf.Pass, dmarc.Fail, false, []Identity{
				{Domain: "esp.example", OrgDomain: "esp.example", Method: ByDKIM, Strength: Unaligned, Selector: "s", KeyBits: 2048},
				{Domain: "esp.example", OrgDomain: "esp.example", Method: BySPF, Strength: Unaligned},
			}},
		{"strict alignment", w.message(t, "a@strict.example", "m.strict.example"), client("helo.example", "b@m.strict.example"),
			spf.Pass, dmarc.Fail, false, []Identity{
				{Domain: "m.strict.example", OrgDomain: "strict.example", Method: ByDKIM, Strength: Unaligned, Selector: "s", KeyBits: 2048},
				{Domain: "m.strict.example", OrgDomain: "strict.example", Method: BySPF, Strength: Unaligned},
			}},
		{"nothing", w.message(t, "a@plain.example"), client("helo.example", "a@plain.example"), spf.Neutral, dmarc.None, false, nil},
		{"null path", w.message(t, "a@helo.example"), client("helo.example", ""), spf.Pass, dmarc.None, false,
			[]Identity{{Domain: "helo.example", OrgDomain: "helo.example", Method: BySPF, Strength: SPFOnly, Aligned: true}}},
		{"two authors", w.message(t, "a@good.example, b@plain.example", "good.example"), client("helo.example", "a@good.example"),
			spf.Pass, dmarc.PermError, false, []Identity{
				{Domain: "good.example", OrgDomain: "good.example", Method: ByDKIM, Strength: Unaligned, Selector: "s", KeyBits: 2048},
				{Domain: "good.example", OrgDomain: "good.example", Method: BySPF, Strength: Unaligned},
			}},
		{"server failures", w.message(t, "a@down.example", "down.example"), client("helo.example", "a@down.example"),
			spf.TempError, dmarc.TempError, true, nil},
		{"server failures of somebody else", w.message(t, "a@plain.example", "down.example"), client("helo.example", "a@down.example"),
			spf.TempError, dmarc.None, false, nil},
		{"no answer about DMARC", w.message(t, "a@nodmarc.example"), client("helo.example", "a@plain.example"),
			spf.Neutral, dmarc.TempError, true, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := c.Check(t.Context(), test.msg, test.env)
			if p.SPF.Result != test.spf || p.DMARC.Result != test.dmarc || p.Temporary() != test.temporary {
				t.Errorf("spf %+v\ndmarc %+v\ntemporary %v", p.SPF, p.DMARC, p.Temporary())
			}
			if diff := cmp.Diff(test.identities, p.Identities); diff != "" {
				t.Errorf("identities (-want +got)\n%s", diff)
			}
			if p.IPRev != (iprev.Check{Result: iprev.Pass, Name: "helo.example"}) {
				t.Errorf("iprev %+v", p.IPRev)
			}
		})
	}
}

func TestResults(t *testing.T) {
	w := newWorld(t)
	c := w.checker(t, Options{})
	env := client("helo.example", "a@good.example")
	p := c.Check(t.Context(), w.message(t, "a@good.example", "good.example"), env)
	got := authres.Format("mx.example.org", Results(p, env))
	want := "mx.example.org;\r\n" +
		"\tspf=pass smtp.mailfrom=a@good.example;\r\n" +
		"\tspf=pass smtp.helo=helo.example;\r\n" +
		"\tdkim=pass (2048-bit key) header.d=good.example header.s=s\r\n\theader.a=rsa-sha256 header.b=" + quoted(p.DKIM[0].B) + ";\r\n" +
		"\tdmarc=pass (p=reject) header.from=good.example policy.dmarc=reject;\r\n" +
		"\tiprev=pass (helo.example) policy.iprev=192.0.2.1"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	back := FromResults(read(t, "Authentication-Results: "+got, "From: a@good.example"))
	if diff := cmp.Diff(p.Identities, back.Identities); diff != "" {
		t.Errorf("read back (-want +got)\n%s", diff)
	}
	if Results(back, env) != nil {
		t.Error("results of somebody else are repeated as ours")
	}
}

func quoted(b string) string {
	if strings.ContainsAny(b, "/=") {
		return `"` + b + `"`
	}
	return b
}

// hung never answers, but leaves when it is told to.
type hung struct{}

func (hung) LookupTXT(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
func (hung) LookupMX(ctx context.Context, _ string) ([]*net.MX, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
func (hung) LookupIPAddr(ctx context.Context, _ string) ([]net.IPAddr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
func (hung) LookupAddr(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestCheckEndsInTime(t *testing.T) {
	w := newWorld(t)
	c := NewChecker(hung{}, Options{Timeout: 50 * time.Millisecond})
	start := time.Now()
	p := c.Check(t.Context(), w.message(t, "a@good.example", "good.example", "esp.example"), client("helo.example", "a@good.example"))
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if !p.Temporary() || p.SPF.Result != spf.TempError || p.SPF.Domain != "good.example" || p.IPRev.Result != iprev.TempError ||
		p.DMARC.Result != dmarc.TempError || p.DKIM[0].Result != dkim.TempError {
		t.Errorf("%+v", p)
	}
}

// broken panics, as a resolver never should.
type broken struct{}

func (broken) LookupTXT(context.Context, string) ([]string, error)        { panic("txt") }
func (broken) LookupAddr(context.Context, string) ([]string, error)       { panic("ptr") }
func (broken) LookupMX(context.Context, string) ([]*net.MX, error)        { panic("mx") }
func (broken) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { panic("ip") }

func TestCheckSurvivesPanics(t *testing.T) {
	w := newWorld(t)
	reg := prometheus.NewRegistry()
	c := NewChecker(broken{}, Options{Registerer: reg})
	p := c.Check(t.Context(), w.message(t, "a@good.example", "good.example", "esp.example"), client("helo.example", "a@good.example"))
	if !p.Temporary() || len(p.Identities) != 0 {
		t.Errorf("%+v", p)
	}
	for _, check := range []string{"dkim", "dmarc", "iprev"} {
		if n := testutil.ToFloat64(c.metrics.panics.WithLabelValues(check)); n != 1 {
			t.Errorf("%v panics of %s counted, want 1", n, check)
		}
	}
}

func TestMetrics(t *testing.T) {
	w := newWorld(t)
	reg := prometheus.NewRegistry()
	c := w.checker(t, Options{Registerer: reg})
	NewChecker(hung{}, Options{Registerer: reg}) // after a reload: counting goes on
	c.Check(t.Context(), w.message(t, "a@good.example", "good.example", "esp.example"), client("helo.example", "a@good.example"))
	c.Check(t.Context(), w.message(t, "a@plain.example"), &mail.Envelope{Sender: "a@plain.example"})
	want := `
# HELP sekisho_proof_results_total Authentication results by method and result word; one for each DKIM signature.
# TYPE sekisho_proof_results_total counter
sekisho_proof_results_total{method="dkim",result="none"} 1
sekisho_proof_results_total{method="dkim",result="pass"} 2
sekisho_proof_results_total{method="dmarc",result="none"} 1
sekisho_proof_results_total{method="dmarc",result="pass"} 1
sekisho_proof_results_total{method="helo",result="none"} 1
sekisho_proof_results_total{method="helo",result="pass"} 1
sekisho_proof_results_total{method="iprev",result="pass"} 1
sekisho_proof_results_total{method="spf",result="none"} 1
sekisho_proof_results_total{method="spf",result="pass"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "sekisho_proof_results_total"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
}

// BenchmarkCheck measures a whole check with everything in the resolver's cache.
func BenchmarkCheck(b *testing.B) {
	w := newWorld(b)
	c := w.checker(b, Options{})
	for _, domains := range [][]string{{"good.example"}, {"good.example", "esp.example"}} {
		text := "a@good.example"
		msg := w.message(b, text, domains...)
		env := client("helo.example", "a@good.example")
		b.Run(fmt.Sprintf("%d signatures", len(domains)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p := c.Check(b.Context(), msg, env); p.DMARC.Result != dmarc.Pass {
					b.Fatalf("%+v", p)
				}
			}
		})
	}
}
