package wire

import (
	"context"
	"errors"
	"net"
	"net/textproto"
	"strings"

	"github.com/emersion/go-milter"
	"go.uber.org/zap"
)

// engine is the backend that go-milter calls. It passes on what the connection
// kept of each frame, and answers a step only if the MTA waits for it.
type engine struct{ c *conn }

var _ milter.Milter = (*engine)(nil)

func (e *engine) Connect(string, string, uint16, net.IP, *milter.Modifier) (milter.Response, error) {
	e.c.call(inConnect, func() { e.c.session.Connect(e.c.client) })
	return e.step(milter.OptNoConnReply)
}

func (e *engine) Helo(name string, _ *milter.Modifier) (milter.Response, error) {
	e.c.call(inHelo, func() { e.c.session.Helo(name) })
	return e.step(milter.OptNoHeloReply)
}

func (e *engine) MailFrom(string, *milter.Modifier) (milter.Response, error) {
	e.c.call(inMail, func() { e.c.session.Mail(e.c.path) })
	return e.step(milter.OptNoMailReply)
}

func (e *engine) RcptTo(string, *milter.Modifier) (milter.Response, error) {
	var answer milter.Response
	e.c.call(inRcpt, func() { answer = e.c.session.Rcpt(e.c.path) })
	if answer != nil && e.c.facts.AsksRcpt() {
		return answer, nil
	}
	return e.step(milter.OptNoRcptReply)
}

// Header is never called: the connection takes header fields itself.
func (e *engine) Header(string, string, *milter.Modifier) (milter.Response, error) {
	return e.step(milter.OptNoHeaderReply)
}

func (e *engine) Headers(textproto.MIMEHeader, *milter.Modifier) (milter.Response, error) {
	return e.step(milter.OptNoEOHReply)
}

// BodyChunk gets a slice that go-milter made for this frame and forgets.
func (e *engine) BodyChunk(chunk []byte, _ *milter.Modifier) (milter.Response, error) {
	e.c.call(inBody, func() { e.c.session.Body(chunk) })
	return e.step(milter.OptNoBodyReply)
}

func (e *engine) Abort(*milter.Modifier) error {
	e.c.s.guard(inAbort, &e.c.facts, e.c.session.Abort)
	e.c.failed = false
	return nil
}

// step answers a step before the end of the message. No verdict is made there: that
// needs the whole message.
func (e *engine) step(quiet milter.OptProtocol) (milter.Response, error) {
	if e.c.facts.steps&quiet != 0 {
		return nil, nil
	}
	return milter.RespContinue, nil
}

// Body is the end of the message: the session judges it.
func (e *engine) Body(edit *milter.Modifier) (milter.Response, error) {
	c := e.c
	ctx, cancel := context.WithTimeoutCause(c.ctx, c.s.opt.Limits.MessageTime, errTooSlow)
	defer cancel()
	ctx, why := context.WithCancelCause(ctx)
	defer why(nil)

	var answer milter.Response
	w := c.startWatch(ctx, why)
	c.call(inEnd, func() { answer = c.session.End(ctx, edit) })
	w.stop()
	c.shrink()

	cause := context.Cause(ctx)
	if errors.Is(cause, errTooSlow) {
		c.s.met.deadlines[waitMessage].Inc()
		c.s.log.Warn("time limit of a message passed", zap.String("queue_id", c.facts.Macro("i")),
			zap.Duration("limit", c.s.opt.Limits.MessageTime))
		cause = nil // the session's answer stands
	}
	switch {
	case errors.Is(cause, errAborted):
		// The MTA does not wait any more; an answer would be taken for that to
		// its next message. Its ABORT is read, and counted, next.
		c.takeBack()
		c.phase = phaseBody
		return nil, nil
	case cause != nil:
		c.takeBack()
		c.s.met.messages[endLost].Inc()
		c.s.log.Warn("MTA went away while its message was judged",
			zap.String("queue_id", c.facts.Macro("i")), zap.String("mta", c.remote()), zap.Error(cause))
		c.cut()
		return nil, nil
	case answer == nil: // a panic, now or before
		c.takeBack()
		c.s.guard(inAbort, &c.facts, c.session.Abort)
		answer = milter.NewResponseStr(byte(milter.ActReplyCode), tempfailText)
	case !final(answer):
		c.takeBack()
		c.s.log.Error("session gave no final answer", zap.String("queue_id", c.facts.Macro("i")))
		answer = milter.NewResponseStr(byte(milter.ActReplyCode), tempfailText)
	}
	c.s.met.messages[endAnswered].Inc()
	return answer, nil
}

// final reports whether an answer ends a message.
func final(answer milter.Response) bool {
	const finals = string(milter.ActAccept) + string(milter.ActContinue) + string(milter.ActDiscard) +
		string(milter.ActReject) + string(milter.ActTempFail) + string(milter.ActReplyCode)
	return strings.IndexByte(finals, answer.Response().Code) >= 0
}
