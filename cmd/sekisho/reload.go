package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"sekisho/filter/config"
	"sekisho/filter/control"
)

type reloadCmd struct {
	Config string `placeholder:"FILE" help:"Settings of the daemon, for its control socket."`
}

func (c *reloadCmd) Run() error {
	cfg, err := settings(c.Config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	set, err := ask(ctx, cfg, control.Reload, control.None{})
	if err != nil {
		return err
	}
	fmt.Printf("generation %d\n", set.Generation)
	return nil
}

// settings reads the settings of a file; "" is the defaults.
func settings(file string) (config.Config, error) {
	if file == "" {
		return config.Default(), nil
	}
	cfg, err := config.Load(file)
	if err != nil {
		return cfg, usage{err}
	}
	return cfg, nil
}

// ask puts a question to the daemon of the settings. What it refused because of its
// files, their writer can mend.
func ask[Q, A any](ctx context.Context, cfg config.Config, r control.Request[Q, A], question Q) (answer A, err error) {
	if cfg.Control == config.ControlOff {
		return answer, usage{errors.New("the settings say control: off; a reload is asked for by SIGHUP then")}
	}
	answer, err = control.Ask(ctx, cfg.Control, r, question)
	var failure *control.Failure
	switch {
	case errors.As(err, &failure) && failure.Refused():
		return answer, usage{err}
	case errors.Is(err, control.ErrUnreachable):
		return answer, fmt.Errorf("%w (setting control)", err)
	}
	return answer, err
}
