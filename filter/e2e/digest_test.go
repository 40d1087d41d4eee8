package e2e

import (
	"bytes"
	"strings"
	"testing"
)

// TestE2EDigest: a digest of a fake, which quotes what made us hold it, passes the port
// of Postfix that asks us, unjudged, and arrives once, with no stamp on it.
func TestE2EDigest(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{settings: "digest: {from: gate@kaisha.test}\n"})
	k := find(t, "story-a-")
	expect(t, dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, k.Raw, ""), "250 ")
	item := lab.held(t)[0]
	for _, want := range []string{"sent", "no news"} {
		if out, err := lab.Sekisho.command("quarantine", "digest", "--send", item.Recipient); err != nil || !strings.Contains(out, want) {
			t.Errorf("%s %v", out, err)
		}
	}
	lab.nothingElse(t, 1)
	got := lab.Sink.Messages()[0]
	if got.Sender != "" || len(got.Recipients) != 1 || got.Recipients[0] != item.Recipient {
		t.Errorf("from %q to %q", got.Sender, got.Recipients)
	}
	if bytes.Contains(got.Data, []byte("X-Sekisho")) || bytes.Contains(got.Data, []byte("Authentication-Results")) || !bytes.Contains(got.Data, []byte("\r\nAuto-Submitted: auto-generated\r\n")) {
		t.Errorf("arrived:\n%s", got.Data)
	}
	if passed := lab.Sekisho.metric(`sekisho_release_stamps_total{result="passed"}`); passed != 1 {
		t.Errorf("%v stamps have passed", passed)
	}
	if n := len(lab.held(t)); n != 1 {
		t.Errorf("%d are held", n)
	}
}
