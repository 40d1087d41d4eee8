package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sekisho/filter/control"
	"sekisho/filter/gate"
)

// newControl is the server of requests by commands: one Handle for each of
// package control's.
func (d *Daemon) newControl() *control.Server {
	s := control.NewServer(d.log.Named("control"))
	control.Handle(s, control.Reload, d.controlReload)
	control.Handle(s, control.Status, d.controlStatus)
	control.Handle(s, control.Budget, d.controlBudget)
	control.Handle(s, control.Look, d.controlLook)
	return s
}

func (d *Daemon) controlReload(context.Context, control.None) (control.Set, error) {
	set, err := d.swap()
	goesOn := fmt.Sprintf("reload refused, generation %d goes on", set.Generation)
	switch {
	case err == nil:
		return answer(set), nil
	case errors.As(err, &unusable{}):
		return control.Set{}, control.Refusal(err, goesOn)
	case errors.Is(err, errStopping):
		return control.Set{}, &control.Failure{Status: http.StatusServiceUnavailable, Message: "the daemon is stopping"}
	default:
		return control.Set{}, fmt.Errorf("%w; %s", err, goesOn)
	}
}

func (d *Daemon) controlStatus(context.Context, control.None) (control.Running, error) {
	milter, _ := d.Addresses()
	return control.Running{Set: answer(d.set()), Milter: milter}, nil
}

func answer(set *gate.Set) control.Set {
	return control.Set{Generation: set.Generation, Domains: len(set.Policies.Domains()), Brands: set.Brands.Len()}
}

// closeControl lets a reload under way be answered, if it ends soon.
func (d *Daemon) closeControl() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	d.control.Close(ctx)
}
