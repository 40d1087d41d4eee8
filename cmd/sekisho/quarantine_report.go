package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"sekisho/filter/config"
	"sekisho/filter/daemon"
	"sekisho/filter/gate"
	"sekisho/filter/quarantine"
	"sekisho/filter/report"
	"sekisho/policy/brand"
)

type quarantineReportCmd struct {
	Ask     reportAskCmd     `cmd:"" help:"Make the reports of messages: to the brand that each claims, and to the abuse desk of who is proved to have sent it."`
	List    reportListCmd    `cmd:"" help:"List reports, newest first."`
	Show    reportShowCmd    `cmd:"" help:"Show what would leave, or the whole report as a message."`
	Approve reportApproveCmd `cmd:"" help:"Let drafts leave, as they are now, or once more what was refused. A running daemon sends them."`
	Drop    reportDropCmd    `cmd:"" help:"Do not send reports."`
	Send    reportSendCmd    `cmd:"" help:"Send what is approved and due now, rather than wait for the daemon."`
	Draft   reportDraftCmd   `cmd:"" help:"Write a message to a national desk, to be opened in a mail program and sent by a person."`
}

// reportFlags open the store with what reports need.
type reportFlags struct {
	Config string `required:"" placeholder:"FILE" help:"Settings of the daemon."`
	JSON   bool   `name:"json" help:"Write one JSON object a line."`
}

func (f *reportFlags) with(do func(context.Context, *report.Keeper, *quarantine.Store, config.Config) error) error {
	flags := quarantineFlags{Config: f.Config}
	return flags.with(func(ctx context.Context, s *quarantine.Store, cfg config.Config) error {
		settings, err := daemon.ReportSettings(cfg)
		if err != nil {
			return usage{err}
		}
		set, err := gate.LoadSet(1, cfg.Policy.Dir, cfg.Brands.Files, cfg.Brands.Lists...)
		if err != nil {
			return usage{err}
		}
		keeper, end, err := daemon.NewReports(cfg, report.Options{
			Store: s, Brands: func() *brand.Catalogue { return set.Brands }, Settings: func() report.Settings { return settings }, Version: version,
		})
		if err != nil {
			return err
		}
		defer end()
		return do(ctx, keeper, s, cfg)
	})
}

// write tells of reports, one a line.
func (f *reportFlags) write(all []quarantine.Report) error {
	if f.JSON {
		return quarantine.WriteJSON(os.Stdout, all)
	}
	return report.WriteTable(os.Stdout, all)
}

// each does something to each report, and tells of those that it was done to.
func (f *reportFlags) each(ids []string, do func(id string) (quarantine.Report, error)) error {
	var done []quarantine.Report
	var errs []error
	for _, id := range ids {
		r, err := do(id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		done = append(done, r)
	}
	return errors.Join(append(errs, f.write(done))...)
}

type reportAskCmd struct {
	reportFlags `embed:""`

	As  string   `enum:"admin,domain-admin,recipient" default:"admin" help:"Role of who asks for it; the setting report.approval says whose reports wait."`
	By  string   `placeholder:"NAME" help:"Who asks for it, for the record; the user of the operating system when not given."`
	IDs []string `arg:"" name:"id" help:"Ids of items (one recipient) or of entries (all recipients of a message)."`
}

func (c *reportAskCmd) Run() error {
	return c.with(func(ctx context.Context, k *report.Keeper, _ *quarantine.Store, _ config.Config) error {
		var all []quarantine.Report
		var errs []error
		for _, id := range c.IDs {
			asked, err := k.Ask(ctx, id, who(c.By), quarantine.Role(c.As))
			errs = append(errs, err)
			if c.JSON {
				errs = append(errs, quarantine.WriteJSON(os.Stdout, asked))
				continue
			}
			for _, a := range asked {
				if a.Report != nil {
					all = append(all, *a.Report)
				} else {
					fmt.Fprintf(os.Stderr, "%s: nothing to the %s: %s\n", id, a.Kind, a.Reason.Meaning())
				}
			}
		}
		if !c.JSON {
			errs = append(errs, c.write(all))
		}
		return errors.Join(errs...)
	})
}

type reportListCmd struct {
	reportFlags `embed:""`

	State  string `enum:"draft,approved,sending,sent,refused,dropped," default:"" placeholder:"STATE" help:"Only reports that are draft, approved, sending, sent, refused or dropped."`
	Domain string `placeholder:"DOMAIN" help:"Only of messages to recipients in this domain."`
	Limit  int    `default:"100" help:"At most so many."`
}

func (c *reportListCmd) Run() error {
	return c.with(func(ctx context.Context, _ *report.Keeper, s *quarantine.Store, _ config.Config) error {
		f := quarantine.ReportFilter{State: quarantine.ReportState(c.State), Limit: c.Limit}
		if c.Domain != "" {
			f.Domains = []string{c.Domain}
		}
		all, err := s.Reports(ctx, f)
		if err != nil {
			return err
		}
		return c.write(all)
	})
}

type reportShowCmd struct {
	Config  string `required:"" placeholder:"FILE" help:"Settings of the daemon."`
	Message bool   `help:"Write the whole report as it would leave now (RFC 5965)."`
	ID      string `arg:"" name:"report" help:"Id of a report."`
}

func (c *reportShowCmd) Run() error {
	f := reportFlags{Config: c.Config}
	return f.with(func(ctx context.Context, k *report.Keeper, _ *quarantine.Store, _ config.Config) error {
		p, err := k.Preview(ctx, c.ID)
		if err != nil {
			return err
		}
		if c.Message {
			_, err = os.Stdout.Write(p.Message)
			return err
		}
		return report.WritePreview(os.Stdout, p)
	})
}

type reportApproveCmd struct {
	reportFlags `embed:""`

	Sum string   `placeholder:"HASH" help:"Only as it was when show told this hash; for one report."`
	By  string   `placeholder:"NAME" help:"Who approves, for the record; the user of the operating system when not given."`
	IDs []string `arg:"" name:"report" help:"Ids of reports."`
}

func (c *reportApproveCmd) Run() error {
	if c.Sum != "" && len(c.IDs) > 1 {
		return usage{errors.New("--sum is for one report")}
	}
	return c.with(func(ctx context.Context, k *report.Keeper, _ *quarantine.Store, _ config.Config) error {
		return c.each(c.IDs, func(id string) (quarantine.Report, error) { return k.Approve(ctx, id, c.Sum, who(c.By)) })
	})
}

type reportDropCmd struct {
	reportFlags `embed:""`

	By  string   `placeholder:"NAME" help:"Who says so, for the record; the user of the operating system when not given."`
	IDs []string `arg:"" name:"report" help:"Ids of reports."`
}

func (c *reportDropCmd) Run() error {
	return c.with(func(ctx context.Context, _ *report.Keeper, s *quarantine.Store, _ config.Config) error {
		return c.each(c.IDs, func(id string) (quarantine.Report, error) { return s.DropReport(ctx, id, who(c.By)) })
	})
}

type reportSendCmd struct {
	Config string `required:"" placeholder:"FILE" help:"Settings of the daemon."`
}

func (c *reportSendCmd) Run() error {
	f := reportFlags{Config: c.Config}
	return f.with(func(ctx context.Context, k *report.Keeper, _ *quarantine.Store, cfg config.Config) error {
		o, err := releaseOptions(cfg, "")
		if err != nil {
			return err
		}
		sent, err := k.Round(ctx, o)
		fmt.Printf("%d reports sent\n", sent)
		return err
	})
}

type reportDraftCmd struct {
	Config string `required:"" placeholder:"FILE" help:"Settings of the daemon."`
	Desk   string `arg:"" name:"desk" help:"Whom the draft is for; ? lists them."`
	ID     string `arg:"" optional:"" name:"id" help:"Id of an item (one recipient) or of an entry (all recipients of a message)."`
}

func (c *reportDraftCmd) Run() error {
	if c.Desk == "?" {
		return listDesks()
	}
	if c.ID == "" {
		return usage{errors.New("a draft of which message? Give its id")}
	}
	f := reportFlags{Config: c.Config}
	return f.with(func(ctx context.Context, k *report.Keeper, _ *quarantine.Store, _ config.Config) error {
		raw, err := k.Draft(ctx, c.ID, c.Desk)
		if errors.Is(err, report.ErrNoDesk) {
			return usage{fmt.Errorf("%w: draft ? lists them", err)}
		}
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(raw)
		return err
	})
}

func listDesks() error {
	desks, err := report.Desks()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, d := range desks {
		fmt.Fprintf(w, "%s\t%s\t%s\n", d.ID, d.Address, d.Name)
	}
	return w.Flush()
}
