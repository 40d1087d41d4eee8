package daemon

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"sekisho/filter/trial"
)

const ended = `exceptions:
- {allow: {sender: crm.test}, owner: me, reason: r, created: 2020-01-01, expires: 2020-12-31}
`

// TestTests: a set that fails its tests is not taken, unless the settings say so.
func TestTests(t *testing.T) {
	h := prepare(t)
	dir := filepath.Dir(h.write("policies/kaisha.test.yaml", "thresholds: {quarantine: 6}\n"))
	h.write("policies/tests/a.yaml", `tests:
- name: held
  facts: {found: [{name: impersonation}]}
  expect: {a@kaisha.test: {verdict: quarantine}}
`)
	plain := h.read("sekisho.yaml")
	h.set("policy: {dir: " + dir + "}\n")
	enforcing := h.read("sekisho.yaml")
	h.start()
	before := h.judge.gate.Load()
	h.write("policies/kaisha.test.yaml", "mode: observe\n")
	var failed *trial.Failed
	if err := h.Reload(); !errors.As(err, &failed) || !strings.Contains(err.Error(), "expected quarantine, got accept") {
		t.Errorf("%v", err)
	}
	if _, err := Load(h.settings); !errors.As(err, &failed) {
		t.Errorf("start: %v", err)
	}
	if h.judge.gate.Load() != before || !h.metric(`sekisho_policy_tests_total{result="failed"}`, 1) || !h.metric("sekisho_policy_tests_failing", 0) {
		t.Error("taken, or not counted")
	}
	h.write("sekisho.yaml", plain+"policy: {dir: "+dir+", tests: ignore}\n")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if !h.metric("sekisho_policy_tests_failing", 1) || !h.metric("sekisho_policy_tests_ignored", 1) || !h.metric("sekisho_generation", 2) {
		t.Error("not counted")
	}
	if h.logs.FilterMessageSnippet("policies are taken although their tests fail").Len() != 1 {
		t.Error("not logged")
	}
	h.write("sekisho.yaml", enforcing)
	if err := h.Reload(); err == nil {
		t.Error("not refused again")
	}
}

// TestTestsOfWhatEnded: the day on which an entry ends keeps no daemon from starting.
func TestTestsOfWhatEnded(t *testing.T) {
	h := prepare(t)
	dir := filepath.Dir(h.write("policies/kaisha.test.yaml", ended))
	h.write("policies/tests/a.yaml", `tests:
- name: lifted
  facts: {proof: {from_domain: crm.test, aligned: true}, found: [{name: impersonation}]}
  expect: {a@kaisha.test: {verdict: accept}}
`)
	h.set("policy: {dir: " + dir + "}\n")
	h.start()
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if !h.metric(`sekisho_policy_tests_total{result="expired"}`, 2) || !h.metric("sekisho_policy_tests_failing", 1) || !h.metric("sekisho_policy_tests_ignored", 0) {
		t.Error("not counted")
	}
	if h.logs.FilterMessage("tests of policies fail because a forwarder or an exception has ended").Len() != 2 {
		t.Error("not logged")
	}
}
