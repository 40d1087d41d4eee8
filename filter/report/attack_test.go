package report

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/quarantine"
)

// reported is the message of a report of an item to somebody.
func (l *lab) reported(it quarantine.Item, kind quarantine.ReportKind) string {
	l.t.Helper()
	raw, _, err := l.Compose(l.t.Context(), quarantine.Report{ID: "0123456789abcdef", Item: it.ID, Kind: kind, Target: "a@b.test", About: "x from mgu.ac.jp"})
	if err != nil {
		l.t.Fatal(err)
	}
	sevenBit(l.t, raw)
	return string(raw)
}

// TestToThemselves: the account that a desk has to find is not hidden where the phisher
// wrote its address in To, and the recipients in Bcc. What only pretends to be the
// sender is.
func TestToThemselves(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for from, shown := range map[string]bool{"en-13201@st.mgu.ac.jp": true, "alias@elsewhere.test": false} {
		it := l.hold("From: "+from+"\r\nTo: "+from+"\r\nSubject: x", from+"\r\n", "mihon-ichiba", storyFacts(), "hanako@kaisha.test")
		if raw := l.reported(it, quarantine.ToAbuse); strings.Contains(raw, "From: "+from) != shown {
			t.Errorf("%s: %s", from, raw)
		}
	}
}

// TestLongURI: a field is never longer than a line may be (RFC 5322, section 2.1.1).
func TestLongURI(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for n, want := range map[int]int{maxURI: 1, maxURI + 1: 0} {
		f := storyFacts()
		f.Links = []fact.Link{{URL: "http://a.test/" + strings.Repeat("a", n-len("http://a.test/"))}}
		it := l.hold(story, fmt.Sprint(n), "mihon-ichiba", f, "hanako@kaisha.test")
		if got := strings.Count(l.reported(it, quarantine.ToBrand), "\r\nReported-URI: "); got != want {
			t.Errorf("%d bytes: %d", n, got)
		}
	}
}

// TestBoundary: a message that knows what its report is called adds no part to it.
func TestBoundary(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	it := l.hold(story, "--=_report_0123456789abcdef\r\nContent-Type: text/plain\r\n\r\npay here\r\n", "mihon-ichiba", storyFacts(), "hanako@kaisha.test")
	if _, parts := parse(t, []byte(l.reported(it, quarantine.ToBrand))); len(parts) != 3 {
		t.Errorf("%d parts", len(parts))
	}
}

// TestNotURIs: what is no URI (RFC 3986) and no domain is not reported as one.
func TestNotURIs(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	f := storyFacts()
	f.Links = []fact.Link{{URL: "http://a.test/{x}|y^z`", Org: "a.test (comment)"}, {URL: "http://a.test/\\x", Org: "a.test;b"}, {URL: "http://good.test/%41?a[]=1#x", Org: "good.test"}}
	it := l.hold(story, "x", "mihon-ichiba", f, "hanako@kaisha.test")
	_, parts := parse(t, []byte(l.reported(it, quarantine.ToBrand)))
	fields, err := mail.ReadMessage(bytes.NewReader(append(parts[1].body, "\r\n"...)))
	if err != nil {
		t.Fatal(err)
	}
	if got := fields.Header["Reported-Uri"]; len(got) != 1 || got[0] != f.Links[2].URL {
		t.Errorf("%q", got)
	}
	if got := strings.Join(fields.Header["Reported-Domain"], " "); strings.ContainsAny(got, "(;") {
		t.Errorf("%q", got)
	}
}

// TestClientName: the name of a client is the sender's to choose.
func TestClientName(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	it := l.story("hanako@kaisha.test")
	e, err := l.evidence(t.Context(), it.ID)
	if err != nil {
		t.Fatal(err)
	}
	e.item.ClientName = "hanako.kaisha.test.phish.test"
	text := l.text(quarantine.Report{Kind: quarantine.ToBrand, Target: "a@b.test"}, e, l.set)
	if strings.Contains(text, "hanako") || strings.Contains(text, "phish.test") {
		t.Error(text)
	}
}

// TestGates: of the gates that share a store, the one sends a report at which it was
// looked at, since no other can write the same: it has another name, and no record of
// the message. One that is gone for a day leaves it to people again.
func TestGates(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	o := l.opt
	o.Hostname, o.Facts = "mx2.kaisha.test", nil
	here := l.Keeper
	there, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	approve := func() quarantine.Report {
		r := *l.ask(l.story("hanako@kaisha.test").ID, quarantine.Admin)[quarantine.ToBrand].Report
		if r, err = l.Approve(t.Context(), r.ID, "", "taro"); err != nil {
			t.Fatal(err)
		}
		return r
	}
	approve()
	l.Keeper = there
	l.round(0)
	l.Keeper = here
	l.round(1)

	l.now = l.now.Add(8 * 24 * time.Hour)
	r := approve()
	l.now = l.now.Add(25 * time.Hour)
	l.Keeper = there
	if n, err := l.Round(t.Context(), quarantine.ReleaseOptions{Addr: l.sink.Addr, Timeout: time.Minute}); n != 0 || err == nil {
		t.Errorf("%d left, %v", n, err)
	}
	if r, err = l.store.ReportOf(t.Context(), r.ID); err != nil || r.State != quarantine.Draft {
		t.Errorf("%+v %v", r, err)
	}
}

// TestVERP: messages without links whose senders differ for each recipient are one
// report, and what it is about names none of them.
func TestVERP(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	f := storyFacts()
	f.Links = nil
	it := l.hold(story, "call us\r\n", "mihon-ichiba", f, "hanako@kaisha.test")
	if r := l.ask(it.ID, quarantine.Admin)[quarantine.ToBrand].Report; r == nil || r.About != "mihon-ichiba at st.mgu.ac.jp" {
		t.Errorf("%+v", r)
	}
}

// TestDeskOfPart: a part of an organisation can have a desk of its own.
func TestDeskOfPart(t *testing.T) {
	s := Settings{Abuse: map[string]string{"st.mgu.ac.jp": "st@mgu.ac.jp", "org.test": "noc@org.test", "quiet.org.test": ""}}
	for domain, want := range map[string]string{
		"st.mgu.ac.jp": "st@mgu.ac.jp", "mail.st.mgu.ac.jp": "st@mgu.ac.jp", "xst.mgu.ac.jp": "abuse@mgu.ac.jp", "mgu.ac.jp": "abuse@mgu.ac.jp",
		"a.b.org.test": "noc@org.test", "org.test": "noc@org.test", "a.quiet.org.test": "",
	} {
		org := "org.test"
		if strings.HasSuffix(domain, "jp") {
			org = "mgu.ac.jp"
		}
		if got := s.desk(fact.Identity{Domain: domain, Org: org}); got != want {
			t.Errorf("%s: %q, want %q", domain, got, want)
		}
	}
}

// TestSubjects: no line with an encoded word is longer than RFC 2047 lets be, and what
// is shown as an encoded word is not read as one.
func TestSubjects(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for subject, want := range map[string]string{
		strings.Repeat("楽天", 90): "FW: " + strings.Repeat("楽天", 90), strings.Repeat("a", 150): "FW: " + strings.Repeat("a", 150),
		"=?utf-8?q?=3D=3Futf-8=3Fq=3F=68ello=3F=3D?=": "FW: = ?utf-8?q?hello?=", "楽天": "FW: 楽天", "a  楽天": "FW: a  楽天", strings.Repeat("a", 90) + " 楽天": "FW: " + strings.Repeat("a", 90) + " 楽天",
	} {
		raw := l.reported(l.hold("From: a@b.test\r\nSubject: "+subject, "x", "", nil, "hanako@kaisha.test"), quarantine.ToBrand)
		m, _ := parse(t, []byte(raw))
		if got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil || got != want {
			t.Errorf("%q %v, want %q", got, err, want)
		}
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		for line := range strings.SplitSeq(head, "\r\n") {
			if strings.Contains(line, "=?") && len(line) > 76 {
				t.Errorf("%d characters: %s", len(line), line)
			}
		}
	}
}
