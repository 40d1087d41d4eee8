package session

import (
	"bytes"
	"strings"
	"testing"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/act"
	"sekisho/filter/wire/wiretest"
)

// TestReplaceBody: a new body goes out in pieces that the protocol allows, byte for
// byte, wherever they are cut.
func TestReplaceBody(t *testing.T) {
	for name, body := range map[string][]byte{
		"small":       []byte("* hello\r\n\r\nbare \r and \n and \r\r\n\x00 stay\r\n"),
		"one piece":   bytes.Repeat([]byte("x"), maxBodyPiece),
		"cut in CRLF": append(bytes.Repeat([]byte("y"), maxBodyPiece-1), "\r\n.\r\n"...),
		"large":       bytes.Repeat([]byte("line of text\r\n"), 100_000),
	} {
		plan := act.Plan{Reply: act.Continue, Body: body, Edits: []act.Edit{{Op: act.Change, Index: 1, Name: "Content-Type", Value: "text/plain", WithBody: true}}}
		path, _ := serve(t, Options{Judge: &bench{plan: plan}})
		c := open(t, path)
		for range 2 { // the next message on the connection is not confused
			r, err := c.Send(wiretest.Message{})
			if err != nil || r.Code != milter.ActContinue || r.Edits[0].Code != milter.ActChangeHeader {
				t.Fatalf("%s: %c, %v", name, r.Code, err)
			}
			var got strings.Builder
			for _, e := range r.Edits[1:] {
				if e.Code != milter.ActReplBody || len(e.Value) > maxBodyPiece {
					t.Errorf("%s: edit %c of %d bytes", name, e.Code, len(e.Value))
				}
				got.WriteString(e.Value)
			}
			if got.String() != string(body) {
				t.Errorf("%s: %d bytes arrived of %d", name, got.Len(), len(body))
			}
		}
	}
}

// TestBodyNotAgreed: an MTA that keeps bodies gets the message with its other tags.
func TestBodyNotAgreed(t *testing.T) {
	plan := act.Plan{Reply: act.Continue, Body: []byte("new\r\n"), Edits: []act.Edit{
		{Op: act.Change, Index: 1, Name: "Content-Type", Value: "text/plain", WithBody: true},
		{Op: act.Insert, Name: "X-Sekisho-Verdict", Value: "verdict=tag"},
	}}
	path, reg := serve(t, Options{Judge: &bench{plan: plan}})
	offer := wiretest.Postfix()
	offer.Actions &^= milter.OptChangeBody
	c := dial(t, path, offer)
	_ = c.Open(wiretest.Message{})
	r, err := c.Send(wiretest.Message{})
	if err != nil || r.Code != milter.ActContinue || len(r.Edits) != 1 || r.Edits[0].Name != "X-Sekisho-Verdict" {
		t.Errorf("%+v, %v", r, err)
	}
	want := "# HELP sekisho_session_banners_left_out_total Messages that went on without their banner, because the MTA does not let bodies be changed.\n" +
		"# TYPE sekisho_session_banners_left_out_total counter\nsekisho_session_banners_left_out_total 1\n"
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "sekisho_session_banners_left_out_total"); err != nil {
		t.Error(err)
	}
}
