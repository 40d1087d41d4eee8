package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/hindsight"
	"sekisho/filter/journal"
)

type policyShadowCmd struct {
	Report policyShadowReportCmd `cmd:"" help:"Sum up what the candidate has said in shadow, from the journal."`
}

// journalFlags say which journal is meant, and which part of it.
type journalFlags struct {
	Config  string        `placeholder:"FILE" help:"Settings of the daemon, for the folder of the journal."`
	Journal string        `placeholder:"DIR" help:"Folder of the journal, in place of the settings'."`
	Since   time.Duration `placeholder:"DURATION" help:"Only decisions of this time up to now, such as 24h; all when not given."`
	Domain  string        `placeholder:"DOMAIN" help:"Only recipients in this domain."`
}

// with opens the journal for do, until an interrupt.
func (f *journalFlags) with(do func(context.Context, *journal.Reader, config.Config) error) (err error) {
	cfg := config.Default()
	if f.Config != "" {
		if cfg, err = config.Load(f.Config); err != nil {
			return usage{err}
		}
	}
	dir := cfg.Journal.Dir
	if f.Journal != "" {
		dir = f.Journal
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	from, err := journal.Open(ctx, dir)
	if errors.Is(err, os.ErrNotExist) {
		return usage{fmt.Errorf("no journal in %s; it is written while a daemon runs whose journal.keep is not 0s", dir)}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	return do(ctx, from, cfg)
}

// within is the range that the flags choose.
func (f *journalFlags) within() journal.Range {
	if f.Since <= 0 {
		return journal.Range{}
	}
	return journal.Range{Since: time.Now().Add(-f.Since)}
}

// domain is the domain as the journal has it.
func (f *journalFlags) domain() string { return strings.ToLower(f.Domain) }

type policyShadowReportCmd struct {
	journalFlags `embed:""`

	JSON string `name:"json" placeholder:"OUT" help:"Write one JSON object a recipient to this file; - is standard output, and the table goes to standard error."`
}

func (c *policyShadowReportCmd) Run() error {
	return c.with(func(ctx context.Context, from *journal.Reader, _ config.Config) error {
		var s *hindsight.Summary
		err := writing(c.JSON, func(w io.Writer) (err error) {
			s, err = hindsight.Shadowed(ctx, from, c.within(), c.domain(), w)
			return err
		})
		if s == nil {
			return err
		}
		if s.Decisions == 0 && err == nil {
			return usage{errors.New("no candidate has judged in that time: name its directory in policy.shadow, and reload")}
		}
		return errors.Join(err, s.WriteTable(tableFor(c.JSON)))
	})
}

// tableFor is where a table goes beside JSON.
func tableFor(json string) io.Writer {
	if json == "-" {
		return os.Stderr
	}
	return os.Stdout
}
