package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"sekisho/filter/budget"
	"sekisho/filter/control"
	"sekisho/filter/finding"
)

// policyBudgetCmd is the commands about findings that cause false alarms.
type policyBudgetCmd struct {
	List policyBudgetListCmd `cmd:"" help:"List the findings that cause false alarms, and those that have stepped down for it."`
	Look policyBudgetLookCmd `cmd:"" help:"Say that you have looked at a finding that has stepped down: it is back in full, and false alarms up to now count no more."`
}

type policyBudgetListCmd struct {
	Config string `placeholder:"FILE" help:"Settings of the daemon, for its control socket."`
	JSON   bool   `name:"json" help:"Write one JSON object a line."`
}

func (c *policyBudgetListCmd) Run() error {
	cfg, err := settings(c.Config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	answer, err := ask(ctx, cfg, control.Budget, control.None{})
	if err != nil {
		return err
	}
	if !c.JSON {
		return budget.WriteTable(os.Stdout, answer.Entries)
	}
	enc := json.NewEncoder(os.Stdout)
	for _, e := range answer.Entries {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return nil
}

type policyBudgetLookCmd struct {
	Config  string `placeholder:"FILE" help:"Settings of the daemon, for its control socket."`
	Finding string `arg:"" help:"Name of the finding."`
	Policy  string `arg:"" help:"Name of the policy: a domain, or \"default\"."`
}

func (c *policyBudgetLookCmd) Run() error {
	cfg, err := settings(c.Config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if _, err := ask(ctx, cfg, control.Look, control.BudgetKey{Policy: c.Policy, Finding: finding.Name(c.Finding)}); err != nil {
		return err
	}
	fmt.Printf("%s is back in full under %s\n", c.Finding, c.Policy)
	return nil
}
