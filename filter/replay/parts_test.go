package replay

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/policy"
)

// TestInterval against values published for the method (Newcombe, Statistics in
// Medicine 17, 1998, table I).
func TestInterval(t *testing.T) {
	for _, tc := range []struct {
		r         Rate
		low, high float64
	}{
		{Rate{Of: 263, Hits: 81}, 0.2553, 0.3662},
		{Rate{Of: 148, Hits: 15}, 0.0624, 0.1605},
		{Rate{Of: 20, Hits: 0}, 0, 0.1611},
		{Rate{Of: 29, Hits: 1}, 0.0061, 0.1718},
		{Rate{}, 0, 1},
	} {
		low, high := tc.r.Interval()
		if math.Abs(low-tc.low) > 5e-5 || math.Abs(high-tc.high) > 5e-5 {
			t.Errorf("%+v: %.4f to %.4f, want %.4f to %.4f", tc.r, low, high, tc.low, tc.high)
		}
	}
	if got := (Rate{Of: 20, Hits: 20}).String(); got != "100.0 % (83.9 to 100.0), 20 of 20" {
		t.Error(got)
	}
}

func TestReadLabels(t *testing.T) {
	got, err := readLabels(strings.NewReader("lang,file,kind,brand\nja,a.eml,impersonation,\"UPS, Inc\"\nen,b/c.eml,spam,\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Labels{"a.eml": {Kind: "impersonation", Brand: "UPS, Inc"}, "b/c.eml": {Kind: "spam"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, label := range map[string]string{"x/y/a.eml": "impersonation", "b/c.eml": "spam", "/x/b/c.eml": "spam", "c.eml": "", "xa.eml": ""} {
		l := got.Of(name)
		if (l == nil) != (label == "") || l != nil && l.Kind != label {
			t.Errorf("%s: %+v", name, l)
		}
	}
	for _, bad := range []string{"", "file,brand\n", "file,kind\na,b\na,c\n", "file,kind\na\n", strings.Repeat("x,", MaxLabelColumns) + "kind\n"} {
		if l, err := readLabels(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: %v", bad, l)
		}
	}
	if _, err := readLabels(strings.NewReader("file,kind" + strings.Repeat(",x", MaxLabelColumns-2) + "\n")); err != nil {
		t.Error(err)
	}
}

func TestListIsCut(t *testing.T) {
	var l List
	for range MaxListed + 1 {
		l.add(&Outcome{})
	}
	if len(l.Outcomes) != MaxListed || l.Cut() != 1 {
		t.Errorf("%d kept, %d cut", len(l.Outcomes), l.Cut())
	}
}

func TestPointsBeyondTheHistogram(t *testing.T) {
	s := newSummary(&Options{}, nil, nil)
	for _, points := range []int{0, MaxPoints - 1, MaxPoints, MaxPoints + 1, 1000} {
		s.add(&Outcome{Verdict: policy.Accept, Points: points})
	}
	if s.Points[0].Plain != 1 || s.Points[MaxPoints-1].Plain != 1 || s.Points[MaxPoints].All() != 3 {
		t.Errorf("%+v", s.Points)
	}
}

func TestProgressLine(t *testing.T) {
	for _, tc := range []struct {
		done, total, held, resumed int64
		want                       string
	}{
		{50, 0, 3, 0, "judged 50, 3 held, 5 a second"},
		{50, 100, 3, 0, "[############............]  50 %  50 of 100, 3 held, 5 a second, 10s left"},
		{60, 100, 3, 60, "[##############..........]  60 %  60 of 100, 3 held, 0 a second, ? left"},
		{101, 100, 0, 0, "[########################] 100 %  101 of 100, 0 held, 10 a second, 0s left"},
	} {
		if got := progressLine(tc.done, tc.total, tc.held, tc.resumed, 10*time.Second); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}

func TestTableIsPrintable(t *testing.T) {
	s := newSummary(&Options{Against: BuiltIn}, nil, nil)
	s.add(&Outcome{File: "a\x1b[2J\tb\n", Label: &Label{Kind: "spam\u202e"}, Verdict: policy.Tag, Against: &Against{Verdict: policy.Accept}})
	s.finish()
	var b bytes.Buffer
	if err := s.WriteTable(&b); err != nil || strings.ContainsAny(b.String(), "\x1b\t\u202e") {
		t.Errorf("%v: %q", err, b.String())
	}
}

func TestCut(t *testing.T) {
	for _, n := range []int{maxShown, maxShown + 1} {
		got := cut(strings.Repeat("x", n))
		if (n <= maxShown) != (len(got) == n) || len(got) > maxShown+len("…") {
			t.Errorf("%d bytes became %d", n, len(got))
		}
	}
	if got := cut("x" + strings.Repeat("楽", 100)); strings.ContainsRune(got, '\uFFFD') || len(got) > maxShown+len("…") {
		t.Error(got)
	}
}
