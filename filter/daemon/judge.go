package daemon

import (
	"context"
	"sync/atomic"

	"sekisho/filter/act"
	"sekisho/filter/gate"
	"sekisho/filter/mail"
)

// judge is the gate of the moment. A message is judged by the gate that was
// there when it ended, whole.
type judge struct {
	gate atomic.Pointer[gate.Gate]
}

func (j *judge) generation() uint64 { return j.gate.Load().Set().Generation }

// Judge implements session.Judge.
func (j *judge) Judge(ctx context.Context, env mail.Envelope, h mail.Header, body []byte) act.Plan {
	return j.gate.Load().Judge(ctx, env, h, body)
}
