package shipped

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, err := Parse(`histogram_quantile(0.99, sum by (le, stage) (rate(a_bucket{job="x", stage=~"a|b,}"}[5m] offset 1h)))
		unless on (job) b:c:d <= 5 * sum_over_time(e[7d:1h]) / 168 and time() - f > 2e3 or absent(up{job!='y'})`)
	if err != nil {
		t.Fatal(err)
	}
	want := Expression{
		Selectors: []Selector{
			{"a_bucket", []Matcher{{"job", "=", "x"}, {"stage", "=~", "a|b,}"}}},
			{Metric: "b:c:d"}, {Metric: "e"}, {Metric: "f"}, {"up", []Matcher{{"job", "!=", "y"}}},
		},
		Labels: []string{"le", "stage", "job"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := Parse(`a{job="$job"} + $left`); err == nil {
		t.Error("a variable was left")
	}
}
