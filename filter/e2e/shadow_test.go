package e2e

import (
	"strings"
	"testing"
)

// TestE2EShadow: a candidate that would refuse what is held changes no answer; it
// is in the metrics, in the log line and, over a crash, in the journal, and judging
// the journal again says the same.
func TestE2EShadow(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{candidate: map[string]string{"kaisha.test.yaml": "thresholds: {reject: 10}\n"}})
	k := find(t, "story-a-")
	env := k.Envelope
	env.Recipients = []string{worker, teacher}
	expect(t, dial(t, lab.Postfix.Addr, env).send(env, k.Raw, ""), "250 ")
	lab.nothingElse(t, 0)
	if items := lab.held(t); len(items) != 2 {
		t.Errorf("held: %v", items)
	}
	for series, want := range map[string]float64{
		"sekisho_shadow_loaded": 1,
		`sekisho_shadow_verdicts_total{live="quarantine",policy="default",shadow="reject"}`:     1,
		`sekisho_shadow_verdicts_total{live="quarantine",policy="default",shadow="quarantine"}`: 1,
	} {
		if got := lab.Sekisho.metric(series); got != want {
			t.Errorf("%s %v, want %v", series, got, want)
		}
	}
	if log := lab.Sekisho.Log(); !strings.Contains(log, `"shadow":[{"policy":"default","live":"quarantine","shadow":"reject"`) {
		t.Errorf("log:\n%s", log)
	}
	waitFor(t, "the journal", func() bool { return lab.Sekisho.metric("sekisho_journal_written_total") == 1 })
	lab.Sekisho.kill()
	out, err := lab.Sekisho.command("policy", "shadow", "report")
	if err != nil || !strings.Contains(out, "quarantine -> reject 1") || !strings.Contains(out, worker) || strings.Contains(out, teacher) {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = lab.Sekisho.command("replay", "--facts", "--policy", lab.Sekisho.dir+"/candidate")
	if err != nil || !strings.Contains(out, "quarantine -> reject 1") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = lab.Sekisho.command("replay", "--facts")
	if err != nil || !strings.Contains(out, "changed    0 verdicts") {
		t.Errorf("the same policies: %v\n%s", err, out)
	}
}
