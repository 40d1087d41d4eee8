package session

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"sekisho/filter/act"
	"sekisho/filter/mail"
	"sekisho/filter/wire"
)

// Judge decides about a message.
//
// The context is cancelled when the MTA goes away or aborts, and has the time
// limit of a message. The plan of a judge that ran into the limit is carried out
// as any other. Header and body are the judge's to keep, not to change; they
// belong to this message alone.
type Judge interface {
	Judge(ctx context.Context, env mail.Envelope, h mail.Header, body []byte) act.Plan
}

// Options is what a Factory is made of.
type Options struct {
	Judge    Judge
	Limits   Limits
	Oversize Oversize // "" means OversizeReject
	Overload Overload // nil: the sender is asked to come again

	// SameGroup reports whether two recipients may share a message. One who may not
	// share it with the first is asked to be sent to separately, where the MTA waits
	// for our answer (wire.Options.AskRcpt). nil: all may.
	SameGroup func(first, other string) bool

	Log        *zap.Logger           // nil is silent
	Registerer prometheus.Registerer // nil counts for nobody
	Now        func() time.Time      // nil means time.Now
}

// Overload makes the plan for a message to recipients that there is no room to
// judge. Nothing is known of it but its envelope, and its plan may only let it go
// on or put it off.
type Overload func(recipients []string) act.Plan

// Factory makes the sessions of a wire.Server.
type Factory struct {
	opt  Options
	log  *zap.Logger
	met  *metrics
	room room // of all sessions
}

// New checks the options and registers the metrics.
func New(opt Options) (*Factory, error) {
	if opt.Judge == nil {
		return nil, errors.New("session: no judge")
	}
	var err error
	if opt.Limits, err = opt.Limits.fill(); err != nil {
		return nil, err
	}
	if opt.Oversize == "" {
		opt.Oversize = OversizeReject
	}
	if !opt.Oversize.valid() {
		return nil, errors.New("session: oversize outcome " + string(opt.Oversize) + " is not reject, tempfail or continue")
	}
	if opt.Log == nil {
		opt.Log = zap.NewNop()
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	met, err := newMetrics(opt.Registerer)
	if err != nil {
		return nil, err
	}
	f := &Factory{opt: opt, log: opt.Log, met: met, room: room{limit: int64(opt.Limits.MemoryBytes)}}
	return f, saturation(opt.Registerer, &f.room)
}

// Full tells how full the memory for messages under way is, from 0 to 1.
func (f *Factory) Full() float64 { return f.room.full() }

// Session makes the session of a connection; it is what wire.Options.NewSession
// wants.
func (f *Factory) Session(c *wire.Conn) wire.Session { return &session{f: f, conn: c} }

// session is one milter connection. It is called by one goroutine at a time.
type session struct {
	f      *Factory
	conn   *wire.Conn
	client wire.Client
	helo   string
	msg    message
}

func (s *session) Connect(c wire.Client) {
	s.client = c
	s.helo = ""
	s.msg.end(&s.f.room)
}

func (s *session) Helo(name string) { s.helo = name }

func (s *session) Mail(p wire.Path) {
	s.msg.end(&s.f.room)
	s.msg = message{begun: s.f.opt.Now(), sender: p}
}

func (s *session) Rcpt(p wire.Path) milter.Response {
	path, written := s.forwardPath(p.Address)
	if s.f.opt.SameGroup != nil && s.conn.AsksRcpt() && len(s.msg.recipients) > 0 && !s.f.opt.SameGroup(s.msg.recipients[0], path) {
		// RFC 5321, section 4.5.3.1.10: the client sends to this one in another
		// transaction.
		s.f.met.separated.Inc()
		return response(act.Tempfail, act.Status{Code: 452, Enhanced: "4.5.3", Text: "Too many recipients at once: this one needs a transaction of its own"})
	}
	s.msg.writtenAs(path, written)
	s.passed(s.msg.addRecipient(path, s.f.opt.Limits))
	return nil
}

// forwardPath is a recipient by whose name its policy is looked up, and the name
// that the MTA has on its envelope, by which alone it can be taken off. The command
// tells it as the client wrote it. Of what is no address Postfix takes what it can
// ("x:user@domain;", unless strict_rfc821_envelopes is set), and tells that as the
// macro rcpt_addr. The macro also tells where a route within a local part leads
// ("user%domain@[192.0.2.1]"): the MTA delivers there, under the name as written.
func (s *session) forwardPath(path string) (address, written string) {
	path = mail.WithoutRoute(path)
	resolved := s.conn.Macro("rcpt_addr")
	if !mail.IsForwardPath(resolved) {
		return path, path
	}
	if !mail.IsForwardPath(path) {
		return resolved, resolved
	}
	if mail.MayRoute(path) && strings.Contains(resolved, "@") && !strings.EqualFold(path, resolved) {
		return resolved, path
	}
	return path, path
}

func (s *session) Header(name, value []byte) {
	s.grown(s.msg.addField(name, value, s.conn.LeadingSpace(), s.f.opt.Limits))
}

func (s *session) Body(chunk []byte) { s.grown(s.msg.addBody(chunk, s.f.opt.Limits)) }

// grown takes note of the first limit that a message passes as it grows: one of
// its own, or the one of all messages together.
func (s *session) grown(l limit) {
	if l != "" {
		s.f.room.give(s.msg.held)
		s.msg.held = 0
	} else {
		l = s.msg.charge(&s.f.room)
	}
	s.passed(l)
}

func (s *session) Abort() { s.msg.end(&s.f.room) }

// End judges the message and answers.
func (s *session) End(ctx context.Context, edit *milter.Modifier) milter.Response {
	msg := s.msg
	defer s.msg.end(&s.f.room)
	if msg.over == limitMemory && s.f.opt.Overload != nil {
		return s.carryOut(s.envelope(&msg), s.f.opt.Overload(msg.recipients), edit)
	}
	if msg.over != "" {
		return s.f.oversize(msg.over)
	}
	env := s.envelope(&msg)
	return s.carryOut(env, s.f.opt.Judge.Judge(ctx, env, msg.header(), msg.wholeBody()), edit)
}

// carryOut does what a plan says, as far as the MTA lets it, and answers.
func (s *session) carryOut(env mail.Envelope, plan act.Plan, edit *milter.Modifier) milter.Response {
	if plan.Reply == act.Continue && plan.Body != nil && !s.conn.Can(milter.OptChangeBody) {
		// A message without its banner is better than none.
		s.f.met.unchanged.Inc()
		s.f.log.Warn("the MTA does not let bodies be changed, banner left out", zap.String("queue_id", env.QueueID))
		plan = plan.WithoutBody()
	}
	if why := s.obstacle(plan, env.Recipients); why != "" {
		s.f.met.refused[why].Inc()
		s.f.log.Error("plan cannot be carried out, message put off",
			zap.String("queue_id", env.QueueID), zap.String("why", string(why)), zap.String("reply", string(plan.Reply)))
		plan = act.Plan{Reply: act.Tempfail}
	}
	s.f.met.replies[plan.Reply].Inc()
	if plan.Reply == act.Continue {
		if err := s.modify(edit, plan); err != nil {
			s.f.log.Error("modification failed", zap.String("queue_id", env.QueueID), zap.Error(err))
			plan = act.Plan{Reply: act.Tempfail}
		}
	}
	return response(plan.Reply, plan.Status)
}

// passed takes note of the first limit that a message passes.
func (s *session) passed(l limit) {
	if l == "" {
		return
	}
	s.f.met.limits[l].Inc()
	s.f.log.Warn("message past a limit, it will not be judged",
		zap.String("limit", string(l)), zap.String("queue_id", s.conn.Macro("i")))
}

// oversize answers a message that is past a limit.
func (f *Factory) oversize(l limit) milter.Response {
	reply, status := f.opt.Oversize.reply()
	switch l {
	case limitRecipients:
		// RFC 5321, section 4.5.3.1.10: the client sends the rest in another
		// transaction.
		reply, status = act.Tempfail, act.Status{Code: 452, Enhanced: "4.5.3", Text: "Too many recipients"}
	case limitMemory:
		// Nothing is wrong with the message: there is no room for it now.
		reply, status = act.Tempfail, act.Status{Code: 452, Enhanced: "4.3.1", Text: "Too many messages at once, try again later"}
	}
	f.met.replies[reply].Inc()
	return response(reply, status)
}

func (o Oversize) reply() (act.Reply, act.Status) {
	const text = "Message too big for this system"
	switch o {
	case OversizeContinue:
		return act.Continue, act.Status{}
	case OversizeTempfail:
		return act.Tempfail, act.Status{Code: 451, Enhanced: "4.3.4", Text: text}
	default:
		return act.Reject, act.Status{Code: 552, Enhanced: "5.3.4", Text: text}
	}
}

// envelope gathers what the SMTP session said.
func (s *session) envelope(msg *message) mail.Envelope {
	return mail.Envelope{
		QueueID:    s.conn.Macro("i"),
		Client:     s.client.Addr,
		ClientName: clientName(s.client.Name),
		Helo:       s.helo,
		Sender:     msg.sender.Address,
		SenderArgs: msg.sender.Args,
		Recipients: msg.recipients,
		AuthUser:   s.conn.Macro("auth_authen"),
		TLSVersion: s.conn.Macro("tls_version"),
		TLSCipher:  s.conn.Macro("cipher"),
		Received:   msg.begun,
	}
}

// clientName is a name as the MTA resolved it: where it could not, Sendmail
// gives the address in brackets, Postfix "unknown".
func clientName(name string) string {
	if strings.HasPrefix(name, "[") {
		return "unknown"
	}
	return name
}
