package e2e

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"sekisho/filter/cases"
)

// TestE2EStory sends every case through Postfix: what is accepted arrives with
// its bytes unchanged below our fields, what is held is in the quarantine and
// nowhere else, what is refused is refused with the code of its cause.
func TestE2EStory(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{})
	want := map[string]string{
		"story-a-university-rakuten":    "held",
		"story-b-university-no-name":    "held",
		"story-c-customer-centre":       "held",
		"story-d-fresh-domain-amazon":   "held",
		"story-e-spoofed-domain":        "550 5.7.26",
		"story-f-genuine-rakuten":       "delivered",
		"story-f-genuine-account":       "delivered",
		"story-g-friend-parcel":         "delivered",
		"story-h-university-newsletter": "delivered",
		"story-i-market-shop":           "delivered",
	}
	for _, c := range cases.Load(t, "story-") {
		t.Run(c.Name, func(t *testing.T) {
			before := lab.Sekisho.metric(`sekisho_verdicts_total{policy="default",verdict="quarantine"}`)
			answer := dial(t, lab.Postfix.Addr, c.Envelope).send(c.Envelope, c.Raw, "")
			switch outcome := want[c.Name]; outcome {
			case "delivered":
				expect(t, answer, "250 ")
				got := lab.delivered(t, c.Name)
				if !bytes.HasSuffix(got, c.Raw) {
					t.Errorf("delivered bytes differ from those sent:\n%s", got)
				}
				top := string(got[:len(got)-len(c.Raw)])
				if !strings.HasPrefix(top, "Authentication-Results: mx.kaisha.test;") || !strings.Contains(top, "\r\nX-Sekisho-Verdict: verdict=accept") {
					t.Errorf("fields above the message:\n%s", top)
				}
			case "held":
				expect(t, answer, "250 ")
				if after := lab.Sekisho.metric(`sekisho_verdicts_total{policy="default",verdict="quarantine"}`); after != before+1 {
					t.Errorf("quarantine verdicts counted: %v, then %v", before, after)
				}
				list, err := lab.Sekisho.command("quarantine", "list")
				if err != nil || !strings.Contains(list, c.Envelope.Sender) {
					t.Errorf("not in the quarantine: %v\n%s", err, list)
				}
			default:
				expect(t, answer, outcome)
			}
		})
	}
	lab.nothingElse(t, 5)
}

func expect(t *testing.T, answer, prefix string) {
	t.Helper()
	if !strings.HasPrefix(answer, prefix) {
		t.Fatalf("answer %q, want %q", answer, prefix)
	}
}

// delivered waits for the message with the id and returns its bytes.
func (l *Lab) delivered(t *testing.T, id string) []byte {
	t.Helper()
	var found []byte
	waitFor(t, "delivery of "+id, func() bool {
		for _, m := range l.Sink.Messages() {
			if bytes.Contains(m.Data, []byte("Message-ID: <"+id+"@")) {
				found = m.Data
				return true
			}
		}
		return false
	})
	return found
}

// nothingElse checks that the sink has got n messages, and no more on the way.
func (l *Lab) nothingElse(t *testing.T, n int) {
	t.Helper()
	waitFor(t, "an empty queue", func() bool {
		return l.Postfix.Queued("incoming")+l.Postfix.Queued("active")+l.Postfix.Queued("deferred") == 0
	})
	time.Sleep(100 * time.Millisecond)
	if got := len(l.Sink.Messages()); got != n {
		t.Errorf("%d messages delivered, want %d", got, n)
	}
}
