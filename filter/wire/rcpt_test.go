package wire_test

import (
	"testing"

	"github.com/emersion/go-milter"

	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

// TestRecipientsAnswered: the MTA waits for an answer to each recipient only when it
// is asked to; then it hears the session's, and the message goes on with the others.
func TestRecipientsAnswered(t *testing.T) {
	refuse := func(p wire.Path) milter.Response {
		if p.Address == "no@x.test" {
			return milter.NewResponseStr(byte(milter.ActReplyCode), "452 4.5.3 later")
		}
		return nil
	}
	for _, offer := range []wiretest.Offer{wiretest.Postfix(), {Version: 6, Actions: 0x1ff}} {
		for _, ask := range []bool{false, true} {
			s := start(t, "unix", wire.Limits{}, hooks{rcpt: refuse, ask: ask})
			c := s.dialOffer(t, offer)
			waits := ask || offer.Steps == 0
			if got := c.Agreed.Steps&milter.OptNoRcptReply == 0; got != waits {
				t.Errorf("offer %x, asked %v: the MTA waits %v", offer.Steps, ask, got)
			}
			must(t, c.Open(wiretest.Message{}))
			must(t, c.Mail("<a@b.test>"))
			for _, to := range []string{"yes@x.test", "no@x.test", "yes@x.test"} {
				must(t, c.Frame(byte(milter.CodeRcpt), []byte("<"+to+">\x00")))
				if !waits {
					continue
				}
				code, text, err := c.ReadFrame()
				want := milter.ActContinue
				if to == "no@x.test" {
					want = milter.ActReplyCode
				}
				if err != nil || milter.ActionCode(code) != want {
					t.Errorf("%s: %c %q, %v", to, code, text, err)
				}
			}
			must(t, c.Data())
			must(t, c.Content([]byte("A: b\r\n\r\nbody\r\n")))
			if r, err := c.End(); err != nil || r.Code != milter.ActContinue {
				t.Errorf("end: %+v, %v", r, err)
			}
		}
	}
}
