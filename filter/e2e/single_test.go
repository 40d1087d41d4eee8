package e2e

import (
	"slices"
	"strings"
	"testing"
)

// TestE2ESinglePolicy: with one policy for each message the sender is told to send
// to the others separately, and each transaction meets one policy: the first domain
// refuses the message, the second gets it with a tag that its readers see.
func TestE2ESinglePolicy(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{single: true, policies: map[string]string{
		"kaisha.test.yaml": "thresholds: {reject: 5, quarantine: 5, tag: 4}\n",
		"gakko.test.yaml":  "thresholds: {tag: 4, quarantine: off}\ntag: {subject_prefix: \"【注意】 \"}\n",
	}})
	k := find(t, "story-a-")
	left := []string{worker, teacher, "jiro@kaisha.test", "kocho@gakko.test"}
	var answers []string
	for rounds := 0; len(left) > 0; rounds++ {
		if rounds == 3 {
			t.Fatalf("still not sent to: %v", left)
		}
		c := dial(t, lab.Postfix.Addr, k.Envelope)
		c.must(c.command(250, "MAIL FROM:<%s>", k.Envelope.Sender))
		var later []string
		for _, rcpt := range left {
			answer, err := c.command(0, "RCPT TO:<%s>", rcpt)
			if strings.HasPrefix(answer, "452 4.5.3 ") {
				later = append(later, rcpt)
			} else if err != nil || !strings.HasPrefix(answer, "250 ") {
				t.Fatalf("%s: %q, %v", rcpt, answer, err)
			}
		}
		c.must(c.command(354, "DATA"))
		answers = append(answers, c.data(k.Raw)[:4])
		left = later
	}
	if !slices.Equal(answers, []string{"550 ", "250 "}) {
		t.Errorf("answers %q", answers)
	}
	lab.nothingElse(t, 1)
	var delivered []string
	for _, got := range lab.Sink.Messages() {
		delivered = append(delivered, got.Recipients...)
		checkPrefixed(t, got.Data, "【注意】 【楽天】アカウントは停止されています")
	}
	slices.Sort(delivered)
	if !slices.Equal(delivered, []string{"kocho@gakko.test", teacher}) {
		t.Errorf("delivered to %v", delivered)
	}
	if n := lab.Sekisho.metric("sekisho_session_recipients_separated_total"); n != 2 {
		t.Errorf("%v recipients counted", n)
	}
}
