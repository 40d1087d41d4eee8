package gate

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"io"
	"time"

	"sekisho/filter/act"
	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/filter/load"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/filter/stamp"
	"sekisho/policy"
)

// Prover finds out who a message is proved to be. It returns when ctx ends, with
// temporary results for what it could not finish.
type Prover func(ctx context.Context, msg *mail.Message, env *mail.Envelope) proof.Proof

// Store takes messages into the quarantine. PutAll returns once they are on disk for
// every recipient of each entry, with the entries' ids; with an error none is.
type Store interface {
	PutAll(ctx context.Context, entries ...quarantine.Entry) ([]string, error)
}

// Recorder keeps decisions to be looked at later. Record must not wait: it is
// called before the MTA hears the answer.
type Recorder interface {
	Record(d *record.Decision)
}

// Tally counts the exceptions that had an effect. Hit must not wait.
type Tally interface {
	Hit(at time.Time, ids ...string)
}

// Campaigns sees messages go by, and tells of one that is a copy of what it knows.
type Campaigns interface {
	See(in finding.Input, found []finding.Finding, trace string, at time.Time) (finding.Finding, bool)
}

// Options are the parts of a Gate. Prover is required.
type Options struct {
	AuthservID string                 // our name in Authentication-Results (RFC 8601, section 2.5)
	Prover     Prover                 // who a message is proved to be
	Store      Store                  // nil: a message that must be held is tempfailed
	Split      bool                   // recipients who are to see different tags get copies of their own
	Copied     func()                 // such copies are in the store: somebody is to send them; nil: nobody does at once
	Advice     string                 // page for whose message is rejected; "" names none
	Key        *stamp.Key             // of stamps on what we send ourselves; nil: all mail is judged
	Redeemer   Redeemer               // uses stamps up; nil: all mail is judged
	Logger     *record.Logger         // nil: no log
	Campaigns  Campaigns              // nil: messages are judged one by one
	Recorder   Recorder               // nil: decisions are not kept
	Shadow     *policy.Set            // candidate policies that judge beside the set, to no effect; nil: none
	Softened   func() policy.Softened // findings that have stepped down; nil: none
	Tally      Tally                  // nil: hits of exceptions are not counted
	Load       *load.Meter            // gives messages their turn; nil: all are worked on at once, and in full
	Metrics    *record.Metrics        // nil: nothing is counted
	Clock      func() time.Time       // nil: time.Now
	Random     io.Reader              // for trace ids; nil: crypto/rand
}

// Gate judges messages by one set. It is safe for concurrent use, and never
// changes: a reload makes another.
type Gate struct {
	set *Set
	opt Options
}

// New returns a Gate that judges with set.
func New(set *Set, opt Options) *Gate {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Softened == nil {
		opt.Softened = func() policy.Softened { return nil }
	}
	if opt.Random == nil {
		opt.Random = rand.Reader
	}
	return &Gate{set: set, opt: opt}
}

// Set returns the set that judges.
func (g *Gate) Set() *Set { return g.set }

// Judge judges one message, holds what must be held, records the decision and
// returns what the MTA is to do. What we send ourselves is let pass. The plan it returns is never a zero plan.
func (g *Gate) Judge(ctx context.Context, env mail.Envelope, h mail.Header, body []byte) act.Plan {
	if m := g.opt.Metrics; m != nil {
		defer m.Begin()()
	}
	if plan, ours := g.released(ctx, env, h, body); ours {
		return plan
	}
	d := g.Inspect(ctx, env, h, body)
	g.act(ctx, d)
	g.shadow(d)
	d.Took = g.opt.Clock().Sub(d.Started)
	if g.opt.Metrics != nil {
		g.opt.Metrics.Count(d)
	}
	if g.opt.Tally != nil {
		g.opt.Tally.Hit(d.Started, d.Exceptions()...)
	}
	if g.opt.Logger != nil {
		g.opt.Logger.Message(d)
	}
	if g.opt.Recorder != nil {
		g.opt.Recorder.Record(d)
	}
	return d.Plan
}

// Inspect judges one message for each of its recipients without acting on it. A
// message without recipients is judged by the default policy.
func (g *Gate) Inspect(ctx context.Context, env mail.Envelope, h mail.Header, body []byte) *record.Decision {
	d := &record.Decision{
		Trace: g.trace(), Generation: g.set.Generation, Policies: g.set.Policies.Digest(), Envelope: env,
		Started: g.opt.Clock(), StageTook: make(map[record.Stage]time.Duration, len(record.Stages())),
	}
	turn := g.opt.Load.Enter(ctx)
	defer turn.End()
	may := g.set.Policies.MayShed(env.Recipients, turn.Level())
	g.timed(d, record.StageRead, func() { d.Message = mail.ParseWithout(h, body, leave(may)...) })
	g.left(d, may)
	folds := g.ask(ctx, d, turn)
	g.timed(d, record.StageJudge, func() { g.decide(d, folds) })
	d.Took = g.opt.Clock().Sub(d.Started)
	return d
}

// ask puts the two questions, side by side: proof waits for DNS while claim
// works. Each writes fields of its own. It returns the text that was folded.
func (g *Gate) ask(ctx context.Context, d *record.Decision, turn *load.Turn) (folds claim.Folds) {
	var proofTook time.Duration
	proved := parallel(func() {
		start := g.opt.Clock()
		d.Proof = g.opt.Prover(ctx, d.Message, &d.Envelope)
		proofTook = g.opt.Clock().Sub(start)
	})
	g.timed(d, record.StageClaim, func() { d.Claims, folds = g.set.Claims.ReadFolding(d.Message) })
	turn.End() // what is left waits for DNS, and is little
	proved()
	d.StageTook[record.StageProof] = proofTook
	return folds
}

func (g *Gate) timed(d *record.Decision, stage record.Stage, work func()) {
	start := g.opt.Clock()
	work()
	d.StageTook[stage] = g.opt.Clock().Sub(start)
}

// parallel runs work in a goroutine. The returned function waits for it, and
// raises there what work panicked with, so that one recover around the message
// sees it.
func parallel(work func()) (wait func()) {
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		work()
	}()
	return func() {
		if p := <-done; p != nil {
			panic(p)
		}
	}
}

// trace returns a new id of 80 random bits in 16 letters and digits.
func (g *Gate) trace() string {
	var b [10]byte
	if _, err := io.ReadFull(g.opt.Random, b[:]); err != nil {
		// Without randomness ids may repeat; no verdict depends on them.
		return "unknown"
	}
	return base32.HexEncoding.EncodeToString(b[:])
}
