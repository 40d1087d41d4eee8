package e2e

import (
	"bytes"
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/dns"
	"sekisho/filter/dns/dnstest"
	smail "sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/dkim"
)

const (
	teacher = "sensei@gakko.test"
	worker  = "hanako@kaisha.test"
)

// TestE2EMixedRecipients: one message, two domains, two policies. The one who
// holds is taken off the envelope and has a copy in the quarantine; the other
// gets the message. Released, it is the original, byte by byte, signature and
// all.
func TestE2EMixedRecipients(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{policies: map[string]string{
		"gakko.test.yaml": "thresholds: {tag: 4, quarantine: off}\ntag: {subject_prefix: \"【注意】 \"}\n",
	}})
	k := find(t, "story-a-")
	env := k.Envelope
	env.Recipients = []string{worker, teacher}
	expect(t, dial(t, lab.Postfix.Addr, env).send(env, k.Raw, ""), "250 ")

	lab.delivered(t, k.Name)
	lab.nothingElse(t, 1)
	got := lab.Sink.Messages()[0]
	if !slices.Equal(got.Recipients, []string{teacher}) {
		t.Errorf("delivered to %v", got.Recipients)
	}
	if bytes.Contains(got.Data, []byte("kaisha.test.yaml")) || bytes.Contains(got.Data, []byte("policy=default")) {
		t.Errorf("the delivered copy tells of the other recipient's policy:\n%s", got.Data)
	}
	checkPrefixed(t, got.Data, "【注意】 【楽天】アカウントは停止されています")

	item := lab.held(t)[0]
	if item.Recipient != worker || item.Sender != k.Envelope.Sender {
		t.Fatalf("held: %+v", item)
	}
	if out, err := lab.Sekisho.command("quarantine", "release", item.ID); err != nil {
		t.Fatalf("release: %v\n%s", err, out)
	}
	lab.nothingElse(t, 2)
	released := lab.Sink.Messages()[1]
	if !slices.Equal(released.Recipients, []string{worker}) || released.Sender != k.Envelope.Sender {
		t.Errorf("released from %q to %v", released.Sender, released.Recipients)
	}
	if !bytes.HasSuffix(released.Data, k.Raw) {
		t.Errorf("released bytes differ:\n%s", released.Data)
	}
	checkSignature(t, k.Zone, released.Data)

	// A second release sends nothing.
	if out, err := lab.Sekisho.command("quarantine", "release", item.ID); err != nil {
		t.Logf("second release: %v %s", err, out)
	}
	lab.nothingElse(t, 2)
}

// heldItem is what the test reads of a line of quarantine list --json.
type heldItem struct{ ID, Recipient, Sender string }

func (l *Lab) held(t *testing.T) []heldItem {
	t.Helper()
	out, err := l.Sekisho.command("quarantine", "list", "--json")
	if err != nil {
		t.Fatalf("list: %v\n%s", err, out)
	}
	var items []heldItem
	for line := range strings.Lines(out) {
		var item heldItem
		if err := json.Unmarshal([]byte(line), &item); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		t.Fatal("nothing is held")
	}
	return items
}

// checkPrefixed reads the subject as another program would.
func checkPrefixed(t *testing.T, data []byte, want string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got := smail.DecodeText([]byte(m.Header.Get("Subject"))).Shown; got != want {
		t.Errorf("subject %q, want %q", got, want)
	}
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("Subject:")) && len(line) > 78 {
			t.Errorf("long line %q", line)
		}
	}
}

func checkSignature(t *testing.T, zone string, data []byte) {
	t.Helper()
	header, body, err := smail.ReadFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	resolver, err := dns.New(dns.Options{Servers: []string{dnstest.Serve(t, zone)}})
	if err != nil {
		t.Fatal(err)
	}
	msg := smail.Parse(header, body)
	p := proof.NewChecker(resolver, proof.Options{}).Check(t.Context(), msg, &smail.Envelope{})
	if len(p.DKIM) != 1 || p.DKIM[0].Result != dkim.Pass {
		t.Errorf("signature of the released message: %+v", p.DKIM)
	}
}

// TestE2EHold: with the hold mode Postfix keeps the message in its hold queue.
func TestE2EHold(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{policies: map[string]string{"kaisha.test.yaml": "quarantine: {mode: hold}\n"}})
	k := find(t, "story-a-")
	expect(t, dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, k.Raw, ""), "250 ")
	waitFor(t, "the hold queue", func() bool { return lab.Postfix.Queued("hold") == 1 })
	lab.nothingElse(t, 0)
}

// TestE2EForgedFields: fields that only we may write are removed from incoming
// mail, wherever they stand, and no others.
func TestE2EForgedFields(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{zone: friendZone})
	forged := strings.ReplaceAll(`Authentication-Results: mx.kaisha.test; dmarc=pass header.from=rakuten.co.jp
Authentication-Results: gateway.other.test; spf=pass smtp.mailfrom=tomodachi.test
X-Sekisho-Verdict: verdict=accept points=0
Authentication-Results: MX.Kaisha.TEST; dkim=pass header.d=rakuten.co.jp
Authentication-Results: (see below) mx.kaisha.test 1; spf=pass
Authentication-Results: third.test; none
x-sekisho-trace: FORGED
Authentication-Results : mx.kaisha.test; spf=pass
AUTHENTICATION-RESULTS:
	mx.kaisha.test
	; dmarc=pass
Authentication-Results:mx.kaisha.test.; dmarc=pass
Authentication-Results: "mx\.kaisha.test"; dmarc=pass
Authentication-Results: mx.(a)kaisha.test; dmarc=pass
Authentication-Results: mx．kaisha。test; dmarc=pass
Authentication-Results: fourth.test (with mx.kaisha.test.other.test); dkim=pass
Authentication-Results: "mx.kaisha.test"; arc=pass
`, "\n", "\r\n")
	raw := append([]byte(forged), letter("forged", "hello")...)
	expect(t, dial(t, lab.Postfix.Addr, friend()).send(friend(), raw, ""), "250 ")
	got := lab.delivered(t, "forged")
	m, err := mail.ReadMessage(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	results := m.Header["Authentication-Results"]
	if len(results) != 4 || !strings.HasPrefix(results[0], "mx.kaisha.test;") || !strings.HasPrefix(results[1], "gateway.other.test;") || !strings.HasPrefix(results[2], "third.test;") ||
		!strings.HasPrefix(results[3], "fourth.test ") {
		t.Errorf("Authentication-Results: %q", results)
	}
	if strings.Contains(results[0], "rakuten") {
		t.Errorf("a forged result was believed: %q", results[0])
	}
	if trace := m.Header["X-Sekisho-Trace"]; len(trace) != 1 || trace[0] == "FORGED" {
		t.Errorf("X-Sekisho-Trace: %q", trace)
	}
	if v := m.Header["X-Sekisho-Verdict"]; len(v) != 1 {
		t.Errorf("X-Sekisho-Verdict: %q", v)
	}
}

// TestE2EStoreFailure: when the quarantine cannot take a message, the sender
// keeps it, and nobody gets it.
func TestE2EStoreFailure(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{})
	lab.Sekisho.breakStore()
	k := find(t, "story-a-")
	expect(t, dial(t, lab.Postfix.Addr, k.Envelope).send(k.Envelope, k.Raw, ""), "451 4.3.0")
	lab.nothingElse(t, 0)
	if got := lab.Sekisho.metric(`sekisho_failures_total{reason="store"}`); got != 1 {
		t.Errorf("failures counted: %v", got)
	}
}
