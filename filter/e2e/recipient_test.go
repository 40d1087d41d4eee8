package e2e

import (
	"bytes"
	"slices"
	"testing"
)

// TestE2ERecipientSpellings: Postfix takes what it can from a recipient of any
// shape. However one is written, the message that its policy holds does not reach
// it beside a recipient who gets the message.
func TestE2ERecipientSpellings(t *testing.T) {
	t.Parallel()
	lab := newLab(t, labOptions{policies: map[string]string{
		"gakko.test.yaml": "thresholds: {tag: off, quarantine: off}\n",
	}})
	k := find(t, "story-a-")
	for _, path := range []string{
		"<HANAKO@KAISHA.TEST.>", "hanako@kaisha.test", `<"ha na"@kaisha.test>`, `<"a\"b"@kaisha.test>`, "<はな子@kaisha.test>",
		"<a..b.@kaisha.test>", "<@relay.test,@b.test:hanako@kaisha.test>", "@:hanako@kaisha.test", "<Group:hanako@kaisha.test;>",
		"<<hanako@kaisha.test>>", "<hanako@kaisha.test>>", "<hanako@kaisha.test;>", "<,hanako@kaisha.test>",
		"<(x)hanako@kaisha.test>", "<hanako (x) @ kaisha.test>", `<"hanako@kaisha.test">`, `<han\ako@kaisha.test>`,
		"<hanako%kaisha.test@[127.0.0.1]>", "<kaisha.test!hanako@[127.0.0.1]>", "<hanako%kaisha.test>", `<"hanako@kaisha.test"@[127.0.0.1]>`,
	} {
		c := dial(t, lab.Postfix.Addr, k.Envelope)
		c.must(c.command(250, "MAIL FROM:<%s> SMTPUTF8", k.Envelope.Sender))
		c.must(c.command(250, "RCPT TO:%s", path))
		c.must(c.command(250, "RCPT TO:<%s>", teacher))
		c.must(c.command(354, "DATA"))
		expect(t, c.data(k.Raw), "250 ")
		waitFor(t, "delivery beside "+path, func() bool { return len(lab.Sink.Messages()) > 0 })
		lab.nothingElse(t, 1)
		if got := lab.Sink.Messages()[0].Recipients; !slices.Equal(got, []string{teacher}) {
			t.Errorf("%s: delivered to %v", path, got)
		}
		lab.Sink.Reset()
	}

	// Nor does a spelling lead to another domain's policy.
	for _, path := range []string{"<sensei@gakko.test;>", "<Group:sensei@GAKKO.test;>", "<@relay.test:sensei@gakko.test.>", `<"sensei@gakko.test">`, "<sensei%gakko.test@[127.0.0.1]>", "<gakko.test!sensei>"} {
		c := dial(t, lab.Postfix.Addr, k.Envelope)
		c.must(c.command(250, "MAIL FROM:<%s>", k.Envelope.Sender))
		c.must(c.command(250, "RCPT TO:%s", path))
		c.must(c.command(354, "DATA"))
		expect(t, c.data(k.Raw), "250 ")
		lab.nothingElse(t, 1)
		if m := lab.Sink.Messages(); len(m) != 1 || !bytes.Contains(m[0].Data, []byte("policy=gakko.test")) {
			t.Errorf("%s: not judged by the policy of gakko.test", path)
		}
		lab.Sink.Reset()
	}
}
