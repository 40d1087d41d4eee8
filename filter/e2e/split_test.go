package e2e

import (
	"bytes"
	"fmt"
	"sekisho/filter/freeport"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestE2ESplit: one message to domains that tag it differently, to one that holds it,
// and to a hidden recipient. Each gets a copy alone, marked as its own policy says;
// what came over Postfix and what we sent ourselves look alike.
func TestE2ESplit(t *testing.T) {
	t.Parallel()
	const tags = "thresholds: {tag: 4, quarantine: off}\n"
	lab := newLab(t, labOptions{split: true, policies: map[string]string{
		"gakko.test.yaml": tags + "tag: {subject_prefix: \"【注意】\"}\nmailboxes:\n" +
			"  - {match: [bcc], tag: {subject_prefix: \"【警告】\"}}\n  - {match: [plain], tag: {subject_prefix: \"\"}}\n",
	}})
	k := find(t, "story-a-")
	want := map[string]string{
		teacher: "【注意】 ", "kocho@gakko.test": "【注意】 ", "bcc@gakko.test": "【警告】 ", "plain@gakko.test": "",
	}
	env := k.Envelope
	env.Recipients = []string{worker, "bcc@gakko.test", teacher, "plain@gakko.test", "kocho@gakko.test"}
	expect(t, dial(t, lab.Postfix.Addr, env).send(env, k.Raw, ""), "250 ")
	// One that was being sent when the daemon was killed waits until that attempt has
	// ended: two minutes.
	waitUpTo(t, 4*time.Minute, "all copies", func() bool { return lab.Sekisho.metric("sekisho_quarantine_copies_sent_total") == 2 })
	lab.nothingElse(t, 3)
	for _, m := range lab.Sink.Messages() {
		for _, to := range m.Recipients {
			prefix, expected := want[to]
			if !expected {
				t.Errorf("delivered to %s", to)
			}
			delete(want, to)
			checkPrefixed(t, m.Data, prefix+"【楽天】アカウントは停止されています")
		}
		hidden := !slices.Contains(m.Recipients, "bcc@gakko.test")
		if hidden && bytes.Contains(m.Data, []byte("bcc@")) || bytes.Contains(m.Data, []byte("X-Sekisho-Release")) {
			t.Errorf("for %v:\n%s", m.Recipients, m.Data)
		}
		top, _, _ := strings.Cut(string(m.Data), "DKIM-Signature:")
		if n := strings.Count(top, "Authentication-Results: mx.kaisha.test;"); n != 1 || strings.Count(top, "X-Sekisho-Verdict: verdict=tag") != 1 {
			t.Errorf("for %v, fields above the message:\n%s", m.Recipients, top)
		}
		_, body, _ := bytes.Cut(m.Data, []byte("\r\n\r\n"))
		if !bytes.HasSuffix(k.Raw, body) {
			t.Errorf("for %v: another body", m.Recipients)
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing came for %v", want)
	}
	if held := lab.held(t); len(held) != 1 || held[0].Recipient != worker {
		t.Errorf("held: %+v", held)
	}
}

// TestE2ESplitCrash: the copies are in the store before the sender hears of it. While
// the release target is away they wait; a daemon that is killed sends them when it is
// back.
func TestE2ESplitCrash(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{split: true, policies: map[string]string{
		"kaisha.test.yaml": "thresholds: {tag: 4, quarantine: off}\ntag: {subject_prefix: \"[k]\"}\n",
		"gakko.test.yaml":  "thresholds: {tag: 4, quarantine: off}\ntag: {subject_prefix: \"[g]\"}\n",
	}})
	right := lab.Sekisho.release
	lab.Sekisho.release = freeport.Take(t) // nobody there
	lab.Sekisho.configure()
	lab.Sekisho.kill()
	lab.Sekisho.start()
	k := find(t, "story-a-")
	env := k.Envelope
	env.Recipients = []string{worker, teacher}
	const n = 3
	for range n {
		expect(t, dial(t, lab.Postfix.Addr, env).send(env, k.Raw, ""), "250 ")
	}
	lab.Sekisho.kill()
	lab.nothingElse(t, n)
	if held := lab.held(t); len(held) != n {
		t.Fatalf("%d copies wait", len(held))
	}
	lab.Sekisho.release = right
	lab.Sekisho.configure()
	lab.Sekisho.start()
	// One that was being sent when the daemon was killed waits until that attempt has
	// ended: two minutes.
	waitUpTo(t, 4*time.Minute, "all copies", func() bool { return lab.Sekisho.metric("sekisho_quarantine_copies_sent_total") == n })
	lab.nothingElse(t, 2*n)
	got := map[string]int{}
	for _, m := range lab.Sink.Messages() {
		got[fmt.Sprint(m.Recipients)]++
	}
	if got["["+worker+"]"] != n || got["["+teacher+"]"] != n {
		t.Errorf("%v", got)
	}
}
