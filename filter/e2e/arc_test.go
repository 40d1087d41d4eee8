package e2e

import (
	"net/netip"
	"strings"
	"testing"

	"sekisho/filter/mail"
)

// TestE2EARC: the author's domain asks for rejection, the list's footer breaks his
// signature, and sealers on the way say that it was whole. Only the word of one
// that the recipient's policy names counts, and only while its chain verifies.
func TestE2EARC(t *testing.T) {
	t.Parallel()
	author, sealer, down, stranger := newSigner(t, "author.test"), newSigner(t, "sealer.test"), newSigner(t, "down.test"), newSigner(t, "stranger.test")
	zone := author.record() + sealer.record() + down.record() + stranger.record() + `author.test. TXT "v=spf1 -all"
_dmarc.author.test. TXT "v=DMARC1; p=reject"
; servfail e2e._domainkey.down.test
`
	lab := newLab(t, labOptions{zone: zone, policies: map[string]string{"kaisha.test.yaml": `forwarders:
  - {arc_sealer: sealer.test, reason: checks what it hands on, expires: 2099-12-31}
  - {arc_sealer: down.test, reason: checks what it hands on, expires: 2099-12-31}
`, "gakko.test.yaml": `forwarders:
  - {arc_sealer: sealer.test, reason: checked what it handed on, expires: 2026-01-31}
`}})
	env := mail.Envelope{
		Client: netip.MustParseAddr("192.0.2.33"), Helo: "lists.alumni.test", Sender: "bounce@alumni.test", Recipients: []string{worker},
	}
	listed := func(id string) []byte {
		hop := "Received: from mail.author.test (mail.author.test [203.0.113.9])\r\n\tby lists.alumni.test; Tue, 10 Nov 2026 09:12:40 +0900\r\n"
		return append([]byte(hop), footer(author.sign(t, from("author.test", id)))...)
	}
	const passed = "dmarc=pass header.from=author.test"
	pass := sealer.seal(t, listed("arc-pass"), passed)
	for _, k := range []struct {
		name, rcpt string
		raw        []byte
		answer     string
	}{
		{"pass", worker, pass, "250 "},
		{"not of this recipient's sealers any more", teacher, pass, "550 5.7.26"},
		{"fail", worker, footer(sealer.seal(t, listed("arc-fail"), passed)), "550 5.7.26"},
		{"the sealer saw it fail", worker, sealer.seal(t, listed("arc-saw"), "dmarc=fail header.from=author.test"), "550 5.7.26"},
		{"temperror", worker, down.seal(t, listed("arc-temp"), passed), "451 4.4.3"},
		{"a sealer that nobody named", worker, stranger.seal(t, listed("arc-stranger"), passed), "550 5.7.26"},
	} {
		t.Run(k.name, func(t *testing.T) {
			env := env
			env.Recipients = []string{k.rcpt}
			expect(t, dial(t, lab.Postfix.Addr, env).send(env, k.raw, ""), k.answer)
		})
	}
	got := results(lab.delivered(t, "arc-pass"))
	for _, want := range []string{"dkim=fail", "dmarc=fail", "arc=pass", "policy.override=forwarder"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	lab.nothingElse(t, 1)
	if n := lab.Sekisho.metric(`sekisho_forwarder_overrides_total{kind="arc",policy="kaisha.test"}`); n != 1 {
		t.Errorf("overrides counted: %v", n)
	}
}
