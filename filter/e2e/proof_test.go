package e2e

import (
	"net/netip"
	"strings"
	"testing"

	"sekisho/filter/mail"
)

// proofZone has a domain for each thing that SPF and DMARC can say.
const proofZone = `
spfpass.test. TXT "v=spf1 ip4:192.0.2.70 -all"
spffail.test. TXT "v=spf1 ip4:203.0.113.1 -all"
spfsoft.test. TXT "v=spf1 ip4:203.0.113.1 ~all"
spfneutral.test. TXT "v=spf1 ?all"
spfbroken.test. TXT "v=spf1 ip4:nonsense -all"
spfserv.test. TXT "v=spf1 -all"
; servfail spfserv.test
signed.test. TXT "v=spf1 -all"
_dmarc.signed.test. TXT "v=DMARC1; p=none"
_dmarc.reject.test. TXT "v=DMARC1; p=reject"
_dmarc.quarantine.test. TXT "v=DMARC1; p=quarantine"
_dmarc.none.test. TXT "v=DMARC1; p=none"
_dmarc.testing.test. TXT "v=DMARC1; p=reject; t=y"
_dmarc.dmarcserv.test. TXT "v=DMARC1; p=reject"
; servfail _dmarc.dmarcserv.test
nokey.test. TXT "v=spf1 -all"
keyserv.test. TXT "v=spf1 -all"
; servfail e2e._domainkey.keyserv.test
smtp.tomodachi.test. A 192.0.2.70
70.2.0.192.in-addr.arpa. PTR smtp.tomodachi.test.
71.2.0.192.in-addr.arpa. PTR smtp.tomodachi.test.
; servfail 72.2.0.192.in-addr.arpa
`

// TestE2EProof: each method's results, as the header of the delivered message or
// the reply tells them.
func TestE2EProof(t *testing.T) {
	t.Parallel()
	keys := map[string]*signer{}
	zone := friendZone + proofZone
	for _, domain := range []string{"signed.test", "nokey.test", "keyserv.test", "reject.test"} {
		keys[domain] = newSigner(t, domain)
		if domain != "nokey.test" {
			zone += keys[domain].record()
		}
	}
	lab := newLab(t, labOptions{zone: zone})
	signed := func(domain, id string) []byte { return keys[domain].sign(t, from(domain, id)) }
	for _, k := range []struct {
		id, sender string
		raw        []byte
		answer     string
		want       []string
	}{
		{"spf-pass", "taro@spfpass.test", from("spfpass.test", "spf-pass"), "250 ", []string{"spf=pass smtp.mailfrom=taro@spfpass.test", "iprev=pass"}},
		{"spf-fail", "taro@spffail.test", from("spffail.test", "spf-fail"), "250 ", []string{"spf=fail"}},
		{"spf-soft", "taro@spfsoft.test", from("spfsoft.test", "spf-soft"), "250 ", []string{"spf=softfail"}},
		{"spf-neutral", "taro@spfneutral.test", from("spfneutral.test", "spf-neutral"), "250 ", []string{"spf=neutral"}},
		{"spf-broken", "taro@spfbroken.test", from("spfbroken.test", "spf-broken"), "250 ", []string{"spf=permerror"}},
		{"spf-serv", "taro@spfserv.test", from("spfserv.test", "spf-serv"), "250 ", []string{"spf=temperror"}},
		{"spf-none", "taro@nospf.test", from("nospf.test", "spf-none"), "250 ", []string{"spf=none"}},
		{"null-path", "", from("spfpass.test", "null-path"), "250 ", []string{"spf=none"}},
		{"dkim-pass", friendAddr, signed("signed.test", "dkim-pass"), "250 ", []string{"dkim=pass", "header.d=signed.test", "header.s=e2e", "header.a=ed25519-sha256", "dmarc=pass"}},
		{"dkim-simple", friendAddr, keys["signed.test"].signSimple(t, odd("signed.test", "dkim-simple")), "250 ", []string{"dkim=pass", "dmarc=pass"}},
		{"dkim-footer", friendAddr, footer(signed("signed.test", "dkim-footer")), "250 ", []string{"dkim=fail", "dmarc=fail"}},
		{"dkim-nokey", friendAddr, signed("nokey.test", "dkim-nokey"), "250 ", []string{"dkim=permerror"}},
		{"dkim-serv", friendAddr, signed("keyserv.test", "dkim-serv"), "250 ", []string{"dkim=temperror"}},
		{"dmarc-reject", friendAddr, from("reject.test", "dmarc-reject"), "550 5.7.26", nil},
		{"dmarc-reject-footer", friendAddr, footer(signed("reject.test", "dmarc-reject-footer")), "550 5.7.26", nil},
		{"dmarc-reject-signed", friendAddr, signed("reject.test", "dmarc-reject-signed"), "250 ", []string{"dmarc=pass"}},
		{"dmarc-sub", friendAddr, from("sub.reject.test", "dmarc-sub"), "550 5.7.26", nil},
		{"dmarc-none", friendAddr, from("none.test", "dmarc-none"), "250 ", []string{"dmarc=fail"}},
		{"dmarc-quarantine", friendAddr, from("quarantine.test", "dmarc-quarantine"), "250 ", []string{"held"}},
		{"dmarc-testing", friendAddr, from("testing.test", "dmarc-testing"), "250 ", []string{"held"}},
		{"dmarc-permerror", friendAddr, twoAuthors("reject.test", "other.test", "dmarc-permerror"), "250 ", []string{"dmarc=permerror"}},
		{"dmarc-reject-two", friendAddr, twoAuthors("reject.test", "reject.test", "dmarc-reject-two"), "550 5.7.26", nil},
		{"dmarc-none-published", friendAddr, from("nospf.test", "dmarc-none-published"), "250 ", []string{"dmarc=none"}},
		{"dmarc-serv", friendAddr, from("dmarcserv.test", "dmarc-serv"), "250 ", []string{"dmarc=temperror"}},
	} {
		t.Run(k.id, func(t *testing.T) {
			env := friend()
			env.Sender = k.sender
			answer := dial(t, lab.Postfix.Addr, env).send(env, k.raw, "")
			expect(t, answer, k.answer)
			if len(k.want) == 0 {
				return
			}
			if k.want[0] == "held" {
				if list, err := lab.Sekisho.command("quarantine", "show", lab.newest(t)); err != nil || !strings.Contains(list, "dmarc-quarantine") {
					t.Errorf("held: %v\n%s", err, list)
				}
				return
			}
			got := results(lab.delivered(t, k.id))
			for _, want := range k.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

// TestE2EReverseName: what is said of the client's address.
func TestE2EReverseName(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{zone: friendZone + proofZone})
	for client, want := range map[string]string{
		"192.0.2.70": "iprev=pass (smtp.tomodachi.test)", "192.0.2.71": "iprev=fail", "192.0.2.72": "iprev=temperror", "192.0.2.73": "iprev=permerror",
	} {
		env := friend()
		env.Client, env.ClientName = netip.MustParseAddr(client), ""
		id := "from-" + client
		expect(t, dial(t, lab.Postfix.Addr, env).send(env, letter(id, "hello"), ""), "250 ")
		if got := results(lab.delivered(t, id)); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%s", client, want, got)
		}
	}
}

// newest returns the id of what was held last.
func (l *Lab) newest(t *testing.T) string {
	t.Helper()
	return l.held(t)[0].ID
}

// TestE2EForwarder: a list's footer breaks the signature of an author whose domain
// asks for rejection. The path that the policy names may do that, until the day
// that the entry names; other paths and other recipients' domains may not.
func TestE2EForwarder(t *testing.T) {
	t.Parallel()
	author := newSigner(t, "author.test")
	zone := author.record() + `author.test. TXT "v=spf1 -all"
_dmarc.author.test. TXT "v=DMARC1; p=reject"
lists.alumni.test. A 192.0.2.33
33.2.0.192.in-addr.arpa. PTR lists.alumni.test.
alumni.test. TXT "v=spf1 ip4:192.0.2.33 -all"
`
	entry := `forwarders:
  - networks: [192.0.2.0/24]
    name: lists.alumni.test
    reason: the alumni list adds a footer
    expires: `
	lab := newLab(t, labOptions{zone: zone, policies: map[string]string{
		"kaisha.test.yaml": entry + "2099-12-31\n",
		"gakko.test.yaml":  entry + "2026-01-31\n",
	}})
	listed := mail.Envelope{
		Client: netip.MustParseAddr("192.0.2.33"), ClientName: "lists.alumni.test", Helo: "lists.alumni.test",
		Sender: "bounce@alumni.test", Recipients: []string{worker},
	}
	forwarded := func(id string) []byte {
		hop := "Received: from mail.author.test (mail.author.test [203.0.113.9])\r\n\tby lists.alumni.test; Tue, 10 Nov 2026 09:12:40 +0900\r\n"
		return append([]byte(hop), footer(author.sign(t, from("author.test", id)))...)
	}

	raw := forwarded("valid-entry")
	expect(t, dial(t, lab.Postfix.Addr, listed).send(listed, raw, ""), "250 ")
	got := results(lab.delivered(t, "valid-entry"))
	for _, want := range []string{"dkim=fail", "dmarc=fail", "policy.override=forwarder"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := lab.Sekisho.metric(`sekisho_forwarder_overrides_total{kind="network",policy="kaisha.test"}`); n != 1 {
		t.Errorf("overrides counted: %v", n)
	}

	expired := listed
	expired.Recipients = []string{teacher}
	expect(t, dial(t, lab.Postfix.Addr, expired).send(expired, forwarded("expired-entry"), ""), "550 5.7.26")

	stranger := listed
	stranger.Client, stranger.ClientName, stranger.Helo = netip.MustParseAddr("192.0.2.70"), "smtp.tomodachi.test", "smtp.tomodachi.test"
	expect(t, dial(t, lab.Postfix.Addr, stranger).send(stranger, forwarded("other-path"), ""), "550 5.7.26")

	if log := lab.Sekisho.Log(); !strings.Contains(log, "expired") {
		t.Error("the log does not name the expired entry")
	}
}
