package trial

import (
	"strconv"

	"sekisho/filter/finding"
	"sekisho/policy"
)

// Difference is one thing that is not as expected.
type Difference struct {
	What string `json:"what"` // "verdict", "by", "points", "observed", "policy", "finding"
	Want string `json:"want"`
	Got  string `json:"got"`
}

const (
	found    = "found"
	notFound = "not found"
	nothing  = "nothing"
)

// differences holds a decision against what is expected.
func (x *expectation) differences(got *policy.Decision) []Difference {
	var all []Difference
	differ := func(what, want, got string) {
		if want != got {
			all = append(all, Difference{what, want, got})
		}
	}
	differ("verdict", string(x.Verdict), string(got.Verdict))
	if x.By != nil {
		differ("by", orNothing(string(x.By.Value)), orNothing(string(got.By)))
	}
	if x.Points != nil {
		differ("points", strconv.Itoa(*x.Points), strconv.Itoa(got.Points))
	}
	if x.Observed != nil {
		// Where the policy carries out what it decides, that is what it observes.
		would := got.Observed
		if would == "" {
			would = got.Verdict
		}
		differ("observed", string(*x.Observed), string(would))
	}
	if x.Policy != nil {
		differ("policy", *x.Policy, got.Policy)
	}
	for _, f := range x.Findings {
		if !finding.Has(got.Findings, finding.Name(f.Value)) {
			differ("finding", string(f.Value), notFound)
		}
	}
	for _, f := range x.Not {
		if finding.Has(got.Findings, finding.Name(f.Value)) {
			differ("finding", "no "+string(f.Value), found)
		}
	}
	return all
}

func orNothing(s string) string {
	if s == "" {
		return nothing
	}
	return s
}
