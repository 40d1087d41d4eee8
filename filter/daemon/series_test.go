package daemon

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"sekisho/filter/act"
	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/filter/record"
	"sekisho/policy"
)

// maxSeries is the ceiling of all series that /metrics serves: what deploy/METRICS.md
// promises. The packages' own limits add up to less.
const maxSeries = 30_000

// randomDecision is a decision of which every name may be any of very many, and
// some of them hostile.
func randomDecision(r *rand.Rand) *record.Decision {
	word := func() string {
		if r.IntN(1000) == 0 {
			return []string{"\xff\xfe", "", "a\"b\n}", strings.Repeat("x", 5000), "\u202e", "other"}[r.IntN(6)]
		}
		return "w" + strconv.Itoa(r.IntN(1_000_000))
	}
	names, verdicts := finding.Names(), policy.Verdicts()
	verdict := func() policy.Verdict { return verdicts[r.IntN(len(verdicts))] }
	name := func() finding.Name {
		if r.IntN(2) == 0 {
			return finding.Name("rule:" + word())
		}
		return names[r.IntN(len(names))]
	}
	actions := []policy.Action{policy.Observe, policy.Points, policy.ActTag, policy.ActQuarantine, policy.ActReject, policy.ActTempfail}
	found := finding.Finding{Name: name(), Brand: word()}
	shadow := policy.Decision{Verdict: verdict()}
	return &record.Decision{
		Trace: "0123456789ABCDEF", Verdict: verdict(), Took: time.Duration(r.ExpFloat64() * float64(50*time.Millisecond)),
		Claims:  []claim.Claim{{Brand: word(), Place: claim.Subject, Strength: claim.Strong}, {Brand: word(), Place: claim.FromName, Strength: claim.Weak}},
		Message: &mail.Message{Deviations: []mail.Deviation{{Name: "limit-" + word()}}},
		Plan:    act.Plan{Reply: act.Continue},
		Recipients: []record.Recipient{{Shadow: &shadow, Decision: policy.Decision{
			Verdict: verdict(), Observed: verdict(), Policy: word() + ".test",
			Findings: []finding.Finding{found}, Scores: []policy.Score{{Finding: found, Action: actions[r.IntN(len(actions))]}},
			Forwarder:  &finding.Forwarder{Kind: finding.ByList},
			Exceptions: []policy.Used{{ID: word()}}, RuleFailures: []policy.RuleFailure{{Rule: "r" + strconv.Itoa(r.IntN(10_000)), Err: errors.New("x")}},
		}}},
		StageTook: map[record.Stage]time.Duration{record.StageRead: time.Millisecond},
	}
}

// seriesOf counts what a scrape has, and sums the verdicts in it.
func seriesOf(t *testing.T, h *house) (series, verdicts int, others map[string]bool) {
	t.Helper()
	families, err := h.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	others = map[string]bool{}
	for _, f := range families {
		for _, m := range f.Metric {
			series++
			if hist := m.GetHistogram(); hist != nil {
				series += len(hist.Bucket) + 2 // +Inf and the sum; the count is one already
			}
			if f.GetName() == "sekisho_verdicts_total" {
				verdicts += int(m.GetCounter().GetValue())
			}
			for _, l := range m.Label {
				if l.GetValue() == "other" {
					others[f.GetName()] = true
				}
			}
		}
	}
	return series, verdicts, others
}

// TestSeriesCeiling: a million messages whose labels are as many as they can be made
// bring no more series than the ceiling, and each of them is counted.
func TestSeriesCeiling(t *testing.T) {
	h := prepare(t)
	var err error
	if h.Daemon, err = New(h.options()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	r := rand.New(rand.NewPCG(7, 11))
	const messages = 1_000_000 / thinned
	for range messages {
		h.decided.Count(randomDecision(r))
	}
	series, verdicts, others := seriesOf(t, h)
	t.Logf("%d messages, %d series", messages, series)
	if series > maxSeries {
		t.Errorf("%d series", series)
	}
	if verdicts != messages {
		t.Errorf("%d verdicts of %d messages", verdicts, messages)
	}
	for _, name := range []string{
		"sekisho_verdicts_total", "sekisho_observed_verdicts_total", "sekisho_shadow_verdicts_total", "sekisho_findings_total", "sekisho_finding_actions_total",
		"sekisho_claims_total", "sekisho_brand_messages_total", "sekisho_exceptions_used_total", "sekisho_forwarder_overrides_total", "sekisho_rule_failures_total", "sekisho_limits_hit_total",
	} {
		if !others[name] {
			t.Errorf("%s has nothing that came too late", name)
		}
	}
}

// TestSeriesPreset: a policy's verdicts are there before its first message, as far
// as there are not too many policies.
func TestSeriesPreset(t *testing.T) {
	h := prepare(t)
	h.withPolicies("")
	h.write("policies/kaisha.test.yaml", "")
	h.start()
	for _, name := range []string{"default", "kaisha.test"} {
		for _, v := range policy.Verdicts() {
			if !h.metric(fmt.Sprintf("sekisho_verdicts_total{policy=%q,verdict=%q}", name, v), 0) {
				t.Errorf("nothing of %s and %s", name, v)
			}
		}
	}
	before, _, _ := seriesOf(t, h)
	h.decided.Policies(make([]string, 501))
	many := make([]string, 100_000)
	for i := range many {
		many[i] = "d" + strconv.Itoa(i) + ".test"
	}
	h.decided.Policies(many)
	if after, _, _ := seriesOf(t, h); after != before {
		t.Errorf("%d series became %d", before, after)
	}
	h.decided.Policies(many[:500])
	if after, _, _ := seriesOf(t, h); after != before+2490+5 { // two of them come too late
		t.Errorf("%d series became %d", before, after)
	}
}

// TestNativeHistograms: who asks for protobuf, as a Prometheus does that keeps native
// histograms, gets their buckets beside the fixed ones, and the exemplars.
func TestNativeHistograms(t *testing.T) {
	h := start(t, "")
	h.deliver(friend())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.admin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	format := expfmt.ResponseFormat(res.Header)
	if format.FormatType() != expfmt.TypeProtoDelim {
		t.Fatalf("it is %s", res.Header.Get("Content-Type"))
	}
	seen := map[string]bool{}
	for dec := expfmt.NewDecoder(res.Body, format); ; {
		var f dto.MetricFamily
		if dec.Decode(&f) != nil {
			break
		}
		if f.GetName() != "sekisho_message_seconds" && f.GetName() != "sekisho_stage_seconds" {
			continue
		}
		for _, m := range f.Metric {
			hist := m.GetHistogram()
			if hist.GetSampleCount() == 0 {
				continue
			}
			seen[f.GetName()] = true
			if len(hist.Bucket) < 15 || len(hist.PositiveSpan) == 0 || hist.GetSchema() != 3 {
				t.Errorf("%s %v: %d fixed buckets, %d spans, schema %d", f.GetName(), m.Label, len(hist.Bucket), len(hist.PositiveSpan), hist.GetSchema())
			}
			exemplars := len(hist.Exemplars)
			for _, b := range hist.Bucket {
				if b.Exemplar != nil {
					exemplars++
				}
			}
			if f.GetName() == "sekisho_message_seconds" && exemplars == 0 {
				t.Error("no exemplar")
			}
		}
	}
	if len(seen) != 2 {
		t.Errorf("only %v", seen)
	}
	if _, text := h.ask("/metrics"); !strings.Contains(text, `sekisho_message_seconds_bucket{le="0.0005"}`) {
		t.Error("the text has no fixed buckets")
	}
}
