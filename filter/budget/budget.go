package budget

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"sekisho/filter/finding"
	"sekisho/filter/quarantine"
	"sekisho/policy"
)

// Source counts false alarms since a time, by finding and policy.
type Source interface {
	FalseAlarms(ctx context.Context, since time.Time) ([]quarantine.FalseAlarms, error)
}

// Options are the parts of a Keeper.
type Options struct {
	Source     Source
	File       string           // where its state is kept
	Clock      func() time.Time // nil: time.Now
	Log        *zap.Logger
	Registerer prometheus.Registerer
}

// ErrNotDown means that no such finding has stepped down.
var ErrNotDown = errors.New("has not stepped down")

// Keeper holds false alarms against budgets. It is safe for concurrent use.
type Keeper struct {
	opt     Options
	metrics *metrics
	soft    atomic.Pointer[policy.Softened]

	mu    sync.Mutex // guards what follows, and the file
	state state
}

// Entry is a finding that causes false alarms under a policy.
type Entry struct {
	Policy      string       `json:"policy"`
	Finding     finding.Name `json:"finding"`
	FalseAlarms int          `json:"false_alarms"` // within the policy's days, and since somebody looked
	Budget      int          `json:"budget"`       // 0: off
	Days        int          `json:"days"`
	Down        time.Time    `json:"down,omitzero"`   // since when it has stepped down; zero: it has not
	Looked      time.Time    `json:"looked,omitzero"` // when somebody looked last
}

// Open reads the state. A file that is not there yet is an empty state; one that
// cannot be understood is an error, because it would bring back what people
// complained about.
func Open(opt Options) (*Keeper, error) {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Log == nil {
		opt.Log = zap.NewNop()
	}
	k := &Keeper{opt: opt, metrics: newMetrics(opt.Registerer)}
	var err error
	if k.state, err = load(opt.File); err != nil {
		return nil, fmt.Errorf("budget: %w", err)
	}
	k.publish()
	return k, nil
}

// Softened are the findings that have stepped down. The map is not to be changed.
func (k *Keeper) Softened() policy.Softened { return *k.soft.Load() }

// Count holds the false alarms of now against the budgets of set: what is over its
// budget steps down. It returns all entries with false alarms, or down.
func (k *Keeper) Count(ctx context.Context, set *policy.Set) ([]Entry, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	entries, err := k.entries(ctx, set)
	if err != nil {
		return nil, fmt.Errorf("budget: %w", err)
	}
	changed := false
	for i := range entries {
		e := &entries[i]
		key := key{e.Policy, e.Finding}
		if e.Down.IsZero() && e.Budget > 0 && e.FalseAlarms > e.Budget && policy.Softens(e.Finding) {
			e.Down = k.opt.Clock().UTC()
			k.state.Down[key] = e.Down
			changed = true
			k.opt.Log.Warn("finding over its budget of false alarms steps down until somebody looks (sekisho policy budget)",
				zap.String("policy", e.Policy), zap.String("finding", string(e.Finding)),
				zap.Int("false_alarms", e.FalseAlarms), zap.Int("budget", e.Budget), zap.Int("days", e.Days))
			k.metrics.steps.Inc()
		}
	}
	for at := range k.state.Down {
		if n, _ := set.Budget(at.Policy); n == 0 { // switched off meanwhile, or the policy is gone
			delete(k.state.Down, at)
			changed = true
		}
	}
	if changed {
		if err := save(k.opt.File, k.state); err != nil {
			// What is down stays down in memory; the next change tries again.
			k.opt.Log.Error("budget state not written", zap.Error(err))
			k.metrics.failures.Inc()
		}
	}
	k.publish()
	k.metrics.set(entries)
	return entries, nil
}

// entries are the false alarms by policy and finding, and what is down without any.
func (k *Keeper) entries(ctx context.Context, set *policy.Set) ([]Entry, error) {
	now := k.opt.Clock()
	byKey := make(map[key]*Entry)
	at := func(c key) *Entry {
		e := byKey[c]
		if e == nil {
			budget, days := set.Budget(c.Policy)
			e = &Entry{Policy: c.Policy, Finding: c.Finding, Budget: budget, Days: days, Down: k.state.Down[c], Looked: k.state.Looked[c]}
			byKey[c] = e
		}
		return e
	}
	for _, days := range set.BudgetDays() {
		counts, err := k.opt.Source.FalseAlarms(ctx, now.AddDate(0, 0, -days))
		if err != nil {
			return nil, err
		}
		for _, c := range counts {
			if e := at(key{c.Policy, finding.Name(c.Finding)}); e.Days == days {
				e.FalseAlarms = c.Items
			}
		}
	}
	for c, looked := range k.state.Looked {
		e := byKey[c]
		if e == nil || e.FalseAlarms == 0 || !looked.After(now.AddDate(0, 0, -e.Days)) {
			continue
		}
		counts, err := k.opt.Source.FalseAlarms(ctx, looked)
		if err != nil {
			return nil, err
		}
		e.FalseAlarms = 0
		for _, n := range counts {
			if n.Policy == c.Policy && n.Finding == string(c.Finding) {
				e.FalseAlarms = n.Items
			}
		}
	}
	for c := range k.state.Down {
		at(c)
	}
	list := make([]Entry, 0, len(byKey))
	for _, e := range byKey {
		if e.Budget > 0 || !e.Down.IsZero() {
			list = append(list, *e)
		}
	}
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Finding, b.Finding))
	})
	return list, nil
}

// Look notes that an operator has looked at a finding under a policy: it is back in
// full, and false alarms up to now count no more. The error is ErrNotDown where
// nothing had stepped down.
func (k *Keeper) Look(policyName string, name finding.Name) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := key{policyName, name}
	if _, down := k.state.Down[c]; !down {
		return fmt.Errorf("%s under %s %w", name, policyName, ErrNotDown)
	}
	next := k.state.clone()
	delete(next.Down, c)
	next.Looked[c] = k.opt.Clock().UTC()
	if err := save(k.opt.File, next); err != nil {
		return fmt.Errorf("budget: %w", err)
	}
	k.state = next
	k.publish()
	k.opt.Log.Info("finding is back in full", zap.String("policy", policyName), zap.String("finding", string(name)))
	return nil
}

// publish makes the state what messages are judged by.
func (k *Keeper) publish() {
	soft := make(policy.Softened, len(k.state.Down))
	for c := range k.state.Down {
		soft[c.Policy] = append(soft[c.Policy], c.Finding)
	}
	for _, names := range soft {
		slices.Sort(names)
	}
	k.soft.Store(&soft)
}
