package wire_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-milter"
	"github.com/google/go-cmp/cmp"

	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

const noReplies = milter.OptNoConnReply | milter.OptNoHeloReply | milter.OptNoMailReply |
	milter.OptNoRcptReply | milter.OptNoDataReply | milter.OptNoUnknownReply |
	milter.OptNoHeaderReply | milter.OptNoEOHReply | milter.OptNoBodyReply

func TestNegotiate(t *testing.T) {
	const all = wire.DefaultNeed | milter.OptQuarantine | milter.OptChangeBody | milter.OptSetSymList
	for _, tt := range []struct {
		name  string
		offer wiretest.Offer
		want  wiretest.Offer
	}{
		{"postfix", wiretest.Postfix(),
			wiretest.Offer{Version: 6, Actions: all,
				Steps: noReplies | milter.OptHeaderLeadingSpace | milter.OptNoData | milter.OptNoUnknown}},
		{"no steps", wiretest.Offer{Version: 6, Actions: 0x1ff},
			wiretest.Offer{Version: 6, Actions: all}},
		{"version 2", wiretest.Offer{Version: 2, Actions: 0x3f, Steps: 0x7f},
			wiretest.Offer{Version: 2, Actions: wire.DefaultNeed | milter.OptQuarantine | milter.OptChangeBody}},
		{"from the future", wiretest.Offer{Version: 9, Actions: 0xffffffff, Steps: 0xffffffff},
			wiretest.Offer{Version: 6, Actions: all,
				Steps: noReplies | milter.OptHeaderLeadingSpace | milter.OptNoData | milter.OptNoUnknown}},
		{"no hold", wiretest.Offer{Version: 6, Actions: wire.DefaultNeed, Steps: milter.OptNoHeaderReply},
			wiretest.Offer{Version: 6, Actions: wire.DefaultNeed, Steps: milter.OptNoHeaderReply}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, "unix", wire.Limits{}, hooks{})
			c := s.dialOffer(t, tt.offer)
			if diff := cmp.Diff(tt.want, c.Agreed.Offer); diff != "" {
				t.Error(diff)
			}
			if asked := len(c.Agreed.Macros) > 0; asked != (tt.want.Actions&milter.OptSetSymList != 0) {
				t.Errorf("macros asked for: %v", c.Agreed.Macros)
			}
			must(t, c.Open(wiretest.Message{}))
			r, err := c.Send(wiretest.Message{Data: []byte("A: b\r\n c\r\n\r\nbody\r\n")})
			if err != nil || r.Code != milter.ActContinue {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

func TestNegotiateMacroLists(t *testing.T) {
	c := start(t, "unix", wire.Limits{}, hooks{}).dial(t)
	for stage, names := range map[milter.Stage]string{
		milter.StageConnect:  "j {daemon_name} _ {client_addr} {client_name} {client_ptr}",
		milter.StageHelo:     "{tls_version} {cipher} {cipher_bits}",
		milter.StageMailFrom: "i {auth_authen} {auth_type} {mail_addr}",
		milter.StageRcptTo:   "i {rcpt_addr}",
		milter.StageEOH:      "i",
		milter.StageEOM:      "i",
	} {
		if got := c.Agreed.Macros[stage]; got != names {
			t.Errorf("stage %d: %q, want %q", stage, got, names)
		}
	}
}

// TestConversation is a whole connection: two messages, the first with an empty
// null path, a step that the filter declined all the same, and no ABORT between
// them.
func TestConversation(t *testing.T) {
	for _, offer := range []wiretest.Offer{wiretest.Postfix(), {Version: 6, Actions: 0x1ff, Steps: milter.OptHeaderLeadingSpace}} {
		s := start(t, "tcp", wire.Limits{}, hooks{})
		c := s.dialOffer(t, offer)
		must(t, c.Connect("mail.example", milter.FamilyInet6, 25, "IPv6:2001:db8::1"))
		must(t, c.Helo("mail.example"))
		must(t, c.Unknown("XYZZY"))
		must(t, c.Mail("<>", "SMTPUTF8", "BODY=8BITMIME"))
		must(t, c.Rcpt("<a@example.org>", "NOTIFY=NEVER"))
		must(t, c.Rcpt("b@example.org"))
		must(t, c.Data())
		must(t, c.Header("Subject", " =?utf-8?q?a?=\n\tb"))
		must(t, c.Header("X-Empty", ""))
		must(t, c.EndOfHeader())
		must(t, c.Body(bytes.Repeat([]byte("x"), milter.MaxBodyChunk+1)))
		if r, err := c.End(); err != nil || r.Code != milter.ActContinue {
			t.Fatalf("%+v, %v", r, err)
		}
		must(t, c.Mail("<c@example.com>"))
		must(t, c.Rcpt("<d@example.org>"))
		must(t, c.Data())
		must(t, c.EndOfHeader())
		if r, err := c.End(); err != nil || r.Code != milter.ActContinue {
			t.Fatalf("%+v, %v", r, err)
		}
		must(t, c.Quit())
		closed(t, c)
		want := []string{
			"connect mail.example 6 2001:db8::1 25",
			"helo mail.example",
			`mail "" ["SMTPUTF8" "BODY=8BITMIME"]`,
			`rcpt "a@example.org" ["NOTIFY=NEVER"]`,
			`rcpt "b@example.org" []`,
			`header "Subject" " =?utf-8?q?a?=\n\tb"`,
			`header "X-Empty" ""`,
			"body 65535", "body 1", "end",
			"abort",
			`mail "c@example.com" []`, `rcpt "d@example.org" []`, "end",
			"abort",
		}
		s.want(t, "connections_open", "", 0)
		if diff := cmp.Diff(want, s.heard()); diff != "" {
			t.Error(diff)
		}
		s.want(t, "messages_total", "answered", 2)
		s.want(t, "messages_total", "aborted", 0)
	}
}

// TestSeparateMessages: RSET in mid message, then further messages, with the
// client of the connection still known, and QUIT_NC for the next client.
func TestSeparateMessages(t *testing.T) {
	s := start(t, "unix", wire.Limits{}, hooks{})
	c := s.open(t)
	must(t, c.Mail("<rset@example.com>"))
	must(t, c.Rcpt("<a@example.org>"))
	must(t, c.Abort())
	for range 2 {
		r, err := c.Send(wiretest.Message{From: "x@example.com"})
		if err != nil || r.Code != milter.ActContinue {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	must(t, c.QuitNew())
	must(t, c.Open(wiretest.Message{ClientName: "second.example", ClientAddr: "::ffff:192.0.2.9"}))
	if _, err := c.Send(wiretest.Message{From: "y@example.com"}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"connect client.example 4 192.0.2.1 25025", "helo client.example",
		`mail "rset@example.com" []`, `rcpt "a@example.org" []`, "abort",
		`mail "x@example.com" []`, `rcpt "user@example.org" []`, "end 4TestQueue", "abort",
		`mail "x@example.com" []`, `rcpt "user@example.org" []`, "end 4TestQueue", "abort",
		"abort",
		"connect second.example 6 192.0.2.9 25025", "helo second.example",
		`mail "y@example.com" []`, `rcpt "user@example.org" []`, "end 4TestQueue",
	}
	if diff := cmp.Diff(want, s.heard()[:len(want)]); diff != "" {
		t.Error(diff)
	}
	s.want(t, "messages_total", "aborted", 1)
	s.want(t, "messages_total", "answered", 3)
}

func TestMacros(t *testing.T) {
	var got []string
	s := start(t, "unix", wire.Limits{}, hooks{call: func(name string, c *wire.Conn) {
		got = append(got, fmt.Sprintf("%s j=%s tls=%s i=%s rcpt=%s", name,
			c.Macro("j"), c.Macro("tls_version"), c.Macro("i"), c.Macro("rcpt_addr")))
	}})
	c := s.dial(t)
	_ = c.Macros(milter.CodeConn, "j", "mx.example.org")
	must(t, c.Connect("h", milter.FamilyUnknown, 0, ""))
	_ = c.Macros(milter.CodeHelo, "{tls_version}", "TLSv1.3")
	must(t, c.Helo("h"))
	must(t, c.Helo("without-tls")) // no macros: those of the HELO before are over
	_ = c.Macros(milter.CodeHelo, "{tls_version}", "TLSv1.2")
	must(t, c.Helo("h"))
	_ = c.Macros(milter.CodeMail, "i", "ONE")
	must(t, c.Mail("<a@example.com>"))
	_ = c.Macros(milter.CodeRcpt, "{rcpt_addr}", "r1")
	must(t, c.Rcpt("<r1@example.org>"))
	_ = c.Macros(milter.CodeRcpt, "{rcpt_addr}", "r2", "odd")
	must(t, c.Rcpt("<r2@example.org>"))
	must(t, c.EndOfHeader())
	_ = c.Macros(milter.CodeEOB, "i", "TWO")
	_, err := c.End()
	must(t, err)
	must(t, c.Abort())
	must(t, c.Mail("<b@example.com>"))
	must(t, c.Quit())
	closed(t, c)
	s.want(t, "connections_open", "", 0)
	want := []string{
		"connect j=mx.example.org tls= i= rcpt=",
		"helo j=mx.example.org tls=TLSv1.3 i= rcpt=",
		"helo j=mx.example.org tls= i= rcpt=",
		"helo j=mx.example.org tls=TLSv1.2 i= rcpt=",
		"mail j=mx.example.org tls=TLSv1.2 i=ONE rcpt=",
		"rcpt j=mx.example.org tls=TLSv1.2 i=ONE rcpt=r1",
		"rcpt j=mx.example.org tls=TLSv1.2 i=ONE rcpt=r2",
		"end j=mx.example.org tls=TLSv1.2 i=TWO rcpt=r2",
		"abort j=mx.example.org tls=TLSv1.2 i= rcpt=",
		"mail j=mx.example.org tls=TLSv1.2 i= rcpt=",
		"abort j=mx.example.org tls=TLSv1.2 i= rcpt=",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestModifications: all of them arrive, before the answer, whatever their size;
// go-milter writes what is over 4 KiB in pieces.
func TestModifications(t *testing.T) {
	long := strings.Repeat("long ", 3000)
	s := start(t, "unix", wire.Limits{}, hooks{end: func(_ context.Context, _ *wire.Conn, edit *milter.Modifier) milter.Response {
		_ = edit.InsertHeader(0, "X-Long", long)
		_ = edit.ChangeHeader(2, "Subject", " a\r\n b")
		_ = edit.DeleteRecipient("a@example.org")
		_ = edit.Quarantine("because")
		return milter.NewResponseStr(byte(milter.ActReplyCode), "550 5.7.1 "+long)
	}})
	c := s.open(t)
	r, err := c.Send(wiretest.Message{})
	must(t, err)
	want := wiretest.Reply{Code: milter.ActReplyCode, Text: "550 5.7.1 " + long, Edits: []wiretest.Edit{
		{Code: milter.ActInsertHeader, Index: 0, Name: "X-Long", Value: long},
		{Code: milter.ActChangeHeader, Index: 2, Name: "Subject", Value: " a\n b"},
		{Code: milter.ActDelRcpt, Name: "<a@example.org>"},
		{Code: milter.ActQuarantine, Name: "because"},
	}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}

// TestPanic: whatever a session does, its message gets a temporary failure
// without any half of a modification, and the next one is fine.
func TestPanic(t *testing.T) {
	for _, at := range []string{"connect", "helo", "mail", "rcpt", "header", "body", "end", "abort"} {
		t.Run(at, func(t *testing.T) {
			fallen := false
			s := start(t, "unix", wire.Limits{}, hooks{
				call: func(name string, _ *wire.Conn) {
					if name == at && name != "end" && !fallen {
						fallen = true
						panic("fallen at " + at)
					}
				},
				end: func(_ context.Context, _ *wire.Conn, edit *milter.Modifier) milter.Response {
					if at == "end" && !fallen {
						_ = edit.InsertHeader(0, "X-Half", "done")
						fallen = true
						panic("fallen at end")
					}
					return milter.RespContinue
				}})
			c := s.open(t)
			data := []byte("A: b\r\n\r\nbody\r\n")
			r, err := c.Send(wiretest.Message{Data: data})
			must(t, err)
			if at == "abort" {
				must(t, c.Flush())
			} else if len(r.Edits) > 0 || !strings.HasPrefix(r.Text, "451 4.3.0 ") {
				t.Errorf("first message: %+v", r)
			}
			if at == "connect" || at == "helo" {
				// Nobody knows who this client is; the next one is another matter.
				r, err = c.Send(wiretest.Message{Data: data})
				if err != nil || !strings.HasPrefix(r.Text, "451 4.3.0 ") {
					t.Errorf("second message: %+v, %v", r, err)
				}
				must(t, c.QuitNew())
				must(t, c.Open(wiretest.Message{}))
			}
			r, err = c.Send(wiretest.Message{Data: data})
			if err != nil || r.Code != milter.ActContinue {
				t.Errorf("next message: %+v, %v", r, err)
			}
			s.want(t, "panics_total", at, 1)
		})
	}
}

func TestNoFinalAnswer(t *testing.T) {
	for _, answer := range []milter.Response{nil, milter.NewResponse('+', []byte("x\x00")), milter.NewResponse(0, nil)} {
		s := start(t, "unix", wire.Limits{}, hooks{end: func(_ context.Context, _ *wire.Conn, edit *milter.Modifier) milter.Response {
			_ = edit.InsertHeader(0, "X-Half", "done")
			return answer
		}})
		r, err := s.open(t).Send(wiretest.Message{})
		if err != nil || len(r.Edits) > 0 || !strings.HasPrefix(r.Text, "451 4.3.0 ") {
			t.Errorf("answer %v: %+v, %v", answer, r, err)
		}
	}
}
