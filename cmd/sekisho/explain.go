package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"sekisho/filter/config"
	"sekisho/filter/explain"
	"sekisho/filter/gate"
	"sekisho/filter/journal"
)

type explainCmd struct {
	ID      string   `arg:"" name:"id" help:"Trace (it stands in X-Sekisho-Trace, in the reply to the sender and in the log), queue id or message id."`
	Config  string   `placeholder:"FILE" help:"Settings of the daemon, for the journal, the policies and the brands."`
	Journal string   `placeholder:"DIR" help:"Folder of the journal, in place of the settings'."`
	Policy  string   `placeholder:"DIR" help:"Policy folder that judges again, in place of the settings'."`
	Brands  []string `sep:"none" placeholder:"FILE" help:"Brand catalogue file beside the embedded ones, in place of the settings'; may be repeated."`
	Lang    string   `enum:"en,ja" default:"en" help:"Language: English or Japanese."`
	JSON    bool     `name:"json" help:"Write one JSON object a decision."`
}

func (c *explainCmd) Run() error {
	at := journalFlags{Config: c.Config, Journal: c.Journal}
	return at.with(func(ctx context.Context, from *journal.Reader, cfg config.Config) error {
		if c.Policy != "" {
			cfg.Policy.Dir = c.Policy
		}
		if len(c.Brands) > 0 {
			cfg.Brands.Files = c.Brands
		}
		set, err := gate.LoadSet(1, cfg.Policy.Dir, cfg.Brands.Files)
		if err != nil {
			return usage{err}
		}
		records, err := from.Find(ctx, c.ID)
		switch {
		case err != nil:
			return err
		case len(records) == 0:
			return usage{fmt.Errorf("no decision is recorded under %q; they are kept for journal.keep", c.ID)}
		}
		judge := explain.Judge{Policies: set.Policies, Brands: set.Brands}
		var errs []error
		for i, rec := range records {
			if i > 0 && !c.JSON {
				fmt.Println()
			}
			a, err := judge.Of(rec)
			switch {
			case err != nil:
				errs = append(errs, err)
			case c.JSON:
				errs = append(errs, json.NewEncoder(os.Stdout).Encode(a))
			default:
				errs = append(errs, a.Write(os.Stdout, explain.Language(c.Lang)))
			}
		}
		return errors.Join(errs...)
	})
}
