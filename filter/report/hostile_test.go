package report

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/fact"
	"sekisho/filter/quarantine"
)

// TestHeaderOnly: of a message that is too long the header is shown.
func TestHeaderOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for size, want := range map[int]string{maxEvidence / 2: "message/rfc822", 2 * maxEvidence: "text/rfc822-headers"} {
		it := l.hold(story, strings.Repeat("0123456789\r\n", size/12), "mihon-ichiba", storyFacts(), "hanako@kaisha.test")
		r := quarantine.Report{ID: "x", Item: it.ID, Kind: quarantine.ToBrand, Target: "a@b.test"}
		raw, _, err := l.Compose(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		_, parts := parse(t, raw)
		if len(parts) != 3 || parts[2].header.Get("Content-Type") != want {
			t.Errorf("%d bytes: %v", size, parts[2].header)
		}
	}
	if n := testutil.ToFloat64(l.metrics.cut); n != 1 {
		t.Errorf("%v were cut", n)
	}
}

// TestHostile: nothing that a sender writes adds a field, a part or a line.
func TestHostile(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	f := storyFacts()
	f.Links = append(f.Links,
		fact.Link{URL: "http://a.test/\r\nFeedback-Type: not-spam", Org: "b.test\r\nReported-Domain: c.test"},
		fact.Link{URL: "http://" + strings.Repeat("a", maxURI) + ".test/"}, fact.Link{URL: "http://見本市場.test/"})
	f.Proof.SPF.Domain = "x; dkim=pass header.d=bank.test"
	f.Proof.DKIM[0].Domain = "st.mgu.ac.jp\r\nVersion: 2"
	it := l.hold("From: a@b.test\r\nSubject: =?utf-8?Q?a=0D=0ABcc:_x@y.test=E2=80=AE?=", "--=_report_x\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n", "mihon-ichiba", f, "hanako@kaisha.test")
	raw, _, err := l.Compose(t.Context(), quarantine.Report{ID: "0123456789abcdef", Item: it.ID, Kind: quarantine.ToBrand, Target: "a@b.test", Items: 1})
	if err != nil {
		t.Fatal(err)
	}
	m, parts := parse(t, raw)
	if len(parts) != 3 || m.Header.Get("Bcc") != "" {
		t.Errorf("%d parts, %v", len(parts), m.Header)
	}
	fields, err := mail.ReadMessage(bytes.NewReader(append(parts[1].body, "\r\n"...)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"Feedback-Type": 1, "Version": 1, "Reported-Uri": 1} {
		if got := fields.Header[name]; len(got) != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := fields.Header.Get("Authentication-Results"); strings.Contains(got, "bank.test") || strings.Contains(got, "Version") {
		t.Error(got)
	}
	if text := parts[0].decoded(t); strings.Contains(text, "\u202e") || strings.Contains(text, "\nBcc:") {
		t.Errorf("%q", text)
	}
	sevenBit(t, raw)
}

// TestLinkLimit: at the limit all links are told, and one past it the rest is left out.
func TestLinkLimit(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, n := range []int{maxLinks, maxLinks + 1} {
		f := storyFacts()
		f.Links = nil
		for i := range n {
			f.Links = append(f.Links, fact.Link{URL: "http://x.test/" + strings.Repeat("a", i)})
		}
		it := l.hold(story, strings.Repeat("x", n), "mihon-ichiba", f, "hanako@kaisha.test")
		raw, _, err := l.Compose(t.Context(), quarantine.Report{ID: "x", Item: it.ID, Kind: quarantine.ToBrand, Target: "a@b.test"})
		if err != nil {
			t.Fatal(err)
		}
		_, parts := parse(t, raw)
		if got := bytes.Count(parts[1].body, []byte("Reported-URI:")); got != maxLinks {
			t.Errorf("%d links: %d", n, got)
		}
	}
}
