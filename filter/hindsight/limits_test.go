package hindsight

import (
	"strings"
	"testing"
)

// TestListed: differences are kept up to the limit and counted past it.
func TestListed(t *testing.T) {
	s := newSummary("a", "b")
	for n := 1; n <= MaxListed+1; n++ {
		s.add(&Line{Rcpt: "a@a.test", Changed: true, Was: Judgement{Verdict: "tag"}, Is: Judgement{Verdict: "reject"}})
		if s.Changed != n || len(s.Listed) != min(n, MaxListed) {
			t.Fatalf("%d of %d listed", len(s.Listed), n)
		}
	}
}

// TestCut: reasons are cut between characters.
func TestCut(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("x", maxWhy):    strings.Repeat("x", maxWhy),
		strings.Repeat("x", maxWhy+1):  strings.Repeat("x", maxWhy) + "…",
		"x" + strings.Repeat("関", 100): "x" + strings.Repeat("関", 99) + "…",
	} {
		if got := cut(text); got != want {
			t.Errorf("%q", got)
		}
	}
}
