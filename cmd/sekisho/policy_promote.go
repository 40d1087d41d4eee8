package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/control"
	"sekisho/filter/gate"
	"sekisho/filter/trial"
	"sekisho/policy/promote"
)

type policyPromoteCmd struct {
	Config string `placeholder:"FILE" help:"Settings of the daemon: policy.dir, policy.shadow and the control socket."`
	DryRun bool   `name:"dry-run" help:"Check both directories and tell what would be done."`
}

func (c *policyPromoteCmd) Run() error {
	cfg, err := settings(c.Config)
	if err != nil {
		return err
	}
	switch {
	case cfg.Policy.Shadow == "":
		return usage{errors.New("there is no candidate: name its directory in policy.shadow")}
	case cfg.Policy.Dir == "":
		return usage{errors.New("policy.dir is not set, so there is nothing that the candidate could change places with; name the candidate there and reload")}
	}
	p, err := promote.Prepare(cfg.Policy.Dir, cfg.Policy.Shadow)
	if err != nil {
		return usage{err}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := testCandidate(ctx, cfg); err != nil {
		return err
	}
	if p.Broken != nil {
		fmt.Fprintf(os.Stderr, "the live directory has mistakes, which the candidate replaces:\n%s\n", inDetail(p.Broken))
	}
	if c.DryRun {
		fmt.Printf("would promote %s (%d domains): %s\n", p.Candidate, p.Domains, p.How())
		return nil
	}
	// A daemon that is away cannot say whether it takes the new set: nothing is
	// changed then.
	if _, err := ask(ctx, cfg, control.Status, control.None{}); err != nil {
		return err
	}
	generation, err := p.Do(ctx, tellDaemon(cfg))
	var failure *control.Failure
	switch {
	case errors.As(err, &failure) && failure.Refused():
		return usage{err}
	case err != nil:
		return err
	}
	fmt.Printf("promoted %s: generation %d\nthe former policies are in %s\n", p.Candidate, generation, p.Former())
	if p.Spent() {
		fmt.Printf("%s is live now: give the next candidate another name (policy.shadow)\n", p.Candidate)
	}
	return nil
}

// testCandidate tells the tests that the candidate fails. What is wrong with brands the
// daemon says, whose settings name them.
func testCandidate(ctx context.Context, cfg config.Config) error {
	suite, err := trial.Load(cfg.Policy.Shadow)
	if err == nil {
		set, wrong := gate.LoadSet(1, cfg.Policy.Shadow, cfg.Brands.Files, cfg.Brands.Lists...)
		if wrong != nil {
			return nil
		}
		err = suite.Run(ctx, set, time.Now()).Err(true)
	}
	switch {
	case err == nil:
		return nil
	case cfg.Policy.Tests == config.TestsIgnore:
		fmt.Fprintf(os.Stderr, "the tests of the candidate fail, which policy.tests says to ignore:\n%s\n", inDetail(err))
		return nil
	}
	return usage{err}
}

// tellDaemon asks the daemon to reload. Only its own answer says for certain that
// the old set goes on.
func tellDaemon(cfg config.Config) promote.Reload {
	return func(ctx context.Context) (uint64, error) {
		set, err := ask(ctx, cfg, control.Reload, control.None{})
		var failure *control.Failure
		if err != nil && !errors.As(err, &failure) && !errors.Is(err, control.ErrUnreachable) {
			err = fmt.Errorf("%w: %w", promote.ErrUnanswered, err)
		}
		return set.Generation, err
	}
}
