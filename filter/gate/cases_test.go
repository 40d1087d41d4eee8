package gate_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/cases"
	"sekisho/filter/claim"
	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/finding"
	"sekisho/filter/gate"
	"sekisho/filter/proof"
	"sekisho/filter/record"
	"sekisho/policy"
)

var update = flag.Bool("update", false, "rewrite want.json of each case; read the diff before you commit")

// want is what is to come of a case.
type want struct {
	Verdict  policy.Verdict `json:"verdict"`
	By       finding.Name   `json:"by,omitempty"`
	Points   int            `json:"points"`
	Claims   []string       `json:"claims"`
	SPF      string         `json:"spf"`
	DKIM     []string       `json:"dkim"`
	DMARC    string         `json:"dmarc"`
	Proved   []string       `json:"proved"`
	Findings []finding.Name `json:"findings"`
}

// TestCases judges each case of testdata/cases by the embedded policy and brands.
func TestCases(t *testing.T) {
	for _, c := range cases.Load(t, "") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, c.Zone)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			d := g.Inspect(ctx, c.Envelope, c.Header, c.Body)
			compare(t, filepath.Join(c.Dir, "want.json"), outcome(d))
			if t.Failed() {
				if err := d.WriteAccount(os.Stderr, c.Name); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func newGate(tb testing.TB, zone string) *gate.Gate {
	tb.Helper()
	resolver, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(tb, zone)}, Registerer: prometheus.NewRegistry()})
	if err != nil {
		tb.Fatal(err)
	}
	return gate.New(embedded(tb), gate.Options{
		AuthservID: "mx.kaisha.test",
		Prover:     proof.NewChecker(resolver, proof.Options{}).Check,
	})
}

func embedded(tb testing.TB) *gate.Set {
	tb.Helper()
	set, err := gate.LoadSet(1, "", nil)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func outcome(d *record.Decision) want {
	w := want{
		Verdict: d.Verdict, By: d.Heaviest().By, Points: d.Points,
		SPF: string(d.Proof.SPF.Result), DMARC: string(d.Proof.DMARC.Result),
		Claims: []string{}, DKIM: []string{}, Proved: []string{}, Findings: []finding.Name{},
	}
	for _, c := range d.Claims {
		if c.Strength != claim.Mention {
			w.Claims = append(w.Claims, c.Brand+" "+string(c.Place)+" "+string(c.Strength))
		}
	}
	for _, s := range d.Proof.DKIM {
		w.DKIM = append(w.DKIM, s.Domain+" "+string(s.Result))
	}
	for _, id := range d.Proof.Identities {
		w.Proved = append(w.Proved, id.Domain+" "+string(id.Method))
	}
	for _, f := range d.Findings {
		w.Findings = append(w.Findings, f.Name)
	}
	return w
}

func compare(t *testing.T, path string, got want) {
	t.Helper()
	if *update {
		data, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var w want
	if err := json.Unmarshal(data, &w); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if diff := cmp.Diff(w, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
