package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sekisho/filter/check"
	"sekisho/filter/proof"
	"sekisho/policy/rule"
)

type policyEvalCmd struct {
	Expression string        `arg:"" help:"Rule, as under rules in a policy file: an expression that is true or false."`
	File       string        `arg:"" optional:"" help:"RFC 5322 file; - is standard input. Without one the rule is only checked."`
	Cost       bool          `help:"Tell also what the rule costs at most."`
	ClientIP   string        `name:"client-ip" placeholder:"IP" help:"Address of the SMTP client."`
	Helo       string        `placeholder:"NAME" help:"HELO or EHLO argument."`
	MailFrom   string        `name:"mail-from" placeholder:"ADDR" help:"Envelope sender."`
	Rcpt       []string      `sep:"none" placeholder:"ADDR" help:"Envelope recipient; may be repeated."`
	Resolver   string        `placeholder:"HOST:PORT" help:"Name server for --proof dns; the system's when not given."`
	Proof      string        `enum:"dns,header,none" default:"header" help:"Where proof comes from: dns checks now, header believes the topmost Authentication-Results field, none takes From as unproved."`
	Brands     []string      `sep:"none" placeholder:"FILE" help:"Brand catalogue file beside the built-in ones; may be repeated."`
	Timeout    time.Duration `default:"30s" help:"Time limit for the message."`
}

// Run prints true or false. A rule that fails on the message is a failure that its
// author can mend, as one that does not compile.
func (c *policyEvalCmd) Run() error {
	env, err := rule.NewEnv()
	if err != nil {
		return err
	}
	program, problems := env.Compile(c.Expression)
	if problems != nil {
		return usage{rule.Explain("expression", c.Expression, problems)}
	}
	if c.Cost {
		fmt.Printf("costs at most %d\n", program.Estimate())
	}
	if c.File == "" {
		return nil
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	bench, err := check.New(check.Options{
		Source: proof.Source(c.Proof), Resolver: c.Resolver, Brands: c.Brands, Timeout: c.Timeout,
		ClientIP: c.ClientIP, Helo: c.Helo, MailFrom: c.MailFrom, Recipients: c.Rcpt,
	})
	if err != nil {
		return usage{err}
	}
	defer bench.Close()
	facts, err := bench.Facts(ctx, c.File, os.Stdin)
	if errors.Is(err, check.ErrUnreadable) {
		return usage{err}
	}
	if err != nil {
		return err
	}
	is, err := program.Eval(ctx, env.Activate(facts, facts.Found))
	if err != nil {
		return usage{err}
	}
	fmt.Println(is)
	return nil
}
