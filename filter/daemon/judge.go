package daemon

import (
	"context"
	"sync/atomic"

	"sekisho/filter/act"
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
