package report

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"sekisho/filter/fact"
	"sekisho/filter/quarantine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestStory: somebody asks for reports of the message of the story; the brand and the
// university are told, once approved, and neither learns who got it.
func TestStory(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	it := l.story("hanako@kaisha.test", "taro@kaisha.test")
	got := l.ask(it.ID, quarantine.Admin)
	if a := got[quarantine.ToAbuse]; a.Report == nil || a.Report.Target != "abuse@mgu.ac.jp" || a.Report.State != quarantine.Draft || !a.Fresh {
		t.Errorf("%+v", a)
	}
	if a := got[quarantine.ToBrand]; a.Report == nil || a.Report.Target != "phish@mihon-ichiba.example" {
		t.Fatalf("%+v", a)
	}
	l.round(0)
	if again := l.ask(it.ID, quarantine.Admin); again[quarantine.ToAbuse].Fresh || again[quarantine.ToAbuse].Report.ID != got[quarantine.ToAbuse].Report.ID {
		t.Error("asked twice, made twice")
	}
	for _, a := range got {
		p, err := l.Preview(t.Context(), a.Report.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Approve(t.Context(), a.Report.ID, "another", "taro"); !errors.Is(err, ErrChanged) {
			t.Errorf("approved what nobody saw: %v", err)
		}
		if _, err := l.Approve(t.Context(), a.Report.ID, p.Sum, "taro"); err != nil {
			t.Error(err)
		}
		reads(t, p.Message, a.Report)
	}
	l.round(2)
	l.round(0)
	for _, m := range l.sink.Messages() {
		if m.Sender != "abuse@kaisha.test" || len(m.Recipients) != 1 {
			t.Errorf("%q %q", m.Sender, m.Recipients)
		}
	}
}

// part is one of a report as an independent reader finds it.
type part struct {
	header textproto.MIMEHeader
	body   []byte
}

// parse takes a report apart with the standard library.
func parse(t *testing.T, raw []byte) (*mail.Message, []part) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{p.Header, body})
	}
}

// decoded is the text of a part in base64.
func (p part) decoded(t *testing.T) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(p.body), "\r\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reads holds a report of the story against RFC 5965.
func reads(t *testing.T, raw []byte, r *quarantine.Report) {
	t.Helper()
	m, parts := parse(t, raw)
	if kind, params, _ := mime.ParseMediaType(m.Header.Get("Content-Type")); kind != "multipart/report" || params["report-type"] != "feedback-report" || len(parts) != 3 {
		t.Fatalf("%s %v, %d parts", kind, params, len(parts))
	}
	if to := m.Header.Get("To"); to != "<"+r.Target+">" {
		t.Errorf("to %s", to)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "FW: 【見本市場】アカウントは停止されています" {
		t.Errorf("subject %q %v", subject, err)
	}
	for i, want := range []string{"text/plain; charset=utf-8", "message/feedback-report", "message/rfc822"} {
		if got := parts[i].header.Get("Content-Type"); got != want {
			t.Errorf("part %d is %s", i, got)
		}
	}
	text := parts[0].decoded(t)
	for _, want := range []string{"見本市場", "st[.]mgu[.]ac[.]jp", "hxxp://mihon-ichiba[.]account-check[.]example/login", "192.0.2.7", "abuse@kaisha.test"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %s:\n%s", want, text)
		}
	}
	if r.Kind == quarantine.ToAbuse && !strings.Contains(text, "mgu.ac.jp の認証") {
		t.Errorf("the text does not say why they get it:\n%s", text)
	}
	fields, err := mail.ReadMessage(bytes.NewReader(append(parts[1].body, "\r\n"...)))
	if err != nil {
		t.Fatal(err)
	}
	h := fields.Header
	for name, want := range map[string]string{
		"Feedback-Type": "fraud", "User-Agent": "sekisho/1.2.3", "Version": "1", "Source-Ip": "192.0.2.7", "Reporting-Mta": "dns; mx.kaisha.test",
		"Incidents": "1", "Arrival-Date": "Sat, 28 Nov 2026 07:00:00 +0000",
		"Authentication-Results": "mx.kaisha.test; spf=pass smtp.mailfrom=st.mgu.ac.jp; dkim=pass header.d=st.mgu.ac.jp; dmarc=pass header.from=st.mgu.ac.jp",
	} {
		if got := h[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if d := h["Reported-Domain"]; len(d) != 3 || d[0] != "mgu.ac.jp" || d[2] != "account-check.example" {
		t.Errorf("domains %q", d)
	}
	if u := h["Reported-Uri"]; len(u) != 1 || !strings.HasPrefix(u[0], "http://mihon-ichiba.account-check.example/login?u=redacted-") {
		t.Errorf("URIs %q", u)
	}
	if to := h.Get("Original-Rcpt-To"); !strings.HasPrefix(to, "<redacted-") || !strings.HasSuffix(to, "@kaisha.test>") {
		t.Errorf("recipient %q", to)
	}
	if from := h.Get("Original-Mail-From"); !strings.HasPrefix(from, "<bounce+redacted-") || !strings.HasSuffix(from, "@st.mgu.ac.jp>") {
		t.Errorf("sender %q", from)
	}
	inner, err := mail.ReadMessage(bytes.NewReader(parts[2].body))
	if err != nil {
		t.Fatal(err)
	}
	if from := inner.Header.Get("From"); !strings.Contains(from, "en-13201@st.mgu.ac.jp") {
		t.Errorf("the author is hidden: %s", from)
	}
	for _, secret := range []string{"hanako", "taro@"} {
		if strings.Contains(strings.ToLower(string(raw)+text), secret) {
			t.Errorf("%s is named", secret)
		}
	}
	sevenBit(t, raw)
}

// sevenBit holds lines to RFC 5322, section 2.1.1.
func sevenBit(t *testing.T, raw []byte) {
	t.Helper()
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Error("no last line end")
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsFunc(line, func(r rune) bool { return r >= 0x80 || r == '\n' || r == '\r' }) {
			t.Errorf("line %q", line)
		}
	}
}

// TestPython has another independent reader look at a report, where it is there.
func TestPython(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3: ", err)
	}
	l := newLab(t)
	a := l.ask(l.story("hanako@kaisha.test").ID, quarantine.Admin)[quarantine.ToBrand]
	p, err := l.Preview(t.Context(), a.Report.ID)
	if err != nil {
		t.Fatal(err)
	}
	const script = `
import email, email.policy, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = list(m.iter_parts())
assert m.get_content_type() == 'multipart/report' and m.get_param('report-type') == 'feedback-report', m['Content-Type']
assert [p.get_content_type() for p in parts] == ['text/plain', 'message/feedback-report', 'message/rfc822'], parts
assert '見本市場' in parts[0].get_content()
inner = parts[2].get_content()
assert inner['Subject'] == '【見本市場】アカウントは停止されています', inner['Subject']
for p in m.walk():
    assert not p.defects, (p.get_content_type(), p.defects)
`
	cmd := exec.CommandContext(t.Context(), python, "-c", script)
	cmd.Stdin = bytes.NewReader(p.Message)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, p.Message)
	}
}

// TestTargets: who is told, and why who is not is not.
func TestTargets(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.set.Abuse = map[string]string{"mailer.test": "noc@mailer.test", "silent.test": ""}
	identities := func(ids ...fact.Identity) *fact.Facts {
		f := storyFacts()
		f.Proof.Identities = ids
		return f
	}
	id := func(name string, aligned bool) fact.Identity {
		return fact.Identity{Domain: name, Org: name, Method: "dkim", Aligned: aligned}
	}
	for name, c := range map[string]struct {
		brand   string
		facts   *fact.Facts
		toBrand Reason
		abuse   string
		toAbuse Reason
	}{
		"no brand":               {"", storyFacts(), NoBrand, "abuse@mgu.ac.jp", ""},
		"not in the catalogue":   {"no-such-brand", storyFacts(), NoBrand, "abuse@mgu.ac.jp", ""},
		"one without an address": {"rakuten", storyFacts(), NoAddress, "abuse@mgu.ac.jp", ""},
		"facts gone":             {"mihon-ichiba", nil, "", "", NoRecord},
		"nobody proved":          {"mihon-ichiba", identities(), "", "", NotProved},
		"the word of a sealer":   {"mihon-ichiba", identities(fact.Identity{Domain: "list.test", Org: "list.test", Method: "arc", Aligned: true}), "", "", NotProved},
		"a name without a dot":   {"mihon-ichiba", identities(id("localhost", true)), "", "", NotProved},
		"the phisher's domain":   {"mihon-ichiba", identities(id("account-check.example", true), id("mailer.test", false)), "", "", IsPhisher},
		"the service alone":      {"mihon-ichiba", identities(id("mailer.test", false)), "", "noc@mailer.test", ""},
		"who wants no reports":   {"mihon-ichiba", identities(id("silent.test", true)), "", "", SwitchedOff},
		"and whoever is next":    {"mihon-ichiba", identities(id("silent.test", true), id("mailer.test", false)), "", "noc@mailer.test", ""},
		"the brand itself":       {"mihon-ichiba", identities(id("mihon-ichiba.example", true)), IsBrand, "", IsBrand},
	} {
		it := l.hold(story+"\r\nX: "+name, "text\r\n", c.brand, c.facts, "hanako@kaisha.test")
		got := l.ask(it.ID, quarantine.Admin)
		b, a := got[quarantine.ToBrand], got[quarantine.ToAbuse]
		if b.Reason != c.toBrand || (b.Report == nil) != (c.toBrand != "") {
			t.Errorf("%s: brand: %+v", name, b)
		}
		if a.Reason != c.toAbuse || (a.Report == nil) != (c.abuse == "") || a.Report != nil && a.Report.Target != c.abuse {
			t.Errorf("%s: abuse: %+v", name, a)
		}
	}
}

// TestMeanings: each reason has one.
func TestMeanings(t *testing.T) {
	for _, r := range Reasons() {
		if r.Meaning() == string(r) {
			t.Errorf("%s", r)
		}
	}
}

// TestApproval: whose reports wait is a setting.
func TestApproval(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	n := 0
	for _, c := range []struct {
		approval Approval
		as       quarantine.Role
		want     quarantine.ReportState
	}{
		{"", quarantine.Admin, quarantine.Draft}, // not set: wait
		{Everybody, quarantine.Admin, quarantine.Draft},
		{Recipients, quarantine.Admin, quarantine.Approved},
		{Recipients, quarantine.DomainAdmin, quarantine.Approved},
		{Recipients, quarantine.ToRecipient, quarantine.Draft},
		{Recipients, "", quarantine.Draft},
		{Nobody, quarantine.ToRecipient, quarantine.Approved},
	} {
		n++
		l.set.Approval = c.approval
		f := storyFacts()
		f.Links[0].Org = strings.Repeat("x", n) + ".example" // another phisher each time
		it := l.hold(story, strings.Repeat("x", n), "mihon-ichiba", f, "hanako@kaisha.test")
		if a := l.ask(it.ID, c.as)[quarantine.ToBrand]; a.Report == nil || a.Report.State != c.want {
			t.Errorf("%q as %q: %+v", c.approval, c.as, a.Report)
		}
	}
	l.round(3) // the abuse desk's is one draft, counted seven times
}

// TestOff: without an address of ours nothing is made or sent.
func TestOff(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	it := l.story("hanako@kaisha.test")
	l.set.Approval = Nobody
	l.ask(it.ID, quarantine.Admin)
	l.set.From.Address = ""
	if _, err := l.Ask(t.Context(), it.ID, "taro", quarantine.Admin); !errors.Is(err, ErrOff) {
		t.Error(err)
	}
	if _, err := l.Draft(t.Context(), it.ID, "apwg"); !errors.Is(err, ErrOff) {
		t.Error(err)
	}
	l.round(0)
}

// TestFlood: sixty copies of one message make one report that counts them, and many
// that differ are held to the limits.
func TestFlood(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.set.Approval, l.set.PerDay, l.set.ToOne = Nobody, 5, 3
	for range 60 {
		l.ask(l.story("hanako@kaisha.test").ID, quarantine.Admin)
	}
	l.round(2)
	if all, err := l.store.Reports(t.Context(), quarantine.ReportFilter{}); err != nil || len(all) != 2 || all[0].Items != 60 {
		t.Fatalf("%+v %v", all, err)
	}
	for n := range 20 {
		f := storyFacts()
		f.Links[0].Org = strings.Repeat("x", n+1) + ".example"
		l.ask(l.hold(story, strings.Repeat("x", n), "mihon-ichiba", f, "hanako@kaisha.test").ID, quarantine.Admin)
	}
	l.round(2) // one more of three to the brand would be the third: two of them
	l.round(0)
}

// TestDrafts: for each desk there is a message that a person can open and send.
func TestDrafts(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	it := l.story("hanako@kaisha.test")
	desks, err := Desks()
	if err != nil || len(desks) < 3 {
		t.Fatal(desks, err)
	}
	for _, d := range desks {
		raw, err := l.Draft(t.Context(), it.ID, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		m, parts := parse(t, raw)
		if len(parts) != 2 || m.Header.Get("To") != "<"+d.Address+">" || m.Header.Get("X-Unsent") != "1" || parts[1].header.Get("Content-Type") != "message/rfc822" {
			t.Errorf("%s: %v, %d parts", d.ID, m.Header, len(parts))
		}
		if strings.Contains(strings.ToLower(string(raw)+parts[0].decoded(t)), "hanako") {
			t.Errorf("%s: names the recipient", d.ID)
		}
		sevenBit(t, raw)
	}
	if _, err := l.Draft(t.Context(), it.ID, "nobody"); !errors.Is(err, ErrNoDesk) {
		t.Error(err)
	}
	if _, err := l.Draft(t.Context(), "nosuch", "apwg"); !errors.Is(err, quarantine.ErrNotFound) {
		t.Error(err)
	}
}
