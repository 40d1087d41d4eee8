package policy

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// TestSoften: a finding that has stepped down still tags, and never holds or
// refuses; the others stay as they are.
func TestSoften(t *testing.T) {
	lure := finding.Finding{Name: finding.Lure}
	refused := finding.Finding{Name: finding.DMARCReject}
	for name, tc := range map[string]struct {
		policy   string
		found    []finding.Finding
		softened []finding.Name
		want     string
	}{
		"nothing is softened":       {"", []finding.Finding{posing, leaving}, nil, "quarantine 9 []"},
		"what weighs most":          {"", []finding.Finding{posing, leaving}, []finding.Name{finding.Impersonation}, "tag 9 [impersonation]"},
		"what was not found":        {"", []finding.Finding{posing, leaving}, []finding.Name{finding.Lure}, "quarantine 9 []"},
		"enough is left":            {"thresholds: {quarantine: 6}", []finding.Finding{posing, leaving}, []finding.Name{finding.LinksLeaveBrand}, "quarantine 9 [links-leave-brand]"},
		"reject becomes quarantine": {"findings: {lure: {action: reject}}", []finding.Finding{lure}, []finding.Name{finding.Lure}, "quarantine 0 [lure]"},
		"quarantine becomes tag":    {"findings: {lure: {action: quarantine}}", []finding.Finding{lure}, []finding.Name{finding.Lure}, "tag 0 [lure]"},
		"tag becomes nothing":       {"findings: {lure: {action: tag}}", []finding.Finding{lure}, []finding.Name{finding.Lure}, "accept 0 [lure]"},
		"tempfail stays":            {"findings: {lure: {action: tempfail}}", []finding.Finding{lure}, []finding.Name{finding.Lure}, "tempfail 0 [lure]"},
		"a finding of proof":        {"", []finding.Finding{refused}, []finding.Name{finding.DMARCReject}, "reject 8 []"},
	} {
		t.Run(name, func(t *testing.T) {
			set := load(t, map[string]string{"x.jp.yaml": tc.policy})
			soft := Softened{"x.jp": tc.softened, "y.jp": {finding.Impersonation}}
			d := set.Hear(&fact.Facts{Found: tc.found}, june).Soften(soft).For("a@x.jp")
			if got := fmt.Sprintf("%s %d %v", d.Verdict, d.Points, d.Softened); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// TestSoftenIsMilder: stepping down never makes a verdict graver.
func TestSoftenIsMilder(t *testing.T) {
	set := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfDistinct(rapid.SampledFrom(finding.Names()), rapid.ID[finding.Name]).Draw(t, "found")
		soft := rapid.SliceOfDistinct(rapid.SampledFrom(finding.Names()), rapid.ID[finding.Name]).Draw(t, "soft")
		facts := &fact.Facts{Found: found(names...)}
		before, after := set.Hear(facts, june).For(""), set.Hear(facts, june).Soften(Softened{DefaultName: soft}).For("")
		// A message that was not read in full may be put off instead of being held, as
		// one that brings as little from the start.
		putOff := after.By == finding.ChecksShed && before.Verdict != Accept && before.Verdict != Tag
		if after.Verdict.Worse(before.Verdict) && !putOff || after.Points != before.Points {
			t.Fatalf("%+v, softened %v %+v", before, soft, after)
		}
	})
}

// TestBudget: what a file says, and its limits.
func TestBudget(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "10 7",
		"budget: {false_positives: off}": "0 7",
		"budget: {false_positives: 100000, days: 365}": "100000 365",
		"budget: {false_positives: 100001}":            "",
		"budget: {false_positives: 0}":                 "",
		"budget: {days: 366}":                          "",
		"budget: {days: 0}":                            "",
	} {
		set, err := Load(directory(t, map[string]string{"x.jp.yaml": text}))
		got := ""
		if err == nil {
			n, days := set.For("a@x.jp").Budget()
			got = fmt.Sprint(n, days)
		}
		if got != want {
			t.Errorf("%s: %q, want %q (%v)", text, got, want, err)
		}
	}
}
