package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"sekisho/filter/cases"
)

// find returns the case of that name.
func find(tb testing.TB, name string) cases.Case {
	tb.Helper()
	return cases.Load(tb, name)[0]
}

// TestE2ESession sends everything that one SMTP session can carry: several
// messages with different verdicts, RSET, an unknown command, a large body,
// 8BITMIME and SMTPUTF8.
func TestE2ESession(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			lab := newLab(t, labOptions{unix: network == "unix"})
			t.Run("five messages, different verdicts", lab.fiveMessages)
			t.Run("RSET in the middle", lab.reset)
			t.Run("unknown command", lab.unknownCommand)
			t.Run("1 MB body", lab.large)
			t.Run("8BITMIME", lab.eightBit)
			t.Run("SMTPUTF8", lab.smtputf8)
		})
	}
}

// fiveMessages: the client's address stays that of the spoofer throughout, so SPF
// fails for the honest ones; their signatures hold.
func (l *Lab) fiveMessages(t *testing.T) {
	c := dial(t, l.Postfix.Addr, find(t, "story-e-").Envelope)
	for _, step := range []struct{ name, want string }{
		{"story-h-university-newsletter", "250 "},
		{"story-e-spoofed-domain", "550 5.7.26"},
		{"story-a-university-rakuten", "250 "},
		{"story-f-genuine-rakuten", "250 "},
		{"story-d-fresh-domain-amazon", "250 "},
	} {
		k := find(t, step.name)
		expect(t, c.send(k.Envelope, k.Raw, ""), step.want)
	}
	l.delivered(t, "story-h-university-newsletter")
	l.delivered(t, "story-f-genuine-rakuten")
	l.nothingElse(t, 2)
	if got := l.Sekisho.metric(`sekisho_messages_total{verdict="quarantine"}`); got != 2 {
		t.Errorf("%v quarantined, want 2", got)
	}
	l.Sink.Reset()
}

func (l *Lab) reset(t *testing.T) {
	k := find(t, "story-a-")
	c := dial(t, l.Postfix.Addr, friend())
	c.envelope(k.Envelope, "")
	c.must(c.command(250, "RSET"))
	c.envelope(k.Envelope, "")
	c.must(c.command(250, "RSET"))
	raw := letter("after-reset", "hello")
	expect(t, c.send(friend(), raw, ""), "250 ")
	if got := l.delivered(t, "after-reset"); !bytes.HasSuffix(got, raw) {
		t.Errorf("changed:\n%s", got)
	}
}

func (l *Lab) unknownCommand(t *testing.T) {
	c := dial(t, l.Postfix.Addr, friend())
	if text, _ := c.command(500, "XYZZY now"); !strings.HasPrefix(text, "50") {
		t.Errorf("answer %q", text)
	}
	c.must(c.command(250, "NOOP"))
	expect(t, c.send(friend(), letter("after-unknown", "hello"), ""), "250 ")
	l.delivered(t, "after-unknown")
}

func (l *Lab) large(t *testing.T) {
	line := strings.Repeat("0123456789", 7) + "\n"
	raw := letter("large", strings.Repeat(line, 1<<20/len(line)+1))
	expect(t, dial(t, l.Postfix.Addr, friend()).send(friend(), raw, ""), "250 ")
	if got := l.delivered(t, "large"); !bytes.HasSuffix(got, raw) {
		t.Errorf("1 MB body changed: %d bytes sent, %d delivered", len(raw), len(got))
	}
}

func (l *Lab) eightBit(t *testing.T) {
	raw := bytes.Replace(letter("eight-bit", "お昼を食べましょう。\n.\n..点で始まる行"), []byte("\r\n\r\n"),
		[]byte("\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"), 1)
	expect(t, dial(t, l.Postfix.Addr, friend()).send(friend(), raw, " BODY=8BITMIME"), "250 ")
	if got := l.delivered(t, "eight-bit"); !bytes.HasSuffix(got, raw) {
		t.Errorf("changed:\n%s", got)
	}
}

func (l *Lab) smtputf8(t *testing.T) {
	env := friend()
	env.Sender = "太郎@tomodachi.test"
	raw := bytes.Replace(letter("utf8", "hello"), []byte("From: <"+friendAddr+">"), []byte("From: 太郎 <太郎@tomodachi.test>"), 1)
	expect(t, dial(t, l.Postfix.Addr, friend()).send(env, raw, " SMTPUTF8 BODY=8BITMIME"), "250 ")
	got := l.delivered(t, "utf8")
	if !bytes.HasSuffix(got, raw) {
		t.Errorf("changed:\n%s", got)
	}
	if !bytes.Contains(got, []byte("spf=pass")) {
		t.Errorf("SPF for an SMTPUTF8 sender:\n%s", got)
	}
}

// TestE2EReload sends messages on one session while the settings are loaded again
// and again, with a broken policy in between.
func TestE2EReload(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{zone: friendZone, policies: map[string]string{"kaisha.test.yaml": "thresholds: {tag: 4}\n"}})
	c := dial(t, lab.Postfix.Addr, friend())
	const messages = 40
	for i := range messages {
		if i == messages/2 {
			// Twenty messages may be through before the first set is read: the sound
			// policies must have been loaded once before they are broken.
			waitFor(t, "reloads", func() bool { return lab.Sekisho.metric(`sekisho_reloads_total{result="done"}`) > 0 })
			lab.Sekisho.write("policies/kaisha.test.yaml", "thresholds: {tagg: 4}\n")
		}
		lab.Sekisho.signal(syscall.SIGHUP)
		expect(t, c.send(friend(), letter(fmt.Sprintf("reload-%d", i), "hello"), ""), "250 ")
	}
	for i := range messages {
		lab.delivered(t, fmt.Sprintf("reload-%d", i))
	}
	lab.nothingElse(t, messages)
	waitFor(t, "a refusal", func() bool { return lab.Sekisho.metric(`sekisho_reloads_total{result="refused"}`) > 0 })
	if log := lab.Sekisho.Log(); !strings.Contains(log, "kaisha.test.yaml:1:14") {
		t.Error("the log does not tell where the policy is broken")
	}
}
