package gate_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sekisho/filter/cases"
	"sekisho/filter/fact"
)

// TestDecidedAgain: from the stored facts alone the same policies come to the very
// same decisions.
func TestDecidedAgain(t *testing.T) {
	for _, c := range cases.Load(t, "") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, c.Zone)
			d := g.Inspect(t.Context(), c.Envelope, c.Header, c.Body)
			text, err := json.Marshal(d.Facts)
			if err != nil {
				t.Fatal(err)
			}
			var stored fact.Facts
			if err := json.Unmarshal(text, &stored); err != nil {
				t.Fatal(err)
			}
			hearing := g.Set().Policies.Hear(&stored, d.Started)
			for _, r := range d.Recipients {
				if diff := cmp.Diff(r.Decision, hearing.For(r.Address), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s (-then +now)\n%s", r.Address, diff)
				}
			}
		})
	}
}
