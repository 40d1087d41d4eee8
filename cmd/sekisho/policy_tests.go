package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sekisho/filter/gate"
	"sekisho/filter/trial"
)

type policyTestCmd struct {
	Brands  []string `placeholder:"FILE" help:"Files of brands besides the built-in catalogue."`
	JSON    bool     `name:"json" help:"Write one JSON object a line for each test."`
	Verbose bool     `short:"v" help:"Tell of the tests that pass too."`
	Dir     string   `arg:"" help:"Policy directory, with its tests in tests/*.yaml."`
}

// errTests is that tests fail, which has been told.
var errTests = errors.New("tests fail")

func (c *policyTestCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := runTests(ctx, c.Dir, c.Brands)
	if err != nil {
		return err
	}
	if c.JSON {
		err = report.WriteJSON(os.Stdout)
	} else {
		err = report.WriteText(os.Stdout, c.Verbose)
	}
	if err == nil && report.Err(false) != nil {
		err = usage{errTests}
	}
	return err
}

// runTests runs the tests of a directory. Mistakes of policies, brands and tests are
// told together.
func runTests(ctx context.Context, dir string, brands []string) (*trial.Report, error) {
	set, err := gate.LoadSet(1, dir, brands)
	suite, wrong := trial.Load(dir)
	if err := errors.Join(err, wrong); err != nil {
		return nil, usage{err}
	}
	return suite.Run(ctx, set, time.Now()), nil
}
