package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"sekisho/filter/act"
	"sekisho/filter/act/banner"
	"sekisho/filter/mail"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/session"
	"sekisho/filter/wire"
	"sekisho/policy"
)

// warner is a judge that tags every message and asks for a banner.
type warner struct{}

func (warner) Judge(_ context.Context, env mail.Envelope, h mail.Header, body []byte) act.Plan {
	in := act.Input{Header: h, Body: body, Brand: "楽天", Trace: "t"}
	for _, r := range env.Recipients {
		in.Recipients = append(in.Recipients, act.Recipient{Address: r, Policy: "p", Verdict: policy.Tag, SubjectPrefix: "[!]", Banner: banner.Both})
	}
	return act.Build(in).Plan
}

// serveWarner runs the milter in this process; it returns the port.
func serveWarner(t *testing.T) string {
	t.Helper()
	sessions, err := session.New(session.Options{Judge: warner{}})
	if err != nil {
		t.Fatal(err)
	}
	server, err := wire.New(wire.Options{NewSession: sessions.Session})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(ln)
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
		<-ended
	})
	return ln.Addr().String()
}

// TestE2EBanner: what Postfix delivers has the banner on top of its texts, and is
// else what was sent, byte for byte.
func TestE2EBanner(t *testing.T) {
	t.Parallel()
	sink := smtpsink.Start(t)
	pf := startPostfix(t, postfixOptions{milter: "inet:" + serveWarner(t), next: sink.Addr, domains: []string{"kaisha.test"}})
	const jis = "\x1b$B3ZE7\x1b(B\r\n"
	pdf := strings.Repeat("JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0ZURl\r\n", 3000)
	for id, tc := range map[string]struct{ head, body string }{
		"plain": {"", "hello\r\n.\r\n..two dots\r\nFrom here\r\n-- \r\nme\r\n"},
		"html":  {"MIME-Version: 1.0\r\nContent-Type: text/html; charset=Shift_JIS\r\nContent-Transfer-Encoding: 8bit\r\n", "<html><body><p>\x8ay\x93V</p></body></html>\r\n"},
		"mixed": {"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b1\r\n", "--b1\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + jis +
			"--b1\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + pdf + "--b1--\r\n"},
		"base64": {"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n", "5qW95aSp\r\n"},
	} {
		sent := fmt.Sprintf("From: <%s>\r\nTo: <hanako@kaisha.test>\r\nSubject: banner\r\nX-Id: %s\r\nX-Sekisho-Verdict: forged\r\nDate: Tue, 10 Nov 2026 09:12:44 +0900\r\nMessage-ID: <%s@tomodachi.test>\r\n%s\r\n%s",
			friendAddr, id, id, tc.head, tc.body)
		expect(t, dial(t, pf.Addr, friend()).send(friend(), []byte(sent), ""), "250 ")
		var got []byte
		waitFor(t, id, func() bool {
			for _, m := range sink.Messages() {
				if bytes.Contains(m.Data, []byte("X-Id: "+id+"\r\n")) {
					got = m.Data
				}
			}
			return got != nil
		})
		header, body, err := mail.ReadFile(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		oldHeader, oldBody, err := mail.ReadFile(strings.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Content-Type", "Content-Transfer-Encoding", "MIME-Version", "X-Sekisho-Verdict"} {
			if n := len(header.All(name)); n > 1 || n == 0 && (id == "plain" || name == "X-Sekisho-Verdict") {
				t.Errorf("%s: %d fields %s in\n%s", id, n, name, got)
			}
		}
		change, why := banner.Insert(oldHeader, oldBody, banner.Compose("楽天", banner.Both))
		if why != "" || !bytes.Equal(body, change.Body) {
			t.Errorf("%s, %s: the body is\n%q\nand not\n%q", id, why, body, change.Body)
		}
		m := mail.Parse(header, body)
		if len(m.Passages) < 4 || !strings.Contains(m.Passages[0].Text+m.Passages[1].Text, "【注意】このメールは「楽天」を名乗りますが") {
			t.Errorf("%s: %+v", id, m.Passages)
		}
		if m.Subject.Shown != "[!] banner" {
			t.Errorf("%s: subject %q", id, m.Subject.Shown)
		}
	}
}
