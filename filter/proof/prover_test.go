package proof

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/mail"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
)

// TestGateways holds that a field is believed from the gateway that owns its
// name, and from nobody else.
func TestGateways(t *testing.T) {
	w := newWorld(t)
	c := w.checker(t, Options{Registerer: prometheus.NewRegistry()})
	prove := c.Prover(Rules{Gateways: []Gateway{
		{AuthservID: "gw.example", Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::/32")}},
		{AuthservID: "other.example", Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.7/32")}},
		{AuthservID: "", Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.8/32")}},
	}})
	const (
		passes = "Authentication-Results: gw.example; dmarc=pass header.from=good.example"
		fails  = "Authentication-Results: GW.example 1; dmarc=fail header.from=good.example"
		broken = `Authentication-Results: gw.example; spf=pass smtp.mailfrom="x`
		nobody = "Authentication-Results: spf=pass smtp.mailfrom=good.example"
	)
	for _, tc := range []struct {
		name   string
		client string
		fields []string
		source Source
		dmarc  dmarc.Result
		proved bool
	}{
		{"its gateway", "198.51.100.9", []string{passes}, FromHeader, dmarc.Pass, true},
		{"by IPv6", "2001:db8::1", []string{passes}, FromHeader, dmarc.Pass, true},
		{"mapped", "::ffff:198.51.100.9", []string{passes}, FromHeader, dmarc.Pass, true},
		{"topmost counts", "198.51.100.9", []string{fails, passes}, FromHeader, dmarc.Fail, false},
		{"below a foreign one", "198.51.100.9", []string{"Authentication-Results: mx.elsewhere.example; none", passes}, FromHeader, dmarc.Pass, true},
		{"its own can't be read", "198.51.100.9", []string{broken, passes}, FromHeader, dmarc.None, false},
		{"it wrote none", "198.51.100.9", nil, FromHeader, dmarc.None, false},
		{"another gateway's name", "203.0.113.7", []string{passes}, FromHeader, dmarc.None, false},
		{"without a name", "203.0.113.8", []string{nobody, passes}, FromHeader, dmarc.None, true},
		{"nameless from a named one", "198.51.100.9", []string{nobody}, FromHeader, dmarc.None, false},
		{"a stranger", "192.0.2.99", []string{passes}, FromDNS, dmarc.Fail, false},
		{"one past the network", "198.51.101.0", []string{passes}, FromDNS, dmarc.Fail, false},
		{"no client", "", []string{passes}, FromDNS, dmarc.Fail, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := &mail.Envelope{Sender: "a@good.example", Helo: "gw.example"}
			env.Client, _ = netip.ParseAddr(tc.client)
			p := prove(t.Context(), read(t, append(tc.fields, "From: a@good.example")...), env)
			proved := len(p.Identities) > 0 && p.Identities[0].Aligned
			if p.Source != tc.source || p.DMARC.Result != tc.dmarc || proved != tc.proved {
				t.Errorf("source %s, dmarc %+v, identities %+v", p.Source, p.DMARC, p.Identities)
			}
		})
	}
	if n := testutil.ToFloat64(c.metrics.gateway); n != 10 {
		t.Errorf("%v messages of gateways counted", n)
	}
}

func TestClient(t *testing.T) {
	c := newWorld(t).checker(t, Options{})
	env := client("HELO.Example.", "a@plain.example")
	env.TLSVersion, env.TLSCipher = "TLSv1.3", "TLS_AES_256_GCM_SHA384"
	want := Client{
		Addr: netip.MustParseAddr("192.0.2.1"), Name: "helo.example", Helo: "helo.example", HeloProved: true,
		TLSVersion: "TLSv1.3", TLSCipher: "TLS_AES_256_GCM_SHA384",
	}
	msg := read(t, "From: a@plain.example")
	if diff := cmp.Diff(want, c.Check(t.Context(), msg, env).Client, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	liar := client("good.example", "a@plain.example")
	liar.Client = netip.MustParseAddr("192.0.2.77")
	if got := c.Check(t.Context(), msg, liar).Client; got.HeloProved || got.Name != "" || got.Helo != "good.example" {
		t.Errorf("%+v", got)
	}
	literal := c.Check(t.Context(), msg, client("[192.0.2.1]", "a@plain.example")).Client
	if literal.HeloProved || literal.Helo != "[192.0.2.1]" {
		t.Errorf("%+v", literal)
	}
}

// TestStrength holds the order of proofs: who speaks for the author comes first.
func TestStrength(t *testing.T) {
	sig := func(domain, algorithm string, bits int) dkim.Signature {
		return dkim.Signature{Result: dkim.Pass, Domain: domain, Algorithm: algorithm, KeyBits: bits}
	}
	p := Proof{
		Author: mail.AuthorOne, FromDomain: "a.example", FromOrg: "a.example",
		DKIM: []dkim.Signature{
			sig("amazonses.com", "rsa-sha256", 2048), sig("x.a.example", "rsa-sha256", 2047),
			sig("y.a.example", "rsa-sha256", 2048), sig("z.a.example", "ed25519-sha256", 256),
			sig("unknown.a.example", "", 0),
			{Result: dkim.Fail, Domain: "a.example"}, {Result: dkim.Policy, Domain: "a.example"},
		},
		SPF: spf.Check{Result: spf.Pass, Domain: "mail.a.example"},
	}
	p.findIdentities()
	var got []string
	for _, id := range p.Identities {
		got = append(got, id.Domain+" "+string(id.Strength))
	}
	want := []string{
		"y.a.example dkim", "z.a.example dkim", "x.a.example dkim-weak", "unknown.a.example dkim-weak",
		"mail.a.example spf", "amazonses.com unaligned",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
