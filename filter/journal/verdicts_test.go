package journal_test

import (
	"testing"
	"time"

	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
	"sekisho/policy"
)

// TestVerdicts: counts by hour are those of the records themselves.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	live, err := policy.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	last := time.Date(2026, 3, 4, 5, 20, 0, 0, time.UTC)
	journaltest.Write(t, dir, live, nil, 3000, last) // one a second: 50 minutes
	r, err := journal.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	within := journal.Range{Since: last.Add(-45 * time.Minute), Until: last.Add(-time.Minute)}
	for _, domains := range [][]string{nil, {"d1.test", "D2.test"}, {"1.test"}} {
		want := map[journal.Count]int{}
		for rec, err := range r.Records(t.Context(), within) {
			if err != nil {
				t.Fatal(err)
			}
			for _, to := range rec.Recipients {
				at := to.Address[len(to.Address)-len("@d1.test"):]
				if domains == nil || len(domains) == 2 && (at == "@d1.test" || at == "@d2.test") {
					want[journal.Count{At: rec.Time.Truncate(time.Hour), Verdict: to.Verdict}]++
				}
			}
		}
		got, err := r.Verdicts(t.Context(), within, time.Hour, domains)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) || len(got) == 0 != (len(domains) == 1) {
			t.Errorf("%v: %v, want %v", domains, got, want)
		}
		for _, c := range got {
			if want[journal.Count{At: c.At, Verdict: c.Verdict}] != c.Recipients {
				t.Errorf("%v: %v, want %v", domains, c, want)
			}
		}
	}
}
