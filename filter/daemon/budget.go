package daemon

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"sekisho/filter/budget"
	"sekisho/filter/control"
)

// budgetEvery is how soon a finding steps down once people have complained.
const budgetEvery = time.Minute

// budgetPause is the time before budgets are counted again.
func budgetPause(n int) time.Duration {
	if n == 0 {
		return 0
	}
	return budgetEvery
}

// ExceptionsFile is where a daemon keeps how often each exception had an effect.
func ExceptionsFile(stateDir string) string { return filepath.Join(stateDir, "exceptions.json") }

func (d *Daemon) saveTally(context.Context) {
	if err := d.tally.Save(time.Now()); err != nil {
		d.log.Error("hits of exceptions not written", zap.Error(err))
	}
}

// countBudgets holds false alarms against the budgets of the policies of now, and
// writes down what exceptions did meanwhile.
func (d *Daemon) countBudgets(ctx context.Context) {
	d.saveTally(ctx)
	if _, err := d.budgets.Count(ctx, d.set().Policies); err != nil && ctx.Err() == nil {
		d.log.Error("false alarms not counted, what has stepped down stays so", zap.Error(err))
	}
}

func (d *Daemon) controlBudget(ctx context.Context, _ control.None) (control.Budgets, error) {
	list, err := d.budgets.Count(ctx, d.set().Policies)
	return control.Budgets{Entries: list}, err
}

func (d *Daemon) controlLook(_ context.Context, at control.BudgetKey) (control.None, error) {
	err := d.budgets.Look(at.Policy, at.Finding)
	if errors.Is(err, budget.ErrNotDown) {
		return control.None{}, &control.Failure{Status: http.StatusUnprocessableEntity, Message: err.Error()}
	}
	return control.None{}, err
}
