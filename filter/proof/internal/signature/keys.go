package signature

import (
	"context"
	"errors"
	"slices"

	"sekisho/filter/proof/internal/task"
)

// Keys fetches each key once, those of one Fetch at the same time. The zero
// value is ready.
type Keys struct {
	names []string
	got   []Answer // for the first names
}

// Add puts a key on the list, unless it is there.
func (k *Keys) Add(name string) {
	if !slices.Contains(k.names, name) {
		k.names = append(k.names, name)
	}
}

// Len returns how many keys are on the list.
func (k *Keys) Len() int { return len(k.names) }

// Has reports whether the key is on the list.
func (k *Keys) Has(name string) bool { return slices.Contains(k.names, name) }

// Answer returns what became of a key that was on the list at the last Fetch.
func (k *Keys) Answer(name string) Answer { return k.got[slices.Index(k.names, name)] }

// Fetch gets the answers that are not there yet, until ctx ends. The last one is
// fetched in the caller's goroutine: most messages have one signature, and its
// key is often in the resolver's cache. A panic in a look-up is raised again
// here.
func (k *Keys) Fetch(ctx context.Context, r Resolver) {
	names := k.names[len(k.got):]
	if len(names) == 0 {
		return
	}
	got := make([]Answer, len(names))
	last := len(names) - 1
	tasks := make([]*task.Task[Answer], last)
	for i, name := range names[:last] {
		tasks[i] = task.Start("dkim key", func() Answer { return lookUp(ctx, r, name) })
	}
	got[last] = lookUp(ctx, r, names[last])
	for i, t := range tasks {
		a, err := t.Wait(ctx)
		var p *task.PanicError
		switch {
		case errors.As(err, &p):
			panic(p)
		case err != nil:
			a = Answer{result: TempError, reason: "the key did not come in time"}
		}
		got[i] = a
	}
	k.got = append(k.got, got...)
}
