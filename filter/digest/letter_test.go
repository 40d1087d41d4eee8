package digest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sekisho/filter/quarantine"
)

// python reads a digest with its email package, which knows nothing of ours.
const python = `
import email, email.policy, json, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
defects = [str(d) for p in m.walk() for d in p.defects]
defects += [str(d) for k in m.keys() for d in getattr(m[k], "defects", ())]
json.dump({"defects": defects, "header": {k.lower(): str(m[k]) for k in m.keys()}, "names": [k for k in m.keys()], "from": [a.addr_spec for a in m["from"].addresses],
  "name": m["from"].addresses[0].display_name, "to": [a.addr_spec for a in m["to"].addresses],
  "types": [p.get_content_type() for p in m.walk()], "text": m.get_body(("plain",)).get_content(), "html": m.get_body(("html",)).get_content()}, sys.stdout)
`

type read struct {
	Defects, Names, From, To, Types []string
	Name, Text, HTML                string
	Header                          map[string]string
}

func readByPython(t *testing.T, message []byte) read {
	t.Helper()
	program, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	cmd := exec.CommandContext(t.Context(), program, "-c", python)
	cmd.Stdin = bytes.NewReader(message)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v %s", err, stderr.String())
	}
	var r read
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDigestReadByPython(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.hold(fake, "hanako@kaisha.test", "taro@kaisha.test", "jiro@nihon.test", "mary@world.test")
	l.now = l.now.Add(2 * time.Hour)
	l.want(4)
	for _, m := range l.sink.Messages() {
		for line := range bytes.SplitSeq(m.Data, []byte("\r\n")) {
			if len(line) > 98 || bytes.ContainsAny(line, "\r\n") || bytes.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
				t.Errorf("line %q", line)
			}
		}
		r := readByPython(t, m.Data)
		if len(r.Defects) > 0 || !slices.Equal(r.Types, []string{"multipart/alternative", "text/plain", "text/html"}) || !slices.Equal(r.To, m.Recipients) ||
			!slices.Equal(r.From, []string{"gate@kaisha.test"}) || r.Name != "メール保留のお知らせ" {
			t.Errorf("%q %q %q %q %q", r.Defects, r.Types, r.To, r.From, r.Name)
		}
		if r.Header["auto-submitted"] != "auto-generated" || r.Header["date"] != "Sat, 28 Nov 2026 09:00:00 +0900" || !strings.HasSuffix(r.Header["message-id"], "@kaisha.test>") {
			t.Errorf("%q", r.Header)
		}
		for _, name := range r.Names {
			if strings.HasPrefix(strings.ToLower(name), "list-") {
				t.Errorf("field %s, which nothing answers to", name)
			}
		}
		links := regexp.MustCompile(`https?://[^\s"<>]+`).FindAllString(r.Text+r.HTML, -1)
		if len(links) == 0 {
			t.Error("no links")
		}
		for _, u := range links {
			if !strings.HasPrefix(u, "https://gate.kaisha.test:8443/") && !strings.Contains(u, "rakuten") {
				t.Errorf("link %q", u)
			}
		}
		lang := map[string][]string{"kaisha.test": {"保留中のメール 1 通", "Mail held for you: 1"}, "nihon.test": {"保留中のメール 1 通"}, "world.test": {"Mail held for you: 1"}}[domainOf(m.Recipients[0])]
		for _, want := range lang {
			if !strings.Contains(r.Header["subject"], want) {
				t.Errorf("subject %q", r.Header["subject"])
			}
		}
		for _, body := range []string{r.Text, r.HTML} {
			for _, want := range []string{"楽天 (Rakuten)", "st[.]mgu[.]ac[.]jp mgu[.]ac[.]jp", "2026-11-28 07:00", "【楽天】アカウントは停止されています", "en-13201[@]st[.]mgu", "info@antiphishing.jp", "/l/1.", "/advice", "meaning of impersonation"} {
				if !strings.Contains(body, want) {
					t.Errorf("no %q in %s", want, body)
				}
			}
			for _, to := range []string{"hanako@", "taro@", "jiro@", "mary@"} {
				if strings.Contains(body, to) && !strings.HasPrefix(m.Recipients[0], to) {
					t.Errorf("%s is told of %s", m.Recipients[0], to)
				}
			}
			for _, three := range [][2]string{{"リンクを開いた", "You opened a link"}, {"パスワードを入力した", "You typed a password"}, {"カード番号を入力した", "You gave a card number"}} {
				for i, d := range []string{"nihon.test", "world.test"} {
					if domainOf(m.Recipients[0]) != []string{"world.test", "nihon.test"}[i] && !strings.Contains(body, three[i]) {
						t.Errorf("no %q for %s", three[i], d)
					}
				}
			}
			if strings.Contains(body, "account-check.example") {
				t.Error("text of the message")
			}
		}
	}
}

// TestHostile: nothing of what a sender writes leads anywhere, hides or runs.
func TestHostile(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, h := range []string{
		"From: \"<script>alert(1)</script>\" <x@evil.example>\r\nSubject: <a href=\"http://evil.example/\">click</a> <img src=x onerror=alert(1)>",
		"From: \"https://evil.example/login\" <x@evil.example>\r\nSubject: http://evil.example https://evil.example/a?b=c www.evil.example evil.example/x mailto:x@evil.example tel:0120123456",
		"From: x@evil.example\r\nSubject: =?utf-8?B?4oCuZWxwbWF4ZeKApOKAi2xpdmUu77yO44CCaHR0cDrvvI8v77yF?= a\x00b\x1b[31m =?utf-8?Q?=E2=80=AEmoc=2Elive?=",
		"From: x@evil.example\r\nSubject: " + strings.Repeat("a", 5000),
		"From: x@evil.example\r\nSubject: =?utf-8?Q?" + strings.Repeat("=CC=81", 40) + "?=",
		"From: x@evil.example\r\nSubject: {{.Recipient}} {{range .}} %s %d %n ${jndi:ldap://evil.example/a}",
		"From: x@evil.example\r\nSubject: ok\r\n\tBcc: y@evil.example",
		"From: x@xn--vermittlung-evil.example\r\nSubject: =?utf-8?B?" + "aHR0cHM6Ly9ldmls44CCZXhhbXBsZS8gZXZpbO+8jmV4YW1wbGU=" + "?=",
		"Subject: no author",
		"From: x@evil.example",
		"nonsense",
	} {
		l.hold(h, "hanako@kaisha.test")
	}
	l.now = l.now.Add(2 * time.Hour)
	l.want(1)
	r := readByPython(t, l.sink.Messages()[0].Data)
	if len(r.Defects) > 0 {
		t.Errorf("%q", r.Defects)
	}
	for _, body := range []string{r.Text, r.HTML} {
		for _, bad := range []string{"evil.example", "evil．example", "evil。example", "http://evil", "mailto:", "tel:", "\u202e", "\u200b", "\x00", "\x1b", "ldap://", strings.Repeat("a", maxText+1), strings.Repeat("\u0301", maxMarks+1)} {
			if strings.Contains(body, bad) {
				t.Errorf("%q in %s", bad, body)
			}
		}
		for line := range strings.SplitSeq(body, "\n") {
			if len(line) > 2000 {
				t.Errorf("line of %d bytes", len(line))
			}
		}
	}
	if !strings.Contains(r.Text, "{{[.]Recipient}}") && !strings.Contains(r.Text, "{{.Recipient}}") {
		t.Error("the template read a subject")
	}
	for _, tag := range regexp.MustCompile(`<[a-zA-Z]+`).FindAllString(r.HTML, -1) {
		if !slices.Contains([]string{"<html", "<head", "<meta", "<title", "<body", "<p", "<table", "<tr", "<td", "<b", "<a", "<hr", "<br", "<h", "<ul", "<li", "<code"}, tag) {
			t.Errorf("element %s", tag)
		}
	}
}

// TestMany: a list has an end, and says how much there is besides.
func TestMany(t *testing.T) {
	t.Parallel()
	for _, n := range []int{maxEntries, maxEntries + 1} {
		l := newLab(t)
		for range n {
			l.hold(fake, "mary@world.test")
		}
		l.now = l.now.Add(2 * time.Hour)
		l.want(1)
		r := readByPython(t, l.sink.Messages()[0].Data)
		if links := strings.Count(r.Text, "/l/1."); links != maxEntries {
			t.Errorf("%d links", links)
		}
		if strings.Contains(r.Text, "And 1 more") != (n > maxEntries) || !strings.Contains(r.Text, fmt.Sprintf("Mail to mary@world.test that is held: %d.", n)) {
			t.Errorf("of %d: %.200s", n, r.Text)
		}
	}
}

// TestPreview: it tells the same, changes nothing, and its links are good for nothing.
func TestPreview(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	o := quarantine.ReleaseOptions{Addr: l.sink.Addr}
	if text, err := l.Preview(t.Context(), "hanako@kaisha.test", l.set); text != nil || err != nil {
		t.Errorf("%s %v", text, err)
	}
	l.hold(fake, "Hanako@kaisha.test")
	text, err := l.Preview(t.Context(), "hanako@kaisha.test", l.set)
	if err != nil {
		t.Fatal(err)
	}
	token := func(text string) string { return regexp.MustCompile(`/l/(1\.\S+)`).FindStringSubmatch(text)[1] }
	if _, err := l.opt.Links.Check(token(readByPython(t, text).Text), l.now); err == nil {
		t.Error("a link in a preview is good")
	}
	if sent, err := l.Now(t.Context(), "hanako@kaisha.test", l.set, o); !sent || err != nil {
		t.Error(sent, err)
	}
	got, err := l.opt.Links.Check(token(readByPython(t, l.sink.Messages()[0].Data).Text), l.now)
	if err != nil || got.For("hanako@kaisha.test") != nil || got.Expires.Sub(l.now) != l.set.Life {
		t.Error(got, err)
	}
	if sent, err := l.Now(t.Context(), "hanako@kaisha.test", l.set, o); sent || err != nil {
		t.Error("again", sent, err)
	}
}

// TestWithoutPages: there are no links, and an id to ask for.
func TestWithoutPages(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.set.URL = ""
	l.hold(fake, "mary@world.test")
	l.now = l.now.Add(2 * time.Hour)
	l.want(1)
	r := readByPython(t, l.sink.Messages()[0].Data)
	if strings.Contains(r.Text+r.HTML, "/l/1.") || !strings.Contains(r.Text, "tell your administrator this id: ") {
		t.Errorf("%s", r.Text)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Re: 会議。次回は3.5時間":   "Re: 会議。次回は3[.]5時間",
		"a\r\n\tb   c":      "a b c",
		"http://x.example/": "http[:]/[/]x[.]example/",
		"x@y.example":       "x[@]y[.]example",
		"Done. Next":        "Done. Next",
		"\xff\xfe":          "\uFFFD",
		"":                  "",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
