package act

import (
	"testing"

	"sekisho/filter/finding"
	"sekisho/policy"
)

// TestAdvice: a refusal in our words names the page of advice, one in the words of the
// policy does not; and one without a page is as it was.
func TestAdvice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page, words, want string
	}{
		{"", "", "Message refused by policy (trace t1)"},
		{"https://mx.example.jp/advice", "", "Message refused by policy; see https://mx.example.jp/advice (trace t1)"},
		{"https://mx.example.jp/advice", "Ask us", "Ask us (trace t1)"},
	} {
		out := Build(Input{Trace: "t1", Advice: c.page, Recipients: []Recipient{
			{Address: "a@b", Verdict: policy.Reject, Cause: finding.Impersonation, Reply: ReplyText{English: c.words}},
		}})
		if out.Plan.Status.Text != c.want {
			t.Errorf("%q, want %q", out.Plan.Status.Text, c.want)
		}
	}
}
