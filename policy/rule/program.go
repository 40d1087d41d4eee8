package rule

import (
	"context"
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

var (
	// ErrLimit means that a rule was stopped because it took too long. The message
	// goes on without it; the rule has to be made cheaper.
	ErrLimit = errors.New("rule stopped at a limit")
	// ErrEval means that a rule came to no result, such as by an index beyond the end
	// of a list. The message goes on without it; the rule has to be mended.
	ErrEval = errors.New("rule failed")
)

// Program is a compiled expression. It never changes and is safe for concurrent
// use.
type Program struct {
	cel      cel.Program
	text     string
	estimate uint64
	limit    limits
}

// String returns the expression.
func (p *Program) String() string { return p.text }

// Estimate is what the program costs at most.
func (p *Program) Estimate() uint64 { return p.estimate }

// Eval evaluates the program. Errors are ErrLimit and ErrEval, with what happened.
func (p *Program) Eval(ctx context.Context, a *Activation) (bool, error) {
	r, err := newRun(ctx, a, p.limit)
	if err != nil {
		return false, err
	}
	defer r.close()
	return r.eval(p)
}

// run is the evaluation of several programs for one message, within one limit of
// time and one of cost.
type run struct {
	ctx    context.Context
	cancel context.CancelFunc
	frame  *interpreter.ExecutionFrame
	limit  limits
	spent  uint64 // cost so far
}

func newRun(ctx context.Context, a *Activation, limit limits) (*run, error) {
	r := &run{limit: limit}
	r.ctx, r.cancel = context.WithTimeout(ctx, limit.time)
	frame, err := interpreter.NewExecutionFrame(a)
	if err == nil {
		err = frame.SetContext(r.ctx, checkEvery)
	}
	if err != nil {
		r.cancel()
		return nil, fmt.Errorf("%w: %v", ErrEval, err)
	}
	r.frame = frame
	return r, nil
}

func (r *run) close() {
	r.frame.Close()
	r.cancel()
}

func (r *run) eval(p *Program) (is bool, err error) {
	if r.ctx.Err() != nil {
		return false, r.late()
	}
	if r.spent > r.limit.costOfAll {
		return false, fmt.Errorf("%w: the rules of the policy cost more than %d", ErrLimit, r.limit.costOfAll)
	}
	r.frame.SetCostTracker(nil) // each rule has a limit of its own
	defer func() {
		if t := r.frame.CostTracker(); t != nil {
			r.spent += t.ActualCost()
		}
		if p := recover(); p != nil {
			is, err = false, fmt.Errorf("%w: %v", ErrEval, p)
		}
	}()
	out, _, err := p.cel.Eval(r.frame)
	if err != nil {
		return false, r.failed(err)
	}
	yes, ok := out.(types.Bool)
	if !ok {
		return false, fmt.Errorf("%w: %s instead of true or false", ErrEval, typeName(out))
	}
	return bool(yes), nil
}

func (r *run) failed(err error) error {
	var cancelled interpreter.EvalCancelledError
	switch {
	case errors.As(err, &cancelled) && cancelled.Cause == interpreter.CostLimitExceeded:
		return fmt.Errorf("%w: its cost", ErrLimit)
	case errors.As(err, &cancelled), errors.Is(err, interpreter.InterruptError{}):
		return r.late()
	}
	return fmt.Errorf("%w: %v", ErrEval, err)
}

func (r *run) late() error {
	if err := context.Cause(r.ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %v", ErrLimit, err)
	}
	return fmt.Errorf("%w: %v for all rules of the policy", ErrLimit, r.limit.time)
}

func typeName(v ref.Val) string {
	if v == nil {
		return "nothing"
	}
	return v.Type().TypeName()
}
