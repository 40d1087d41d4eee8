package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sekisho/filter/check"
	"sekisho/filter/proof"
)

type checkCmd struct {
	Files    []string      `arg:"" name:"file" help:"RFC 5322 files; - is standard input."`
	JSON     bool          `name:"json" help:"Write one JSON object a line."`
	ClientIP string        `name:"client-ip" placeholder:"IP" help:"Address of the SMTP client."`
	Helo     string        `placeholder:"NAME" help:"HELO or EHLO argument."`
	MailFrom string        `name:"mail-from" placeholder:"ADDR" help:"Envelope sender."`
	Rcpt     []string      `sep:"none" placeholder:"ADDR" help:"Envelope recipient; may be repeated."`
	Resolver string        `placeholder:"HOST:PORT" help:"Name server for --proof dns; the system's when not given."`
	Proof    string        `enum:"dns,header,none" default:"dns" help:"Where proof comes from: dns checks now, header believes the topmost Authentication-Results field, none takes From as unproved."`
	Policy   string        `placeholder:"DIR" help:"Policy folder; the built-in default when not given."`
	Brands   []string      `sep:"none" placeholder:"FILE" help:"Brand catalogue file beside the built-in ones; may be repeated."`
	List     []string      `sep:"none" placeholder:"FILE" help:"List of senders and links that phishing used; may be repeated."`
	Timeout  time.Duration `default:"30s" help:"Time limit for one message."`
}

func (c *checkCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	bench, err := check.New(check.Options{
		Source: proof.Source(c.Proof), Resolver: c.Resolver, Policies: c.Policy, Brands: c.Brands, Lists: c.List, Timeout: c.Timeout,
		ClientIP: c.ClientIP, Helo: c.Helo, MailFrom: c.MailFrom, Recipients: c.Rcpt, JSON: c.JSON,
	})
	if err != nil {
		return usage{err}
	}
	defer bench.Close()
	err = bench.Judge(ctx, c.Files, check.Streams{In: os.Stdin, Out: os.Stdout, Problems: os.Stderr})
	if errors.Is(err, check.ErrUnreadable) {
		return usage{err}
	}
	return err
}
