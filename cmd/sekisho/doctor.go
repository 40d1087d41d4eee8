package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"sekisho/filter/doctor"
)

type doctorCmd struct {
	Config string `placeholder:"FILE" help:"Settings of the daemon."`
	JSON   bool   `name:"json" help:"Write one JSON object a line."`
}

func (c *doctorCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	results := doctor.Examine(ctx, doctor.Options{Config: c.Config, Detail: inDetail})
	write := doctor.Write
	if c.JSON {
		write = doctor.WriteJSON
	}
	if err := write(os.Stdout, results); err != nil {
		return err
	}
	if n := doctor.Count(results, doctor.Bad); n > 0 {
		return fmt.Errorf("%d things have to be mended", n)
	}
	return nil
}
