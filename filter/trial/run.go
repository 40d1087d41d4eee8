package trial

import (
	"context"
	"time"

	"sekisho/filter/gate"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy"
	"sekisho/policy/strictyaml"
)

// Report is what came of a run.
type Report struct {
	Results []Result // in the order of the files
	Left    int      // tests that there was no time for
	Limit   time.Duration
}

// Result is what came of one test.
type Result struct {
	Name     string
	Pos      strictyaml.Pos
	Problem  string    // why it could not be judged; "" when it was
	Expired  bool      // it fails only because an entry of the policies has ended meanwhile
	Outcomes []Outcome // of each recipient with an expectation, in the order written
}

// Outcome is what became of a message for one recipient.
type Outcome struct {
	Recipient   string
	Pos         strictyaml.Pos
	Got         policy.Decision
	Differences []Difference // none: as expected
}

// OK reports whether all was as expected.
func (r *Result) OK() bool {
	for i := range r.Outcomes {
		if len(r.Outcomes[i].Differences) > 0 {
			return false
		}
	}
	return r.Problem == ""
}

// Count tells how many tests passed, how many failed only because an entry has
// ended, and how many failed otherwise or were not run.
func (r *Report) Count() (passed, expired, failed int) {
	for i := range r.Results {
		switch result := &r.Results[i]; {
		case result.OK():
			passed++
		case result.Expired:
			expired++
		default:
			failed++
		}
	}
	return passed, expired, failed + r.Left
}

// Run judges each test by set. Those that name no day are judged at now. It ends
// early when ctx ends or the time for a run is up.
func (s *Suite) Run(ctx context.Context, set *gate.Set, now time.Time) *Report {
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	r := &Report{Results: make([]Result, 0, len(s.cases)), Limit: s.limit}
	for i, c := range s.cases {
		if ctx.Err() != nil {
			r.Left = len(s.cases) - i
			break
		}
		r.Results = append(r.Results, c.run(ctx, set, now))
	}
	return r
}

// run judges one test, and once more on a day on which nothing has ended where it
// fails today.
func (c *trial) run(ctx context.Context, set *gate.Set, now time.Time) Result {
	if !c.at.IsZero() {
		return c.on(ctx, set, c.at)
	}
	result := c.on(ctx, set, now)
	if !result.OK() {
		then := c.on(ctx, set, time.Time{})
		result.Expired = then.OK()
	}
	return result
}

// on judges one test on a day.
func (c *trial) on(ctx context.Context, set *gate.Set, day time.Time) Result {
	result := Result{Name: c.name, Pos: c.pos}
	decided, err := c.decide(ctx, set, day)
	if err != nil {
		result.Problem = err.Error()
		return result
	}
	for _, x := range c.expect {
		got := decided(x.Key)
		result.Outcomes = append(result.Outcomes, Outcome{Recipient: x.Key, Pos: x.Pos, Got: got, Differences: x.Value.differences(&got)})
	}
	return result
}

// decide returns the decisions for recipients.
func (c *trial) decide(ctx context.Context, set *gate.Set, day time.Time) (func(rcpt string) policy.Decision, error) {
	if c.facts != nil {
		return set.Policies.Hear(c.facts, day).For, nil
	}
	var wrong error
	g := gate.New(set, gate.Options{
		Clock: func() time.Time { return day },
		Prover: func(_ context.Context, msg *mail.Message, env *mail.Envelope) proof.Proof {
			p, err := c.papers.prove(msg, env)
			wrong = err
			return p
		},
	})
	d := g.Inspect(ctx, c.envelope, c.message.header, c.message.body)
	if wrong != nil {
		return nil, wrong
	}
	return func(rcpt string) policy.Decision {
		for _, r := range d.Recipients {
			if r.Address == rcpt {
				return r.Decision
			}
		}
		return set.Policies.Hear(d.Facts, day).For(rcpt) // "" beside others: anybody's policy
	}, nil
}
