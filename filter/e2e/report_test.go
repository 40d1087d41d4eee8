package e2e

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
	"testing"
)

// TestE2EReport: the abuse desk of who is proved to have sent the fake gets one report
// of it, past our own filter, which does not judge the fake in it, with nobody's
// address who got it.
func TestE2EReport(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{settings: "report: {from: postmaster@kaisha.test, abuse: [{domain: mgu.ac.jp, address: cert@gakko.test}]}\n"})
	k := find(t, "story-a-")
	expect(t, dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, k.Raw, ""), "250 ")
	item := lab.held(t)[0]
	report := func(args ...string) string {
		t.Helper()
		out, err := lab.Sekisho.command(append([]string{"quarantine", "report"}, args...)...)
		if err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
		return out
	}
	waitFor(t, "the journal", func() bool { return strings.Contains(report("ask", item.ID), "cert@gakko.test") })
	line := report("list", "--state", "draft")
	fields := strings.Fields(strings.Split(line, "\n")[1])
	id, target := fields[0], fields[4]
	report("approve", id)
	report("send") // or the daemon was faster
	waitFor(t, "sent", func() bool { return strings.Contains(report("list", "--state", "sent"), id) })
	lab.nothingElse(t, 1)
	got := lab.Sink.Messages()[0]
	if got.Sender != "postmaster@kaisha.test" || len(got.Recipients) != 1 || got.Recipients[0] != target {
		t.Errorf("from %q to %q", got.Sender, got.Recipients)
	}
	m, err := mail.ReadMessage(bytes.NewReader(got.Data))
	if err != nil {
		t.Fatal(err)
	}
	if kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type")); err != nil || kind != "multipart/report" || params["report-type"] != "feedback-report" {
		t.Errorf("%s %v %v", kind, params, err)
	}
	local, _, _ := strings.Cut(item.Recipient, "@")
	if strings.Contains(string(got.Data), local+"@") || strings.Contains(string(got.Data), "X-Sekisho-Release") {
		t.Errorf("arrived:\n%s", got.Data)
	}
	if passed := lab.Sekisho.metric(`sekisho_release_stamps_total{result="passed"}`); passed != 1 {
		t.Errorf("%v stamps have passed", passed)
	}
	if n := len(lab.held(t)); n != 1 {
		t.Errorf("%d are held", n)
	}
}
