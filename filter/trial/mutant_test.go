package trial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/gate"
	"sekisho/filter/trial"
	"sekisho/policy"
	"sekisho/policy/mutation"
)

// TestMutants: of the small changes to the sample policies that the loader takes, the
// tests beside them notice so many. All others are said by diff, or without effect:
// package policy holds that.
func TestMutants(t *testing.T) {
	set, err := gate.LoadSet(1, deployed, nil)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := trial.Load(deployed)
	if err != nil {
		t.Fatal(err)
	}
	before := set.Policies
	want := spread(before)
	all := mutation.Of(mutation.Shipped(t))
	var refused, caught, missed, same, weighty, weightyCaught int
	dir := filepath.Join(t.TempDir(), "policies")
	for _, m := range all {
		write(t, dir, m.Files)
		if set.Policies, err = policy.Load(dir); err != nil {
			refused++
			continue
		}
		told := len(policy.Diff(before, set.Policies, someDay)) > 0
		fails := suite.Run(t.Context(), set, someDay).Err(false) != nil
		decides := spread(set.Policies) != want
		if decides {
			weighty++
		}
		switch {
		case fails && decides:
			caught++
			weightyCaught++
		case fails:
			caught++
		case told:
			missed++
			t.Logf("by diff only: %s", m.What)
		default:
			same++
		}
	}
	t.Logf("%d mutants: the loader refuses %d; of the other %d the tests catch %d, diff alone tells %d, %d change nothing",
		len(all), refused, len(all)-refused, caught, missed, same)
	t.Logf("of %d that change a verdict about one finding or a pair, the tests catch %d", weighty, weightyCaught)
	if len(all) < 300 || caught < 50 {
		t.Errorf("%d mutants, %d caught", len(all), caught)
	}
}

// spread is the verdict about each finding, alone and beside a heavy one, for every
// domain of the samples and a mailbox of one.
func spread(s *policy.Set) string {
	var b strings.Builder
	heavy := finding.Finding{Name: finding.Impersonation, Brand: "rakuten"}
	for _, domain := range append(s.Domains(), "nobody.example") {
		for _, local := range []string{"a", "reservation"} {
			for _, name := range finding.Names() {
				for _, found := range [][]finding.Finding{{{Name: name}}, {heavy, {Name: name}}} {
					d := s.Hear(&fact.Facts{Found: found}, someDay).For(local + "@" + domain)
					b.WriteString(string(d.Verdict) + " ")
				}
			}
		}
	}
	return b.String()
}

// write makes dir hold the files and nothing else.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
