package act

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sekisho/filter/finding"
	"sekisho/policy"
)

func one(v policy.Verdict) []Recipient {
	return []Recipient{{Address: "a@example.jp", Policy: "example.jp", Verdict: v, Points: 7}}
}

func TestEditsOnPostfix(t *testing.T) {
	mta := receive(
		"x-sekisho-verdict: verdict=accept",
		"Authentication-Results: mx.example.jp; spf=pass",
		"From: a@example.com",
		"X-Sekisho-Verdict : verdict=accept\r\n\tpoints=0",
		"Authentication-Results: other.example; dkim=pass",
		"X-SEKISHO-Anything: 1",
		"authentication-results: mx.example.jp; dkim=pass",
		"X-Sekishoo: stays",
		"X-Sekisho-Trace: forged",
		"Subject: hello",
	)
	in := Input{
		Header: mta.shown(), Recipients: one(policy.Tag), Generation: 12, Trace: "t1",
		Claims: []string{"rakuten", "rakuten"}, Findings: []finding.Name{finding.Impersonation, finding.LinksLeaveBrand},
		AuthResults: "mx.example.jp;\r\n\tspf=pass smtp.mailfrom=example.com", OwnResults: []int{1, 3},
	}
	in.Recipients[0].SubjectPrefix = "[phish?]"
	out := Build(in)
	mta.apply(out.Plan.Edits)
	want := []string{
		"Authentication-Results: mx.example.jp;\r\n\tspf=pass smtp.mailfrom=example.com",
		"X-Sekisho-Verdict: verdict=tag points=7 claims=rakuten\r\n\tfindings=impersonation,links-leave-brand policy=example.jp generation=12",
		"X-Sekisho-Trace: t1",
		"Received: from client by mx.example.jp",
		"From: a@example.com",
		"Authentication-Results: other.example; dkim=pass",
		"X-Sekishoo: stays",
		"Subject: [phish?] hello",
	}
	if diff := cmp.Diff(want, mta.fields); diff != "" {
		t.Error(diff)
	}
}

func TestSubjectIsAddedWhenMissing(t *testing.T) {
	mta := receive("From: a@example.com")
	in := Input{Header: mta.shown(), Recipients: one(policy.Tag), Trace: "t1"}
	in.Recipients[0].SubjectPrefix = "【注意】"
	mta.apply(Build(in).Plan.Edits)
	if got, want := mta.fields[2], "Subject: =?UTF-8?B?44CQ5rOo5oSP44CR?="; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOnlyForgedFieldsGo: whatever the header, what we sent is on top, nothing
// of our names is left below it, and all the rest keeps its bytes and order.
func TestOnlyForgedFieldsGo(t *testing.T) {
	names := []string{"X-Sekisho-Verdict", "x-sekisho-verdict", "X-SEKISHO-TRACE ", "X-Sekisho-", "X-Sekisho",
		"Authentication-Results", "authentication-results", "From", "Received", "Subject"}
	rapid.Check(t, func(t *rapid.T) {
		var fields, want []string
		var own []int
		results := 0
		for i := range rapid.IntRange(0, 40).Draw(t, "fields") {
			name := rapid.SampledFrom(names).Draw(t, "name")
			ours := strings.HasPrefix(strings.ToLower(name), "x-sekisho-")
			if strings.EqualFold(name, authResults) {
				if results++; rapid.Bool().Draw(t, "own") {
					own, ours = append(own, results), true
				}
			}
			line := fmt.Sprintf("%s: %d", name, i)
			fields = append(fields, line)
			if !ours {
				want = append(want, line)
			}
		}
		mta := receive(fields...)
		out := Build(Input{Header: mta.shown(), Recipients: one(policy.Accept), Trace: "t1", AuthResults: "mx; none", OwnResults: own})
		mta.apply(out.Plan.Edits)
		want = append([]string{"Authentication-Results: mx; none", "X-Sekisho-Verdict: verdict=accept points=7 policy=example.jp",
			"X-Sekisho-Trace: t1", "Received: from client by mx.example.jp"}, want...)
		if diff := cmp.Diff(want, mta.fields); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestMaxRemovals(t *testing.T) {
	for _, tc := range []struct {
		forged, own int
		want        Reply
	}{{MaxRemovals, 0, Continue}, {MaxRemovals - 1, 1, Continue}, {MaxRemovals + 1, 0, Reject}, {MaxRemovals, 1, Reject}} {
		mta := receive()
		for range tc.forged {
			mta.fields = append(mta.fields, "X-Sekisho-Verdict: forged")
		}
		var own []int
		for i := range tc.own {
			mta.fields = append(mta.fields, "Authentication-Results: mx; none")
			own = append(own, i+1)
		}
		out := Build(Input{Header: mta.shown(), Recipients: one(policy.Accept), Trace: "t1", OwnResults: own})
		if out.Plan.Reply != tc.want {
			t.Errorf("%d forged, %d own: %s, want %s", tc.forged, tc.own, out.Plan.Reply, tc.want)
		}
	}
}

func TestVerdictField(t *testing.T) {
	many := make([]string, MaxListed+1)
	for i := range many {
		many[i] = fmt.Sprint("b", i)
	}
	r := func(p string, points int, v policy.Verdict) Recipient {
		return Recipient{Address: p + "@x", Policy: p, Points: points, Verdict: v}
	}
	for name, tc := range map[string]struct {
		claims []string
		rs     []Recipient
		want   string
	}{
		"one policy":           {nil, []Recipient{r("a.example", 3, policy.Accept), r("a.example", 3, policy.Accept)}, "verdict=accept points=3 policy=a.example"},
		"two policies":         {nil, []Recipient{r("a.example", 3, policy.Accept), r("b.example", 3, policy.Tag)}, "verdict=tag"},
		"same policy, points":  {nil, []Recipient{r("a.example", 3, policy.Tag), r("a.example", 4, policy.Tag)}, "verdict=tag policy=a.example"},
		"no policy name":       {nil, []Recipient{{Verdict: policy.Tag}}, "verdict=tag points=0"},
		"hostile names":        {[]string{"a b", "", "x=1;y\r\nEvil: 1"}, []Recipient{r("楽天", 1, policy.Tag)}, "verdict=tag points=1 claims=a?b,x?1?y??Evil:?1 policy=??"},
		"at most 32 brands":    {many[:MaxListed], []Recipient{r("p", 0, policy.Tag)}, "verdict=tag points=0 claims=" + strings.Join(many[:MaxListed], ",") + " policy=p"},
		"and one past that":    {many, []Recipient{r("p", 0, policy.Tag)}, "verdict=tag points=0 claims=" + strings.Join(many[:MaxListed], ",") + " policy=p"},
		"names no other party": {nil, []Recipient{r("a.example", 3, policy.Tag), r("a.example", 3, policy.Tag)}, "verdict=tag points=3 policy=a.example"},
	} {
		if got := verdictValue(Input{Claims: tc.claims}, tc.rs); got != tc.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, tc.want)
		}
		if got := verdictValue(Input{Claims: tc.claims, Generation: 3}, tc.rs); got != tc.want+" generation=3" {
			t.Errorf("%s, with a generation: %q", name, got)
		}
	}
}
