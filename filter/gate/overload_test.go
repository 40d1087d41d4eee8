package gate_test

import (
	"os"
	"path/filepath"
	"testing"

	"sekisho/filter/act"
	"sekisho/filter/gate"
)

// TestOverloaded: unjudged goes on only what all recipients' policies let go on,
// marked if one of them asks for it.
func TestOverloaded(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policies")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for domain, mode := range map[string]string{"go.test": "continue", "mark.test": "observe", "wait.test": "tempfail"} {
		if err := os.WriteFile(filepath.Join(dir, domain+".yaml"), []byte("fail: {overload: "+mode+"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := gate.LoadSet(3, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	g := gate.New(set, gate.Options{})
	for _, tc := range []struct {
		rcpts []string
		want  act.Reply
		field string
	}{
		{[]string{"a@go.test"}, act.Continue, ""},
		{[]string{"a@go.test", "b@mark.test"}, act.Continue, "verdict=unjudged reason=overload generation=3"},
		{[]string{"a@go.test", "b@wait.test"}, act.Tempfail, ""},
		{[]string{"a@other.test"}, act.Tempfail, ""},
		{nil, act.Tempfail, ""},
	} {
		plan := g.Overloaded(tc.rcpts)
		field := ""
		for _, e := range plan.Edits {
			field += e.Value
		}
		if plan.Reply != tc.want || field != tc.field || tc.want == act.Tempfail && plan.Status.Enhanced != "4.3.1" {
			t.Errorf("%v: %+v", tc.rcpts, plan)
		}
	}
}
