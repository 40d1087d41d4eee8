package gate_test

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/act"
	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/record"
)

const forwarding = `
author.test.          TXT "v=spf1 ip4:203.0.113.1 -all"
_dmarc.author.test.   TXT "v=DMARC1; p=reject"
rakuten.co.jp.        TXT "v=spf1 ip4:203.0.113.1 -all"
_dmarc.rakuten.co.jp. TXT "v=DMARC1; p=reject"
alumni.test.          TXT "v=spf1 ip4:192.0.2.7 -all"
mx.alumni.test.       A 192.0.2.7
7.2.0.192.in-addr.arpa. PTR mx.alumni.test.
8.2.0.192.in-addr.arpa. PTR mx.alumni.test.
`

const trusting = `forwarders:
  - networks: [192.0.2.0/24]
    name: alumni.test
    reason: alumni
    expires: 2026-06-30
  - {arc_sealer: sealer.test, reason: partner, expires: 2026-06-30}
`

// trust returns a gate whose policy for kaisha.test trusts forwarders, in June.
func trust(t *testing.T, prover gate.Prover, m *record.Metrics) *gate.Gate {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "policies")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kaisha.test.yaml"), []byte(trusting), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := gate.LoadSet(1, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	return gate.New(set, gate.Options{AuthservID: "mx.kaisha.test", Prover: prover, Metrics: m, Store: &vault{}, Clock: func() time.Time { return now }})
}

func letter(t *testing.T, lines ...string) (mail.Header, []byte) {
	t.Helper()
	h, body, err := mail.ReadFile(strings.NewReader(strings.Join(lines, "\n") + "\n\nSee you there.\n"))
	if err != nil {
		t.Fatal(err)
	}
	return h, body
}

// TestForwarderByNetwork walks a forwarded message through DNS, findings and the
// policies of two domains, of which one trusts the forwarder.
func TestForwarderByNetwork(t *testing.T) {
	resolver, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(t, forwarding)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(resolver.Close)
	reg := prometheus.NewPedanticRegistry()
	g := trust(t, proof.NewChecker(resolver, proof.Options{}).Check, record.NewMetrics(reg))
	const (
		received = "Received: from mail.author.test by mx.alumni.test"
		author   = "From: taro@author.test"
	)
	for _, tc := range []struct {
		name   string
		client string
		lines  []string
		rcpts  []string
		want   []string // verdict and cause of each recipient
		stamp  bool
	}{
		{"trusted", "192.0.2.7", []string{received, author}, []string{"a@kaisha.test"}, []string{"accept "}, true},
		{"trusted by one of two", "192.0.2.7", []string{received, author}, []string{"a@kaisha.test", "b@other.test"}, []string{"accept ", "reject dmarc-reject"}, true},
		{"another client with its name", "192.0.2.8", []string{received, author}, []string{"a@kaisha.test"}, []string{"reject dmarc-reject"}, false},
		{"another client", "203.0.113.9", []string{received, author}, []string{"a@kaisha.test"}, []string{"reject dmarc-reject"}, false},
		{"made there", "192.0.2.7", []string{author}, []string{"a@kaisha.test"}, []string{"reject dmarc-reject"}, false},
		{"in a brand's name", "192.0.2.7", []string{received, "From: =?UTF-8?B?5qW95aSp?= <taro@author.test>"}, []string{"a@kaisha.test"}, []string{"reject dmarc-reject"}, false},
		{"from a brand's domain", "192.0.2.7", []string{received, "From: info@rakuten.co.jp"}, []string{"a@kaisha.test"}, []string{"reject dmarc-reject"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, body := letter(t, append(tc.lines, "Subject: The meeting")...)
			env := mail.Envelope{Client: addr(tc.client), Helo: "mx.alumni.test", Sender: "bounce@alumni.test", Recipients: tc.rcpts}
			d := g.Inspect(t.Context(), env, h, body)
			var got []string
			for _, r := range d.Recipients {
				got = append(got, string(r.Verdict)+" "+string(r.By))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			results, verdict := top(g.Judge(t.Context(), env, h, body))
			if strings.Contains(results, "policy.override=forwarder") != tc.stamp || strings.Contains(verdict, "forwarded") != tc.stamp {
				t.Errorf("%s\n%s", results, verdict)
			}
			if tc.stamp && !strings.Contains(results, "dmarc=fail") {
				t.Errorf("the result itself is changed: %s", results)
			}
		})
	}
	want := `
# HELP sekisho_forwarder_overrides_total Failures of authentication put down to a forwarder that the recipient policy trusts, by policy and by what the forwarder is known by; one for each message and policy.
# TYPE sekisho_forwarder_overrides_total counter
sekisho_forwarder_overrides_total{kind="network",policy="kaisha.test"} 2
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "sekisho_forwarder_overrides_total"); err != nil {
		t.Error(err)
	}
}

// TestForwarderBySealer: a sealer speaks for the author, while it can be heard.
func TestForwarderBySealer(t *testing.T) {
	for _, tc := range []struct {
		name  string
		arc   string
		seals []proof.Seal
		want  string
	}{
		{"vouches", "pass", []proof.Seal{{Domain: "sealer.test", Author: true}}, "accept "},
		{"does not", "pass", []proof.Seal{{Domain: "sealer.test"}}, "reject dmarc-reject"},
		{"is another", "pass", []proof.Seal{{Domain: "other.test", Author: true}}, "reject dmarc-reject"},
		{"can't be verified for now", "temperror", []proof.Seal{{Domain: "sealer.test", Author: true}}, "tempfail auth-temperror"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			prover := func(_ context.Context, msg *mail.Message, _ *mail.Envelope) proof.Proof {
				p := proof.FromResults(msg, "gw.test")
				p.Source, p.ARC, p.Seals = proof.FromDNS, tc.arc, tc.seals
				return p
			}
			h, body := letter(t, "Authentication-Results: gw.test; dmarc=fail (p=reject) header.from=rakuten.co.jp",
				"Received: from a by b", "From: =?UTF-8?B?5qW95aSp?= <info@rakuten.co.jp>", "Subject: The meeting")
			d := trust(t, prover, nil).Inspect(t.Context(), mail.Envelope{Recipients: []string{"a@kaisha.test"}}, h, body)
			r := d.Recipients[0]
			if got := string(r.Verdict) + " " + string(r.By); got != tc.want {
				t.Errorf("%s, want %s: %v", got, tc.want, r.Findings)
			}
			if overridden := r.Forwarder != nil; overridden != (tc.want == "accept ") {
				t.Errorf("forwarder %+v", r.Forwarder)
			}
			if r.Forwarder != nil && (r.Forwarder.Where != "policies/kaisha.test.yaml:6" || r.Forwarder.Reason != "partner") {
				t.Errorf("%+v", r.Forwarder)
			}
		})
	}
}

// top returns the fields that the plan puts on top.
func top(plan act.Plan) (results, verdict string) {
	value := func(name string) string {
		i := slices.IndexFunc(plan.Edits, func(e act.Edit) bool { return e.Op == act.Insert && e.Name == name })
		if i < 0 {
			return ""
		}
		return plan.Edits[i].Value
	}
	return value("Authentication-Results"), value(act.VerdictField)
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }
