package gate_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/act"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
)

const tagged = "thresholds: {tag: 1, quarantine: off, reject: off}\nfindings: {impersonation: {action: tag}}\n"

// splitting is a gate that makes copies, by policies that disagree.
func splitting(t *testing.T, store gate.Store, copied func()) *gate.Gate {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"one.test":   tagged + "tag: {subject_prefix: \"[one]\"}\nrules:\n  mine: {when: \"true\", points: 1, why: only here}\n",
		"two.test":   tagged + "tag: {subject_prefix: \"[two]\"}\n",
		"plain.test": tagged,
		"hold.test":  "thresholds: {tag: 1, quarantine: 1}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := gate.LoadSet(1, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return gate.New(set, gate.Options{AuthservID: "mx.kaisha.test", Prover: unproved, Store: store, Split: true, Copied: copied})
}

// TestSplitCopies: each group reads its own tags and nobody else's; the largest stays
// on the envelope, and the copies are stored together with what is held.
func TestSplitCopies(t *testing.T) {
	c, v, woken := phish(t), &vault{}, 0
	g := splitting(t, v, func() { woken++ })
	env := c.Envelope
	env.Recipients = []string{"a@one.test", "a@two.test", "b@two.test", "a@plain.test", "a@hold.test", "b@one.test", "b@two.test", "c@two.test"}
	plan := g.Judge(t.Context(), env, c.Header, c.Body)
	if plan.Reply != act.Continue || woken != 1 {
		t.Fatalf("%s, %d", plan.Reply, woken)
	}
	if want := []string{"a@hold.test", "a@one.test", "b@one.test", "a@plain.test"}; !slices.Equal(plan.DeleteRecipients, want) {
		t.Errorf("taken off: %v", plan.DeleteRecipients)
	}
	h, body := act.Apply(c.Header, c.Body, plan)
	texts := map[string]string{"two": text(h, body)}
	if len(v.entries) != 3 {
		t.Fatalf("%d entries", len(v.entries))
	}
	for i, want := range []string{"[a@hold.test]", "[a@one.test b@one.test]", "[a@plain.test]"} {
		var to []string
		for _, r := range v.entries[i].Recipients {
			to = append(to, r.Address)
		}
		if got := fmt.Sprint(to); got != want {
			t.Errorf("entry %d is for %s, want %s", i, got, want)
		}
	}
	if !bytes.Equal([]byte(text(v.entries[0].Header, v.entries[0].Body)), []byte(text(c.Header, c.Body))) {
		t.Error("what is held is not the original")
	}
	texts["one"], texts["plain"] = text(v.entries[1].Header, v.entries[1].Body), text(v.entries[2].Header, v.entries[2].Body)
	for group, got := range texts {
		for _, other := range []string{"one", "two", "plain", "hold"} {
			if strings.Contains(got, other+".test") != (other == group) || strings.Contains(got, "["+other+"]") != (other == group && other != "plain") {
				t.Errorf("copy of %s, and %s:\n%s", group, other, got)
			}
		}
		if strings.Contains(got, "mine") != (group == "one") {
			t.Errorf("own rule of one.test in the copy of %s", group)
		}
	}
}

func text(h mail.Header, body []byte) string {
	var b strings.Builder
	for _, f := range h {
		b.Write(f.Raw)
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.String()
}

// TestSplitStoreFails: without the copies on disk the message is put off.
func TestSplitStoreFails(t *testing.T) {
	c := phish(t)
	env := c.Envelope
	env.Recipients = []string{"a@one.test", "a@two.test"}
	for _, store := range []gate.Store{nil, &vault{err: errors.New("full")}} {
		plan := splitting(t, store, func() { t.Error("nothing to send") }).Judge(t.Context(), env, c.Header, c.Body)
		if plan.Reply != act.Tempfail {
			t.Errorf("%s", plan.Reply)
		}
	}
	env.Recipients = []string{"a@one.test", "b@one.test"}
	if plan := splitting(t, nil, nil).Judge(t.Context(), env, c.Header, c.Body); plan.Reply != act.Continue {
		t.Errorf("alike: %s", plan.Reply)
	}
}
