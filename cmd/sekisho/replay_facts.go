package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/hindsight"
	"sekisho/filter/journal"
	"sekisho/filter/replay"
	"sekisho/filter/replay/report"
)

// replayFacts judges what the journal has instead of archives.
func (c *replayCmd) replayFacts() error {
	switch {
	case len(c.Archives) > 0:
		return usage{errors.New("--facts judges the decisions of the journal; archives are judged without it")}
	case c.Labels != "" || c.Resume != "" || c.Rcpt != "" || len(c.Brands) > 0 || c.Resolver != "":
		return usage{errors.New("--labels, --resume, --rcpt, --brands and --resolver are for archives, and do not go with --facts")}
	}
	return c.with(func(ctx context.Context, from *journal.Reader, cfg config.Config) error {
		opt := hindsight.Options{Policies: cmp.Or(c.Policy, cfg.Policy.Dir), Against: c.Against, Within: c.within(), Domain: c.domain()}
		if c.HTML != "" {
			opt.Report = replay.NewSummary("the journal", cmp.Or(opt.Policies, replay.BuiltIn), cmp.Or(c.Against, hindsight.Recorded))
		}
		var s *hindsight.Summary
		err := writing(c.JSON, func(w io.Writer) (err error) {
			opt.JSON = w
			s, err = hindsight.Run(ctx, from, opt)
			return err
		})
		if s == nil {
			return usage{err}
		}
		return errors.Join(err, s.WriteTable(tableFor(c.JSON)), writing(c.HTML, func(w io.Writer) error {
			if w == nil {
				return nil
			}
			opt.Report.Finish(s.Took, s.Workers)
			return report.Write(w, opt.Report, time.Now())
		}))
	})
}
