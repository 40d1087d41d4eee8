package wire_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

// begin sends a message up to the end, but does not wait for the answer.
func begin(t *testing.T, c *wiretest.Client) {
	t.Helper()
	must(t, c.Raw(join(good.mail, good.rcpt, good.eoh, good.end)))
}

// TestProgress: a slow judgement keeps the MTA waiting, and only then.
func TestProgress(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		var s *server
		s = start(t, network, wire.Limits{ProgressEvery: 10 * time.Millisecond}, hooks{
			end: func(ctx context.Context, _ *wire.Conn, edit *milter.Modifier) milter.Response {
				_ = edit.InsertHeader(0, "X-Before", "waiting")
				eventually(t, "three replies", func() bool { return s.count(t, "progress_replies_total", "") >= 3 })
				_ = edit.InsertHeader(0, "X-After", "waiting")
				return milter.RespContinue
			}})
		c := s.open(t)
		r, err := c.Send(wiretest.Message{})
		must(t, err)
		if r.Progress < 3 || r.Code != milter.ActContinue || len(r.Edits) != 2 {
			t.Errorf("%s: %+v", network, r)
		}
		s.want(t, "progress_replies_total", "", float64(r.Progress))
	}
}

// TestMTAGone: the judgement ends when the MTA does, by a close or in the middle
// of something.
func TestMTAGone(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		ended := make(chan error, 1)
		s := start(t, network, wire.Limits{}, hooks{
			end: func(ctx context.Context, _ *wire.Conn, edit *milter.Modifier) milter.Response {
				_ = edit.InsertHeader(0, "X", "y")
				<-ctx.Done()
				ended <- ctx.Err()
				return milter.RespContinue
			}})
		for _, last := range []string{"", "\x00\x00", "\x00\x00\x00\x01Q"} {
			c := s.open(t)
			begin(t, c)
			time.Sleep(20 * time.Millisecond)
			must(t, c.Raw([]byte(last)))
			must(t, c.Close())
			select {
			case err := <-ended:
				if err != context.Canceled {
					t.Errorf("%s, after %q: %v", network, last, err)
				}
			case <-time.After(3 * time.Second):
				t.Fatalf("%s, after %q: still judging", network, last)
			}
		}
		s.want(t, "messages_total", "lost", 3)
		s.want(t, "connections_open", "", 0)
	}
}

// TestAbortWhileJudging: no answer comes, which the MTA would take for that to
// its next message.
func TestAbortWhileJudging(t *testing.T) {
	judged := 0
	s := start(t, "unix", wire.Limits{}, hooks{
		end: func(ctx context.Context, _ *wire.Conn, edit *milter.Modifier) milter.Response {
			if judged++; judged == 1 {
				_ = edit.InsertHeader(0, "X-First", "message")
				<-ctx.Done()
				return milter.RespDiscard
			}
			return milter.RespContinue
		}})
	c := s.open(t)
	begin(t, c)
	time.Sleep(20 * time.Millisecond)
	must(t, c.Raw(good.abort))
	r, err := c.Send(wiretest.Message{})
	if err != nil || r.Code != milter.ActContinue || len(r.Edits) > 0 {
		t.Errorf("next message: %+v, %v", r, err)
	}
	s.want(t, "messages_total", "aborted", 1)
	s.want(t, "messages_total", "answered", 1)
}

// TestQuitAhead: a QUIT sent along with the message does not undo the verdict.
func TestQuitAhead(t *testing.T) {
	s := start(t, "unix", wire.Limits{}, hooks{
		end: func(ctx context.Context, _ *wire.Conn, _ *milter.Modifier) milter.Response {
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
			return milter.RespDiscard
		}})
	c := s.open(t)
	must(t, c.Raw(join(good.mail, good.rcpt, good.eoh, good.end, frame('Q', ""))))
	if r, err := c.ReadReply(); err != nil || r.Code != milter.ActDiscard {
		t.Errorf("%+v, %v", r, err)
	}
	closed(t, c)
}

// TestTalkWhileJudging: a peer that does not wait is cut before it fills memory.
func TestTalkWhileJudging(t *testing.T) {
	s := start(t, "unix", wire.Limits{}, hooks{
		end: func(ctx context.Context, _ *wire.Conn, _ *milter.Modifier) milter.Response {
			<-ctx.Done()
			return milter.RespContinue
		}})
	c := s.open(t)
	begin(t, c)
	_ = c.Raw([]byte(strings.Repeat(string(good.mail), 4096))) // may be cut while it writes
	s.want(t, "frames_rejected_total", "out_of_order", 1)
	s.want(t, "connections_open", "", 0)
}

// TestMessageTime: the limit reaches the session, whose answer stands.
func TestMessageTime(t *testing.T) {
	s := start(t, "unix", wire.Limits{MessageTime: 30 * time.Millisecond}, hooks{
		end: func(ctx context.Context, _ *wire.Conn, edit *milter.Modifier) milter.Response {
			<-ctx.Done()
			_ = edit.InsertHeader(0, "X", "late")
			return milter.NewResponseStr(byte(milter.ActReplyCode), "451 4.3.0 late")
		}})
	c := s.open(t)
	r, err := c.Send(wiretest.Message{})
	if err != nil || r.Text != "451 4.3.0 late" || len(r.Edits) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	s.want(t, "deadlines_total", "message", 1)
	s.want(t, "messages_total", "answered", 1)
}
