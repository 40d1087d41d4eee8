package daemon

import (
	"context"
	"sync/atomic"

	"sekisho/filter/act"
	"sekisho/filter/config"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
)

// judge is the gate of the moment. A message is judged, for all its recipients, by
// the gate that was there when judging it began: nothing is asked of policies and
// brands before the message has ended.
type judge struct {
	gate atomic.Pointer[gate.Gate]
}

// Overloaded is the plan for a message that there is no room to judge.
func (j *judge) Overloaded(recipients []string) act.Plan { return j.gate.Load().Overloaded(recipients) }

// Judge implements session.Judge.
func (j *judge) Judge(ctx context.Context, env mail.Envelope, h mail.Header, body []byte) act.Plan {
	return j.gate.Load().Judge(ctx, env, h, body)
}

// sameGroup tells the sessions which recipients may share a message: where the
// settings want one policy for each, those whose policy is the same at this moment.
func (d *Daemon) sameGroup(p config.Policy) func(first, other string) bool {
	if !p.Single {
		return nil
	}
	return func(first, other string) bool {
		policies := d.set().Policies
		return policies.For(first).Same(policies.For(other))
	}
}
