package act

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
)

// TestPass: an original loses what only we may write, a copy of ours the stamp.
func TestPass(t *testing.T) {
	h := mail.Header{
		{Name: "X-Sekisho-Release"}, {Name: "x-sekisho-verdict"}, {Name: "X-SEKISHO-release "}, {Name: "Authentication-Results"}, {Name: "Subject"},
	}
	stamps := []Edit{{Op: Delete, Index: 2, Name: "X-SEKISHO-release"}, {Op: Delete, Index: 1, Name: "X-Sekisho-Release"}}
	all := []Edit{stamps[0], {Op: Delete, Index: 1, Name: "x-sekisho-verdict"}, stamps[1], {Op: Delete, Index: 1, Name: "Authentication-Results"}}
	if diff := cmp.Diff(Plan{Reply: Continue, Edits: all}, Pass(h, []int{1}, true, "X-Sekisho-Release")); diff != "" {
		t.Errorf("original: %s", diff)
	}
	if diff := cmp.Diff(Plan{Reply: Continue, Edits: stamps}, Pass(h, nil, false, "X-Sekisho-Release")); diff != "" {
		t.Errorf("copy: %s", diff)
	}
}

func TestPassLimit(t *testing.T) {
	for n, want := range map[int]Reply{MaxRemovals: Continue, MaxRemovals + 1: Reject} {
		var h mail.Header
		for range n {
			h = append(h, mail.Field{Name: "X-Sekisho-Release"})
		}
		for _, original := range []bool{true, false} {
			if got := Pass(h, nil, original, "X-Sekisho-Release").Reply; got != want {
				t.Errorf("%d fields, original %v: %s", n, original, got)
			}
		}
	}
}
