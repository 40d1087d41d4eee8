package gate_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"golang.org/x/sys/unix"

	"sekisho/filter/act"
	"sekisho/filter/cases"
	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
	"sekisho/filter/gate"
	"sekisho/filter/journal"
	"sekisho/filter/proof"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/policy"
)

// candidate loads policies of one domain.
func candidate(tb testing.TB, text string) *policy.Set {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "next")
	if err := os.Mkdir(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kaisha.test.yaml"), []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	set, err := policy.Load(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// TestShadow: what a candidate says is counted, logged and recorded; the plan is
// that of the live policies, even if the candidate fails.
func TestShadow(t *testing.T) {
	c := phish(t)
	env := c.Envelope
	env.Recipients = []string{"hanako@kaisha.test", "taro@kaisha.test", "a@other.test"}
	for name, tc := range map[string]struct {
		shadow  *policy.Set
		log     string
		metrics string
		failed  float64
	}{
		"another verdict": {
			candidate(t, "thresholds: {quarantine: off, reject: 10}\n"), `[{"policy":"default","live":"quarantine","shadow":"reject","by":"unproved-claim","where":"next/kaisha.test.yaml:1"}]`,
			"sekisho_shadow_verdicts_total{live=\"quarantine\",policy=\"default\",shadow=\"quarantine\"} 1\nsekisho_shadow_verdicts_total{live=\"quarantine\",policy=\"default\",shadow=\"reject\"} 2\n", 0,
		},
		"the same": {
			candidate(t, ""), "", "sekisho_shadow_verdicts_total{live=\"quarantine\",policy=\"default\",shadow=\"quarantine\"} 3\n", 0,
		},
		"none":    {nil, "", "", 0},
		"a panic": {&policy.Set{}, "", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			reg := prometheus.NewPedanticRegistry()
			core, logs := observer.New(zap.InfoLevel)
			k, v := &keeper{}, &vault{}
			g := gate.New(embedded(t), gate.Options{
				Prover: unproved, Store: v, Shadow: tc.shadow, Recorder: k, Metrics: record.NewMetrics(reg), Logger: record.NewLogger(zap.New(core), false),
			})
			plan := g.Judge(t.Context(), env, c.Header, c.Body)
			if plan.Reply != act.Discard || len(v.entries) != 1 || len(v.entries[0].Recipients) != 3 {
				t.Errorf("the live verdict: %+v", plan)
			}
			fields := logs.All()[0].ContextMap()
			if got := told(t, fields["shadow"]); got != tc.log {
				t.Errorf("log: %s", got)
			}
			if _, failed := fields["shadow_failure"]; failed != (tc.failed > 0) {
				t.Errorf("log: %v", fields["shadow_failure"])
			}
			want := tc.metrics
			if want != "" {
				want = "# HELP sekisho_shadow_verdicts_total Verdicts by the policy that counts, and what the candidate policies say beside it; one for each recipient of each message.\n# TYPE sekisho_shadow_verdicts_total counter\n" + want
			}
			if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "sekisho_shadow_verdicts_total"); err != nil {
				t.Error(err)
			}
			for _, r := range k.all[0].Recipients {
				if (r.Shadow == nil) != (tc.shadow == nil || tc.failed > 0) {
					t.Errorf("recorded: %+v", r.Shadow)
				}
			}
		})
	}
}

func told(t *testing.T, field any) string {
	t.Helper()
	if field == nil {
		return ""
	}
	// Keys of an object in the order of the log, which a map has not.
	var list []struct {
		Policy string `json:"policy"`
		Live   string `json:"live"`
		Shadow string `json:"shadow"`
		By     string `json:"by"`
		Where  string `json:"where"`
	}
	text, err := json.Marshal(field)
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err = json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestShadowSeesTheFacts: the candidate decides on what the live policies have
// decided on, at the same time.
func TestShadowSeesTheFacts(t *testing.T) {
	c, k := phish(t), &keeper{}
	set := embedded(t)
	gate.New(set, gate.Options{Prover: unproved, Store: &vault{}, Shadow: set.Policies, Recorder: k}).Judge(t.Context(), c.Envelope, c.Header, c.Body)
	for _, r := range k.all[0].Recipients {
		if diff := cmp.Diff(r.Decision, *r.Shadow); diff != "" {
			t.Errorf("(-live +shadow)\n%s", diff)
		}
	}
}

// BenchmarkShadow: what a message of the cases takes of the processor, without a
// candidate, with one, and with one and a record. cpu-µs/op does not count what
// others do on the machine, as ns/op does.
func BenchmarkShadow(b *testing.B) {
	candidate := candidate(b, "thresholds: {quarantine: 5}\n")
	for _, tc := range []struct {
		name   string
		shadow *policy.Set
		keep   bool
	}{{"none", nil, false}, {"candidate", candidate, false}, {"candidate and record", candidate, true}} {
		b.Run(tc.name, func(b *testing.B) {
			for _, c := range cases.Load(b, "story-a-") {
				opt := gate.Options{Prover: signed(b, c.Zone), Store: forgetful{}, Shadow: tc.shadow}
				if tc.keep {
					opt.Recorder = journal.New(journal.Options{Dir: b.TempDir()})
				}
				g := gate.New(embedded(b), opt)
				b.ReportAllocs()
				before := used(b)
				for b.Loop() {
					g.Judge(b.Context(), c.Envelope, c.Header, c.Body)
				}
				b.ReportMetric(float64((used(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
			}
		})
	}
}

// signed proves by DNS answers that are in the cache after the first message.
func signed(b *testing.B, zone string) gate.Prover {
	b.Helper()
	resolver, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(b, zone)}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(resolver.Close)
	return proof.NewChecker(resolver, proof.Options{}).Check
}

// forgetful is a quarantine that keeps nothing.
type forgetful struct{}

func (forgetful) PutAll(context.Context, ...quarantine.Entry) ([]string, error) {
	return []string{"entry"}, nil
}

// used is the processor time of this process.
func used(b *testing.B) time.Duration {
	b.Helper()
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
