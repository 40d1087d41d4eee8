package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-milter"

	"sekisho/filter/journal"
)

// TestJournal: a decision is in the journal once the daemon has ended, with what
// the candidate policies said.
func TestJournal(t *testing.T) {
	h := prepare(t)
	dir := filepath.Dir(h.write("next/kaisha.test.yaml", "thresholds: {reject: 10}\n"))
	h.set("policy: {shadow: " + dir + "}\n")
	h.start()
	if r := h.deliver(phish("hanako@kaisha.test")); r.Code != milter.ActDiscard {
		t.Errorf("%+v", r)
	}
	if !h.metric("sekisho_shadow_loaded", 1) || !h.metric(`sekisho_shadow_verdicts_total{live="quarantine",policy="default",shadow="reject"}`, 1) {
		t.Error("shadow: not counted")
	}
	h.stop()
	if err := h.wait(); err != nil {
		t.Fatal(err)
	}
	r, err := journal.Open(t.Context(), filepath.Join(h.dir, "var", "journal"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for rec, err := range r.Records(t.Context(), journal.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; rec.Recipients[0].Verdict != "quarantine" || rec.Recipients[0].Shadow.Verdict != "reject" || rec.Stored == "" {
			t.Errorf("%+v", rec)
		}
	}
	if n != 1 {
		t.Errorf("%d records", n)
	}
}

// TestJournalOff: nothing is recorded where nobody wants it, and a journal that
// cannot be kept keeps no mail.
func TestJournalOff(t *testing.T) {
	h := start(t, "journal: {keep: 0s}\n")
	h.deliver(friend())
	if _, err := os.Stat(filepath.Join(h.dir, "var", "journal")); err == nil {
		t.Error("there is a journal")
	}
	h = prepare(t)
	h.write("var/journal", "")
	h.start()
	if r := h.deliver(friend()); r.Code != milter.ActContinue {
		t.Errorf("%+v", r)
	}
	h.eventually("dropped", func() bool { return h.metric(`sekisho_journal_dropped_total{reason="error"}`, 1) })
}

// TestShadowBroken: a candidate that cannot be loaded is told and counted, and the
// live policies judge on; a reload takes one that was mended.
func TestShadowBroken(t *testing.T) {
	h := prepare(t)
	dir := filepath.Dir(h.write("next/kaisha.test.yaml", "thresholds: {rejecct: 10}\n"))
	h.set("policy: {shadow: " + dir + "}\n")
	h.start()
	if r := h.deliver(phish("hanako@kaisha.test")); r.Code != milter.ActDiscard {
		t.Errorf("%+v", r)
	}
	told := h.logs.FilterMessageSnippet("candidate policies refused").All()
	if len(told) != 1 || !strings.Contains(told[0].ContextMap()["problems"].([]any)[0].(string), "kaisha.test.yaml:1:14") {
		t.Errorf("told: %v", told)
	}
	if !h.metric("sekisho_shadow_loaded", 0) || !h.metric("sekisho_shadow_refused_total", 1) || !h.metric("sekisho_last_reload_successful", 1) {
		t.Error("not counted")
	}
	h.write("next/kaisha.test.yaml", "thresholds: {reject: 10}\n")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if !h.metric("sekisho_shadow_loaded", 1) {
		t.Error("not loaded")
	}
}
