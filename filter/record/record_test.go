package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
	"sekisho/filter/record"
	"sekisho/policy"
)

// decision is one of each thing.
func decision() *record.Decision {
	f := finding.Finding{Name: finding.Impersonation, Brand: "rakuten", Why: "claims 楽天 but proved st.mgu.ac.jp"}
	verdict := policy.Decision{
		Verdict: policy.Quarantine, Points: 9, Policy: "default", Where: "default.yaml:14", By: finding.Impersonation,
		Scores: []policy.Score{{Finding: f, Points: 9}}, Findings: []finding.Finding{f},
	}
	return &record.Decision{
		Trace: "0123456789ABCDEF", Generation: 3,
		Envelope: mail.Envelope{QueueID: "4Qx", Client: netip.MustParseAddr("192.0.2.10"), Sender: "en@st.mgu.ac.jp", Recipients: []string{"hanako@kaisha.test"}},
		Message: &mail.Message{
			Author: mail.AuthorOne, Subject: mail.Text{Shown: "【楽天】停止\x1b[2J"},
			From:       []mail.Mailbox{{Name: mail.Text{Shown: "楽天"}, Address: "en@st.mgu.ac.jp", Local: "en", Domain: "st.mgu.ac.jp"}},
			Deviations: []mail.Deviation{{Name: "limit-parts", Where: "1"}},
		},
		Proof: proof.Proof{
			Source: proof.FromDNS, FromDomain: "st.mgu.ac.jp", ARC: "none",
			SPF:        spf.Check{Result: spf.Pass, Domain: "st.mgu.ac.jp"},
			DKIM:       []dkim.Signature{{Result: dkim.Pass, Domain: "st.mgu.ac.jp", Selector: "s1"}},
			DMARC:      dmarc.Check{Result: dmarc.Pass, Published: dmarc.PolicyNone},
			IPRev:      iprev.Check{Result: iprev.Pass},
			Identities: []proof.Identity{{Domain: "st.mgu.ac.jp", Method: proof.ByDKIM, Aligned: true}},
		},
		Claims: []claim.Claim{
			{Brand: "rakuten", Place: claim.FromName, Strength: claim.Strong, Seen: "楽天", Folded: "楽天"},
			{Brand: "amazon", Place: claim.Body, Strength: claim.Mention, Seen: "Amazon", Folded: "amazon"},
		},
		Findings:   []finding.Finding{f},
		Recipients: []record.Recipient{{Address: "hanako@kaisha.test", Decision: verdict}},
		Verdict:    policy.Quarantine, Points: 9, Took: 3 * time.Millisecond,
		StageTook: map[record.Stage]time.Duration{record.StageRead: time.Millisecond, record.StageProof: 2 * time.Millisecond},
	}
}

func TestAccount(t *testing.T) {
	var b bytes.Buffer
	if err := decision().WriteAccount(&b, "mail.eml"); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`mail.eml`,
		`  verdict   quarantine, 9 points (default.yaml:14, by impersonation)`,
		`  from      "楽天" <en@st.mgu.ac.jp>`,
		"  subject   【楽天】停止\uFFFD[2J",
		`  claims    rakuten in from-name (strong): seen "楽天", folded "楽天"`,
		`            amazon in body (mention): seen "Amazon", folded "amazon"`,
		`  proved    st.mgu.ac.jp by dkim, aligned with From`,
		`  results   spf=pass dkim(st.mgu.ac.jp)=pass dmarc=pass p=none arc=none iprev=pass (source dns)`,
		`  findings  +9 impersonation: claims 楽天 but proved st.mgu.ac.jp`,
		`  for       hanako@kaisha.test -> quarantine, policy default (default.yaml:14, by impersonation)`,
		`  trace     0123456789ABCDEF`,
		``,
	}, "\n")
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestJSONNames holds the names that other programs rely on.
func TestJSONNames(t *testing.T) {
	var b bytes.Buffer
	if err := decision().WriteJSON(&b, "mail.eml"); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b.Bytes(), []byte("\n")); n != 1 {
		t.Errorf("%d lines", n)
	}
	var line map[string]any
	if err := json.Unmarshal(b.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	names := func(v any) []string {
		if list, ok := v.([]any); ok {
			v = list[0]
		}
		return slices.Sorted(maps.Keys(v.(map[string]any)))
	}
	for what, want := range map[string][]string{
		"":           {"claims", "file", "findings", "points", "proof", "recipients", "trace", "verdict"},
		"claims":     {"brand", "folded", "place", "seen", "strength"},
		"findings":   {"name", "points", "why"},
		"recipients": {"by", "points", "policy", "rcpt", "verdict", "where"},
		"proof":      {"arc", "dkim", "dmarc", "dmarc_policy", "from_domain", "identities", "iprev", "source", "spf", "spf_domain"},
	} {
		var v any = line
		if what != "" {
			v = line[what]
		}
		if diff := cmp.Diff(want, names(v)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", what, diff)
		}
	}
}

// TestEmptyJSON: lists are never null.
func TestEmptyJSON(t *testing.T) {
	var b bytes.Buffer
	if err := (&record.Decision{Verdict: policy.Accept}).WriteJSON(&b, ""); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Error(b.String())
	}
}

func TestLogKeepsPersonalDataOut(t *testing.T) {
	for _, personal := range []bool{false, true} {
		core, logs := observer.New(zapcore.InfoLevel)
		record.NewLogger(zap.New(core), personal).Message(decision())
		line := fmt.Sprint(logs.All()[0].ContextMap())
		for _, secret := range []string{"hanako@kaisha.test", "en@st.mgu.ac.jp", "【楽天】停止"} {
			if strings.Contains(line, secret) != personal {
				t.Errorf("personal %v: %q in %s", personal, secret, line)
			}
		}
		for _, always := range []string{"4Qx", "rakuten@from-name", "quarantine", "dkim:st.mgu.ac.jp", "0123456789ABCDEF"} {
			if !strings.Contains(line, always) {
				t.Errorf("personal %v: %q is not in %s", personal, always, line)
			}
		}
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := record.NewMetrics(reg)
	m.Count(decision())
	m.Fail(record.FailureStore)
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
	want := `
# HELP sekisho_brand_messages_total Messages with a finding about a brand, by the brand and by the worst verdict of their recipients; one for each message and brand.
# TYPE sekisho_brand_messages_total counter
sekisho_brand_messages_total{brand="rakuten",verdict="quarantine"} 1
# HELP sekisho_claims_total Claims of a brand by place; mentions are not counted.
# TYPE sekisho_claims_total counter
sekisho_claims_total{brand="rakuten",place="from-name"} 1
# HELP sekisho_findings_total Findings by recipient policy; one for each message, finding and policy.
# TYPE sekisho_findings_total counter
sekisho_findings_total{finding="impersonation",policy="default"} 1
# HELP sekisho_limits_hit_total Reading limits that a message ran into, by limit.
# TYPE sekisho_limits_hit_total counter
sekisho_limits_hit_total{limit="limit-parts"} 1
# HELP sekisho_verdicts_total Verdicts by recipient policy; one for each recipient of each message.
# TYPE sekisho_verdicts_total counter
sekisho_verdicts_total{policy="default",verdict="quarantine"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "sekisho_brand_messages_total", "sekisho_claims_total", "sekisho_findings_total",
		"sekisho_limits_hit_total", "sekisho_verdicts_total"); err != nil {
		t.Error(err)
	}
}

// overridden is a message that a list broke, for one of two policies.
func overridden() *record.Decision {
	d := decision()
	failed, explained := finding.Finding{Name: finding.DMARCReject}, finding.Finding{Name: finding.Forwarded, Why: "came by the trusted list"}
	d.Findings = []finding.Finding{failed}
	d.Proof.DMARC = dmarc.Check{Result: dmarc.Fail, OrgDomain: "st.mgu.ac.jp", ListOrgDomain: "mgu.ac.jp", Disagree: true, Secure: true}
	d.Proof.Client = proof.Client{Helo: "lists.example", TLSVersion: "TLSv1.3"}
	d.Proof.Identities[0] = proof.Identity{Domain: "mgu.ac.jp", Method: proof.ByDKIM, Strength: proof.WeakKey, KeyBits: 1024, Aligned: true}
	d.Verdict, d.Points = policy.Reject, 8
	by := &finding.Forwarder{Kind: finding.ByList, Domain: "lists.example", Where: "policies/a.test.yaml:3", Reason: "members"}
	d.Recipients = []record.Recipient{
		{Address: "a@a.test", Decision: policy.Decision{Verdict: policy.Accept, Policy: "a.test", Findings: []finding.Finding{explained}, Forwarder: by}},
		{Address: "b@a.test", Decision: policy.Decision{Verdict: policy.Accept, Policy: "a.test", Findings: []finding.Finding{explained}, Forwarder: by}},
		{Address: "c@c.test", Decision: policy.Decision{Verdict: policy.Reject, Policy: "default", Points: 8, Findings: d.Findings}},
	}
	return d
}

// TestForwarder holds that an override is told for whom it was made, and counted
// once for its policy.
func TestForwarder(t *testing.T) {
	d := overridden()
	var b bytes.Buffer
	if err := d.WriteJSON(&b, ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"rcpt":"a@a.test","policy":"a.test","verdict":"accept","points":0,"forwarder":{"kind":"list","domain":"lists.example","where":"policies/a.test.yaml:3","reason":"members"}}`,
		`"rcpt":"c@c.test","policy":"default","verdict":"reject","points":8}`,
		`"dmarc_secure":true`,
		`"dmarc_disagree":{"tree_walk":"st.mgu.ac.jp","suffix_list":"mgu.ac.jp"}`,
		`"helo":"lists.example","tls":"TLSv1.3"`, `"strength":"dkim-weak"`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
	b.Reset()
	if err := d.WriteAccount(&b, ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"by the trusted list lists.example (policies/a.test.yaml:3: members)", "aligned with From, with a key of 1024 bits only"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
	}
	core, logs := observer.New(zapcore.InfoLevel)
	record.NewLogger(zap.New(core), false).Message(d)
	line := logs.All()[0].ContextMap()
	if diff := cmp.Diff([]any{"list:lists.example@policies/a.test.yaml:3"}, line["forwarders"]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if line["dmarc_tree_walk"] != "st.mgu.ac.jp" || line["dmarc_suffix_list"] != "mgu.ac.jp" {
		t.Errorf("%v", line)
	}

	reg := prometheus.NewPedanticRegistry()
	record.NewMetrics(reg).Count(d)
	want := `
# HELP sekisho_findings_total Findings by recipient policy; one for each message, finding and policy.
# TYPE sekisho_findings_total counter
sekisho_findings_total{finding="dmarc-reject",policy="default"} 1
sekisho_findings_total{finding="forwarded",policy="a.test"} 1
# HELP sekisho_forwarder_overrides_total Failures of authentication put down to a forwarder that the recipient policy trusts, by policy and by what the forwarder is known by; one for each message and policy.
# TYPE sekisho_forwarder_overrides_total counter
sekisho_forwarder_overrides_total{kind="list",policy="a.test"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "sekisho_findings_total", "sekisho_forwarder_overrides_total"); err != nil {
		t.Error(err)
	}
}

// TestExceptionsAndObserved holds that what was lifted, and what was not carried
// out, is told for whom it was so, and counted.
func TestExceptionsAndObserved(t *testing.T) {
	d := decision()
	used := policy.Used{ID: "0a1b2c3d", Where: "policies/a.test.yaml:3", Lifted: []finding.Name{finding.Impersonation, finding.Lure}}
	d.Recipients = []record.Recipient{
		{Address: "a@a.test", Decision: policy.Decision{Verdict: policy.Accept, Policy: "a.test", Exceptions: []policy.Used{used}}},
		{Address: "b@a.test", Decision: policy.Decision{Verdict: policy.Accept, Policy: "a.test", Exceptions: []policy.Used{used}}},
		{Address: "c@c.test", Decision: policy.Decision{Verdict: policy.Accept, Policy: "c.test", Observed: policy.Quarantine, Points: 9}},
	}
	var b bytes.Buffer
	if err := errors.Join(d.WriteJSON(&b, ""), d.WriteAccount(&b, "")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"rcpt":"a@a.test","policy":"a.test","verdict":"accept","points":0,"exceptions":[{"id":"0a1b2c3d","where":"policies/a.test.yaml:3","lifted":["impersonation","lure"]}]}`,
		`"rcpt":"c@c.test","policy":"c.test","verdict":"accept","points":9,"observed":"quarantine"}`,
		"exception 0a1b2c3d@policies/a.test.yaml:3: impersonation, lure",
		"c@c.test -> accept (only observed: quarantine), policy c.test",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
	core, logs := observer.New(zapcore.InfoLevel)
	record.NewLogger(zap.New(core), false).Message(d)
	line := logs.All()[0].ContextMap()
	if diff := cmp.Diff([]any{"0a1b2c3d@policies/a.test.yaml:3: impersonation, lure"}, line["exceptions"]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]any{"c.test=quarantine"}, line["observed"]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	reg := prometheus.NewPedanticRegistry()
	record.NewMetrics(reg).Count(d)
	want := `
# HELP sekisho_exceptions_used_total Exceptions that had an effect, by recipient policy and the exception's id; one for each message and policy.
# TYPE sekisho_exceptions_used_total counter
sekisho_exceptions_used_total{exception="0a1b2c3d",policy="a.test"} 1
# HELP sekisho_observed_verdicts_total Verdicts that were not carried out, because the recipient policy only observes; one for each recipient of each message.
# TYPE sekisho_observed_verdicts_total counter
sekisho_observed_verdicts_total{policy="c.test",verdict="quarantine"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "sekisho_exceptions_used_total", "sekisho_observed_verdicts_total"); err != nil {
		t.Error(err)
	}
}
