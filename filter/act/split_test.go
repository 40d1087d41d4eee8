package act

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sekisho/filter/act/banner"
	"sekisho/filter/mail"
	"sekisho/policy"
)

func addresses(rs []Recipient) []string {
	var all []string
	for _, r := range rs {
		all = append(all, r.Address)
	}
	return all
}

func TestSplit(t *testing.T) {
	r := func(address string, v policy.Verdict, prefix string, b banner.Style) Recipient {
		return Recipient{Address: address + "@x.test", Verdict: v, SubjectPrefix: prefix, Banner: b}
	}
	malformed := Recipient{Address: "x:z@x.test;", Verdict: policy.Tag, SubjectPrefix: "[!]"}
	for name, tc := range map[string]struct {
		rs   []Recipient
		want string // parts
	}{
		"alike":            {[]Recipient{r("a", policy.Tag, "[!]", banner.None), r("b", policy.Tag, " [!]", banner.None)}, "[a b]"},
		"nothing to see":   {[]Recipient{r("a", policy.Tag, "", banner.None), r("b", policy.Accept, "[!]", banner.Both)}, "[a b]"},
		"prefix":           {[]Recipient{r("a", policy.Tag, "[!]", banner.None), r("b", policy.Accept, "[!]", banner.None)}, "[a] [b]"},
		"banner":           {[]Recipient{r("a", policy.Tag, "[!]", banner.Both), r("b", policy.Tag, "[!]", banner.English)}, "[a] [b]"},
		"the largest":      {[]Recipient{r("a", policy.Tag, "1", banner.None), r("b", policy.Tag, "2", banner.None), r("c", policy.Tag, "2", banner.None), r("d", policy.Accept, "", banner.None)}, "[b c] [a] [d]"},
		"held":             {[]Recipient{r("a", policy.Quarantine, "", banner.None), r("b", policy.Tag, "1", banner.None), r("c", policy.Reject, "", banner.None), r("d", policy.Accept, "", banner.None)}, "[b a c] [d]"},
		"all held":         {[]Recipient{r("a", policy.Quarantine, "1", banner.None), r("b", policy.Reject, "2", banner.None)}, "[a b]"},
		"cannot be taken":  {[]Recipient{r("a", policy.Accept, "", banner.None), malformed}, "[a x:z@x.test;]"},
		"can stay, though": {[]Recipient{malformed, r("a", policy.Accept, "", banner.None)}, "[x:z@x.test;] [a]"},
		"nobody":           {nil, "[]"},
	} {
		var got []string
		for _, part := range Split(tc.rs) {
			got = append(got, strings.ReplaceAll(fmt.Sprint(addresses(part)), "@x.test ", " "))
		}
		if text := strings.ReplaceAll(strings.Join(got, " "), "@x.test]", "]"); text != tc.want {
			t.Errorf("%s: %s, want %s", name, text, tc.want)
		}
	}
}

func TestSplitLimit(t *testing.T) {
	for n, parts := range map[int]int{MaxCopies + 1: MaxCopies + 1, MaxCopies + 2: 1} {
		var rs []Recipient
		for i := range n {
			rs = append(rs, Recipient{Address: fmt.Sprintf("%d@x.test", i), Verdict: policy.Tag, SubjectPrefix: fmt.Sprint(i)})
		}
		if got := len(Split(rs)); got != parts {
			t.Errorf("%d looks: %d parts", n, got)
		}
	}
}

// TestSplitIsAPartition: nobody is lost, nobody is in two parts, and who reads one
// copy is to see the same.
func TestSplitIsAPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rs []Recipient
		for i := range rapid.IntRange(1, 12).Draw(t, "n") {
			rs = append(rs, Recipient{
				Address:       fmt.Sprintf("%d@x.test", i),
				Verdict:       rapid.SampledFrom([]policy.Verdict{policy.Accept, policy.Tag, policy.Tag, policy.Quarantine, policy.Reject}).Draw(t, "verdict"),
				SubjectPrefix: rapid.SampledFrom([]string{"", "[!]", "[?]"}).Draw(t, "prefix"),
				Banner:        rapid.SampledFrom([]banner.Style{banner.None, banner.English, banner.Both}).Draw(t, "banner"),
			})
		}
		parts := Split(rs)
		var all []string
		for i, part := range parts {
			all = append(all, addresses(part)...)
			seen := map[look]bool{}
			for _, r := range part {
				if r.Verdict == policy.Accept || r.Verdict == policy.Tag {
					seen[lookOf(r)] = true
				} else if i > 0 {
					t.Fatalf("%v is to get a copy", r)
				}
			}
			if len(seen) > 1 {
				t.Fatalf("%v read one copy", part)
			}
		}
		want := addresses(rs)
		slices.Sort(all)
		slices.Sort(want)
		if diff := cmp.Diff(want, all); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestApply: edits by number count fields of one name from the top, whatever their
// case, each after those before it.
func TestApply(t *testing.T) {
	field := func(text string) mail.Field {
		name, _, _ := strings.Cut(text, ":")
		return mail.Field{Name: name, Raw: []byte(text + "\r\n")}
	}
	h := mail.Header{field("A: 1"), field("B: 2"), field("a : 3"), field("C: 4")}
	got, body := Apply(h, []byte("body"), Plan{Body: []byte("other"), Edits: []Edit{
		{Op: Delete, Index: 2, Name: "A"}, {Op: Change, Index: 1, Name: "c", Value: "four\r\n\tfolded"}, {Op: Delete, Index: 7, Name: "A"},
		{Op: Insert, Index: bottom, Name: "Z", Value: "last"}, {Op: Insert, Index: 0, Name: "X", Value: "second"}, {Op: Insert, Index: 0, Name: "Y", Value: "first"},
	}})
	var b strings.Builder
	for _, f := range got {
		b.Write(f.Raw)
	}
	if want := "Y: first\r\nX: second\r\nA: 1\r\nB: 2\r\nc: four\r\n\tfolded\r\nZ: last\r\n"; b.String() != want || string(body) != "other" {
		t.Errorf("%q, %q", b.String(), body)
	}
	if len(h) != 4 || string(h[3].Raw) != "C: 4\r\n" {
		t.Error("the message itself was changed")
	}
	if _, body := Apply(h, []byte("body"), Plan{}); string(body) != "body" {
		t.Errorf("body %q", body)
	}
}
