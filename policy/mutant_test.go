package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/policy/mutation"
)

// outcomes are what a set decides on a spread of messages: each finding alone and
// beside a heavy one, for every domain and the default.
func outcomes(s *Set) string {
	var b strings.Builder
	heavy := finding.Finding{Name: finding.Impersonation, Brand: "rakuten"}
	for _, domain := range append(s.Domains(), "nobody.example", "sub.example.jp") {
		p := s.For("a@" + domain)
		fmt.Fprintln(&b, domain, p.SubjectPrefix(), p.Banner(), p.QuarantineMode(), p.Keep(), p.Release(), p.OnOverload())
		for _, name := range finding.Names() {
			for _, found := range [][]finding.Finding{{{Name: name}}, {heavy, {Name: name}}} {
				d := s.Hear(&fact.Facts{Found: found}, june).For("a@" + domain)
				fmt.Fprintln(&b, name, d.Verdict, d.Observed, d.Points, d.By)
			}
		}
	}
	return b.String()
}

// TestMutants: whatever one changes in a policy is either told as a mistake, or
// said in words by diff, or without any effect on what is decided. Nothing changes
// decisions in silence.
func TestMutants(t *testing.T) {
	files := mutation.Shipped(t)
	before := load(t, files)
	want := outcomes(before)
	all := mutation.Of(files)
	counts := map[string]int{}
	var same []string
	for _, m := range all {
		after, err := Load(directory(t, m.Files))
		switch {
		case err != nil:
			counts["check"]++
		case len(Diff(before, after, june)) > 0:
			counts["diff"]++
		case !slices.Equal(before.Domains(), after.Domains()):
			counts["domains"]++
		case outcomes(after) != want:
			t.Errorf("changes decisions in silence: %s", m.What)
		default:
			same = append(same, m.What)
		}
	}
	t.Logf("%d mutants: %v, without effect %d", len(all), counts, len(same))
	for _, what := range same {
		t.Log("without effect:", what)
	}
	if len(all) < 300 {
		t.Errorf("%d mutants", len(all))
	}
}
