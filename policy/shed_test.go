package policy

import (
	"slices"
	"testing"

	"sekisho/filter/finding"
)

// TestMayShed: the first of the list first, and only what the policies of all
// recipients let be left out.
func TestMayShed(t *testing.T) {
	t.Parallel()
	set := load(t, map[string]string{
		"all.test.yaml":      "fail: {shed: [documents, pictures, shadow]}",
		"pictures.test.yaml": "fail: {shed: [pictures]}",
		"none.test.yaml":     "fail: {shed: []}",
	})
	for _, tc := range []struct {
		rcpts []string
		steps int
		want  []Check
	}{
		{[]string{"a@all.test"}, 0, nil},
		{[]string{"a@all.test"}, 1, []Check{Documents}},
		{[]string{"a@all.test"}, 2, []Check{Documents, Pictures}},
		{[]string{"a@all.test"}, 3, []Check{Documents, Pictures, Shadow}},
		{[]string{"a@all.test"}, 4, []Check{Documents, Pictures, Shadow}},
		{[]string{"a@pictures.test"}, 1, []Check{Pictures}},
		{[]string{"a@all.test", "b@pictures.test"}, 1, nil},
		{[]string{"a@all.test", "b@pictures.test"}, 2, []Check{Pictures}},
		{[]string{"a@all.test", "b@none.test"}, 3, nil},
		{[]string{"a@none.test", "b@all.test"}, 3, nil},
		{[]string{"a@other.test"}, 2, []Check{Shadow, Documents}}, // the built-in default
		{nil, 1, []Check{Shadow}},
	} {
		if got := set.MayShed(tc.rcpts, tc.steps); !slices.Equal(got, tc.want) {
			t.Errorf("%v, %d steps: %v, want %v", tc.rcpts, tc.steps, got, tc.want)
		}
	}
	if got := set.For("a@all.test").Fail.Shed.Value; !slices.Equal(got, checks{Documents, Pictures, Shadow}) {
		t.Errorf("the policy itself has changed: %v", got)
	}
}

// TestMissed: a message from which something was left out does not pass by accident
// where a few points more would bring a graver verdict, and is not held for it.
func TestMissed(t *testing.T) {
	t.Parallel()
	set := load(t, map[string]string{
		"default.yaml": `
thresholds: {tag: 4, quarantine: 8, reject: 12}
findings:
  lure: {points: 1}
  weak-claim: {points: 2}
  unproved-claim: {points: 4}
  impersonation: {points: 5}
  dmarc-reject: {points: 8}
  spf-fail: {action: tempfail}
fail: {shed_margin: 2}`,
		"off.test.yaml":  "fail: {shed_margin: off}",
		"wide.test.yaml": "fail: {shed_margin: 100}",
		"held.test.yaml": "findings: {checks-shed: {action: tag}}",
	})
	for name, tc := range map[string]struct {
		rcpt  string
		found []finding.Name
		want  Verdict
		by    finding.Name
	}{
		"nothing else":                  {"a@b.test", []finding.Name{finding.ChecksShed}, Accept, ""},
		"one short of the margin":       {"a@b.test", []finding.Name{finding.Lure, finding.ChecksShed}, Accept, ""},
		"within the margin":             {"a@b.test", []finding.Name{finding.WeakClaim, finding.ChecksShed}, Tempfail, finding.ChecksShed},
		"the same, all looked at":       {"a@b.test", []finding.Name{finding.WeakClaim}, Accept, ""},
		"tagged, far from held":         {"a@b.test", []finding.Name{finding.Impersonation, finding.ChecksShed}, Tag, finding.Impersonation},
		"tagged, near to held":          {"a@b.test", []finding.Name{finding.UnprovedClaim, finding.WeakClaim, finding.ChecksShed}, Tempfail, finding.ChecksShed},
		"held, whatever was left out":   {"a@b.test", []finding.Name{finding.DMARCReject, finding.WeakClaim, finding.ChecksShed}, Quarantine, finding.DMARCReject},
		"put off for another reason":    {"a@b.test", []finding.Name{finding.SPFFail, finding.WeakClaim, finding.ChecksShed}, Tempfail, finding.SPFFail},
		"no margin":                     {"a@off.test", []finding.Name{finding.WeakClaim, finding.ChecksShed}, Accept, ""},
		"all that was not read in full": {"a@wide.test", []finding.Name{finding.ChecksShed}, Tempfail, finding.ChecksShed},
		"an action of its own":          {"a@held.test", []finding.Name{finding.ChecksShed}, Tag, finding.ChecksShed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := set.For(tc.rcpt).Decide(found(tc.found...))
			if d.Verdict != tc.want || d.By != tc.by {
				t.Errorf("%s by %q, want %s by %q", d.Verdict, d.By, tc.want, tc.by)
			}
			if d.By == finding.ChecksShed && d.Where == "" {
				t.Error("no line of the policy is named")
			}
		})
	}
}
