package dns

import (
	"context"
	"sync/atomic"
)

type budgetKey struct{}

// WithBudget returns a context under which at most n questions go to the
// servers, in all goroutines together. Answers from the cache are free. Past
// the budget every other look-up is a temporary error. An address look-up costs
// two questions, one for each family.
func WithBudget(ctx context.Context, n int) context.Context {
	b := new(atomic.Int64)
	b.Store(int64(n))
	return context.WithValue(ctx, budgetKey{}, b)
}

// spend takes one question from the budget of ctx. Without a budget there is
// no limit.
func spend(ctx context.Context) bool {
	b, ok := ctx.Value(budgetKey{}).(*atomic.Int64)
	return !ok || b.Add(-1) >= 0
}
