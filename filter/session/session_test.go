package session

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/emersion/go-milter"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/act"
	"sekisho/filter/mail"
	"sekisho/filter/wire/wiretest"
)

const letter = "Received: from a\r\n\tby b;\r\n  date\r\n" +
	"Subject:no blank\r\n" +
	"X-Tab:\ttab\r\n" +
	"X-Two:  two blanks \r\n" +
	"X-Empty:\r\n" +
	"From: =?utf-8?q?a?= <a@example.com>\r\n"

var deliver = act.Plan{Reply: act.Continue}

// TestMessage: the judge gets what the client sent, byte for byte, and what the
// MTA knows of the client.
func TestMessage(t *testing.T) {
	judge := &bench{plan: deliver}
	path, _ := serve(t, Options{Judge: judge})
	c := dial(t, path, wiretest.Postfix())
	_ = c.Macros(milter.CodeConn, "j", "mx.example.org")
	_ = c.Connect("[2001:db8::7]", milter.FamilyInet6, 25, "2001:db8::7")
	_ = c.Macros(milter.CodeHelo, "{tls_version}", "TLSv1.3", "{cipher}", "TLS_AES_256_GCM_SHA384")
	_ = c.Helo("mail.example.com")
	body := strings.Repeat("0123456789\r\n", 20_000)
	_, err := c.Send(wiretest.Message{
		QueueID:  "4Abc",
		AuthUser: "taro",
		From:     "a@example.com",
		FromArgs: []string{"SMTPUTF8", "SIZE=77"},
		To:       []string{"b@example.org", "楽@例え.jp"},
		Data:     []byte(letter + "\r\n" + body),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := judge.last(t)
	want := mail.Envelope{
		QueueID:    "4Abc",
		Client:     netip.MustParseAddr("2001:db8::7"),
		ClientName: "unknown",
		Helo:       "mail.example.com",
		Sender:     "a@example.com",
		SenderArgs: []string{"SMTPUTF8", "SIZE=77"},
		Recipients: []string{"b@example.org", "楽@例え.jp"},
		AuthUser:   "taro",
		TLSVersion: "TLSv1.3",
		TLSCipher:  "TLS_AES_256_GCM_SHA384",
		Received:   noon,
	}
	if diff := cmp.Diff(want, got.env, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(letter, raw(got.header)); diff != "" {
		t.Error(diff)
	}
	if string(got.body) != body {
		t.Errorf("body of %d bytes, want %d", len(got.body), len(body))
	}
	if n := len(got.header); n != 6 || got.header[3].Name != "X-Two" {
		t.Errorf("%d fields", n)
	}
}

func raw(h mail.Header) string {
	var b strings.Builder
	for _, f := range h {
		b.Write(f.Raw)
	}
	return b.String()
}

// TestWithoutLeadingSpace: an MTA that removes the blank gets one put back, and
// adds it to what we write itself.
func TestWithoutLeadingSpace(t *testing.T) {
	judge := &bench{plan: act.Plan{Reply: act.Continue, Edits: []act.Edit{{Op: act.Insert, Name: "X-A", Value: "b\r\n c"}}}}
	path, _ := serve(t, Options{Judge: judge})
	c := dial(t, path, wiretest.Offer{Version: 6, Actions: 0x1ff})
	_ = c.Open(wiretest.Message{})
	r, err := c.Send(wiretest.Message{Data: []byte("Subject: a\r\nX-Empty:\r\n\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	if got := raw(judge.last(t).header); got != "Subject: a\r\nX-Empty:\r\n" {
		t.Errorf("%q", got)
	}
	if got := r.Edits[0].Value; got != "b\n c" {
		t.Errorf("%q", got)
	}
}

// TestMessagesApart: nothing of one message is in the next.
func TestMessagesApart(t *testing.T) {
	judge := &bench{plan: deliver}
	path, _ := serve(t, Options{Judge: judge})
	c := open(t, path)
	_ = c.Mail("<first@example.com>", "SMTPUTF8")
	_ = c.Rcpt("<first@example.org>")
	_ = c.Header("X-First", " 1")
	_ = c.Abort()
	for _, from := range []string{"second@example.com", "third@example.com"} {
		if _, err := c.Send(wiretest.Message{From: from, Data: []byte("X: " + from + "\r\n\r\n" + from)}); err != nil {
			t.Fatal(err)
		}
		got := judge.last(t)
		if got.env.Sender != from || len(got.env.SenderArgs) != 0 || len(got.env.Recipients) != 1 ||
			raw(got.header) != "X: "+from+"\r\n" || string(got.body) != from {
			t.Errorf("%+v %q %q", got.env, raw(got.header), got.body)
		}
		if got.env.Client != netip.MustParseAddr("192.0.2.1") || got.env.Helo != "client.example" {
			t.Errorf("connection lost: %+v", got.env)
		}
	}
	if first := judge.all[0]; raw(first.header) != "X: second@example.com\r\n" {
		t.Errorf("the judge's header changed: %q", raw(first.header))
	}
}

// TestLimits: each at the limit, and one past it.
func TestLimits(t *testing.T) {
	head := "A: 12\r\n" // 7 bytes
	for _, tt := range []struct {
		limit  limit
		limits Limits
		at     wiretest.Message
		past   wiretest.Message
		reply  string
	}{
		{limitMessage, Limits{MessageBytes: 10},
			wiretest.Message{Data: []byte(head + "\r\n" + "abc")},
			wiretest.Message{Data: []byte(head + "\r\n" + "abcd")}, "552 5.3.4 "},
		{limitMessage, Limits{MessageBytes: 7},
			wiretest.Message{Data: []byte(head)},
			wiretest.Message{Data: []byte("A: 123\r\n")}, "552 5.3.4 "},
		{limitHeader, Limits{HeaderBytes: 14},
			wiretest.Message{Data: []byte(head + head)},
			wiretest.Message{Data: []byte(head + "A: 123\r\n")}, "552 5.3.4 "},
		{limitFields, Limits{HeaderFields: 2},
			wiretest.Message{Data: []byte(head + head)},
			wiretest.Message{Data: []byte(head + head + head)}, "552 5.3.4 "},
		{limitRecipients, Limits{Recipients: 2},
			wiretest.Message{To: []string{"a@x", "b@x"}},
			wiretest.Message{To: []string{"a@x", "b@x", "c@x"}}, "452 4.5.3 "},
	} {
		judge := &bench{plan: deliver}
		path, reg := serve(t, Options{Judge: judge, Limits: tt.limits})
		c := open(t, path)
		if r, err := c.Send(tt.at); err != nil || r.Code != milter.ActContinue || judge.times() != 1 {
			t.Errorf("%s, at: %+v, %v", tt.limit, r, err)
		}
		tt.past.Data = append(tt.past.Data, strings.Repeat(head, 20)...)
		if r, err := c.Send(tt.past); err != nil || !strings.HasPrefix(r.Text, tt.reply) || judge.times() != 1 {
			t.Errorf("%s, past: %+v, %v", tt.limit, r, err)
		}
		if n := value(t, reg, "sekisho_session_limits_total", string(tt.limit)); n != 1 {
			t.Errorf("%s: counted %v", tt.limit, n)
		}
		if r, err := c.Send(tt.at); err != nil || r.Code != milter.ActContinue {
			t.Errorf("%s, next message: %+v, %v", tt.limit, r, err)
		}
	}
}

func TestOversize(t *testing.T) {
	for outcome, want := range map[Oversize]wiretest.Reply{
		"":               {Code: milter.ActReplyCode, Text: "552 5.3.4 Message too big for this system"},
		OversizeReject:   {Code: milter.ActReplyCode, Text: "552 5.3.4 Message too big for this system"},
		OversizeTempfail: {Code: milter.ActReplyCode, Text: "451 4.3.4 Message too big for this system"},
		OversizeContinue: {Code: milter.ActContinue},
	} {
		judge := &bench{}
		path, _ := serve(t, Options{Judge: judge, Oversize: outcome, Limits: Limits{MessageBytes: 100}})
		r, err := open(t, path).Send(wiretest.Message{Data: []byte("A: b\r\n\r\n" + strings.Repeat("x", 1<<20))})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, r); diff != "" || judge.times() != 0 {
			t.Errorf("%q: judged %d times, %s", outcome, judge.times(), diff)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	judge := &bench{}
	for name, opt := range map[string]Options{
		"no judge":       {},
		"negative limit": {Judge: judge, Limits: Limits{Recipients: -1}},
		"outcome":        {Judge: judge, Oversize: "bounce"},
	} {
		if _, err := New(opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	_, reg := serve(t, Options{Judge: judge})
	if _, err := New(Options{Judge: judge, Registerer: reg}); err == nil {
		t.Error("metrics registered twice without an error")
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}
