package trial_test

import (
	"os"
	"testing"
	"time"

	"sekisho/filter/gate"
	"sekisho/filter/trial"
)

const deployed = "../../deploy/policies"

// someDay is when cases without a day are judged.
var someDay = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)

// TestDeployed: the sample policies do what their tests say.
func TestDeployed(t *testing.T) {
	set, err := gate.LoadSet(1, deployed, nil)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := trial.Load(deployed)
	if err != nil {
		t.Fatal(err)
	}
	report := suite.Run(t.Context(), set, someDay)
	if err := report.Err(false); err != nil {
		t.Error(err)
	}
	if suite.Len() < 8 || len(report.Results) != suite.Len() {
		t.Errorf("%d tests, %d results", suite.Len(), len(report.Results))
	}
	if t.Failed() || testing.Verbose() {
		if err := report.WriteText(os.Stdout, true); err != nil {
			t.Error(err)
		}
	}
}
