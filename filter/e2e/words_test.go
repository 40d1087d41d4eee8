package e2e

import (
	"slices"
	"strings"
	"testing"
)

// TestE2EReplyText: the sender hears the policy's words, in Japanese too where his
// server takes UTF-8, and the code of the cause either way.
func TestE2EReplyText(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{policies: map[string]string{
		"kaisha.test.yaml": "reply: {en: \"Call +81 3 0000 0000 (100%)\", ja: 03-0000-0000 へお電話ください}\n",
	}})
	k := find(t, "story-e-")
	ascii := dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, k.Raw, "")
	if !strings.HasPrefix(ascii, "550 5.7.26 Call +81 3 0000 0000 (100%) (trace ") {
		t.Errorf("in ASCII: %q", ascii)
	}
	utf8 := dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, k.Raw, " SMTPUTF8")
	if !strings.HasPrefix(utf8, "550 5.7.26 03-0000-0000 へお電話ください / Call +81 3 0000 0000 (100%) (trace ") {
		t.Errorf("in UTF-8: %q", utf8)
	}
	lab.nothingElse(t, 0)
}

// TestE2EObserveAndExcept: a domain that only observes gets the mail unmarked; one
// that has excepted the proved sender gets it too; the third holds it.
func TestE2EObserveAndExcept(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{policies: map[string]string{
		"gakko.test.yaml": "mode: observe\n",
		"kaisha.test.yaml": "exceptions:\n  - allow: {sender: st.mgu.ac.jp}\n    owner: postmaster\n    reason: a test\n" +
			"    created: 2026-01-01\n    expires: 2099-12-31\n",
	}})
	k := find(t, "story-a-")
	env := k.Envelope
	env.Recipients = []string{worker, teacher, "tomo@lab.gakko.test"}
	expect(t, dial(t, lab.Postfix.Addr, env).send(env, k.Raw, ""), "250 ")
	lab.nothingElse(t, 1)
	got := lab.Sink.Messages()[0]
	slices.Sort(got.Recipients)
	if !slices.Equal(got.Recipients, []string{worker, teacher}) {
		t.Errorf("delivered to %v", got.Recipients)
	}
	if !strings.Contains(string(got.Data), "X-Sekisho-Verdict: verdict=accept") {
		t.Errorf("marked:\n%s", got.Data)
	}
	if items := lab.held(t); len(items) != 1 || items[0].Recipient != "tomo@lab.gakko.test" {
		t.Errorf("held: %+v", items)
	}
	if got := lab.Sekisho.metric(`sekisho_observed_verdicts_total{policy="gakko.test",verdict="quarantine"}`); got != 1 {
		t.Errorf("%v observed", got)
	}
	if log := lab.Sekisho.Log(); !strings.Contains(log, `"exceptions":["`) || !strings.Contains(log, `"observed":["gakko.test=quarantine"]`) {
		t.Errorf("log:\n%s", log)
	}
}
