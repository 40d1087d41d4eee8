package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/daemon"
	"sekisho/filter/quarantine"
	"sekisho/filter/stamp"
)

type quarantineCmd struct {
	List    quarantineListCmd    `cmd:"" help:"List held messages, newest first, one line per recipient."`
	Show    quarantineShowCmd    `cmd:"" help:"Show all that is known of a message, or the message itself."`
	Release quarantineReleaseCmd `cmd:"" help:"Send the original message to the recipients it is held for."`

	Mark     quarantineMarkCmd     `cmd:"" help:"Write down that a message is phishing, or is not."`
	Feedback quarantineFeedbackCmd `cmd:"" help:"Count what was released and marked, by finding and policy."`
	Expire   quarantineExpireCmd   `cmd:"" help:"Erase what its policy keeps no longer. A running daemon does so every hour."`
	Erase    quarantineEraseCmd    `cmd:"" aliases:"delete" help:"Erase messages for good, with the addresses of their recipients. Its other name is delete."`

	Digest quarantineDigestCmd `cmd:"" help:"Write the mail that would tell a recipient what is held for them, or send it now. In what is written no link is good."`

	Report quarantineReportCmd `cmd:"" help:"Tell those who can do something about a phishing message: the brand, and the abuse desk of who sent it."`

	Verify quarantineVerifyCmd `cmd:"" help:"Read all that is stored and hold it against the index: each entry has its message, undamaged, and each message an entry."`
	Export quarantineExportCmd `cmd:"" help:"Write messages as they were to files, ENTRY.eml, and their envelopes and verdicts, ITEM.json for each recipient."`
}

// quarantineFlags say which store is meant and how to answer.
type quarantineFlags struct {
	Config string `placeholder:"FILE" help:"Settings of the daemon, for the quarantine's folder and where releases go."`
	Dir    string `placeholder:"DIR" help:"Folder of a quarantine with files and SQLite, in place of the settings'."`
	JSON   bool   `name:"json" help:"Write one JSON object a line."`
}

type quarantineListCmd struct {
	quarantineFlags `embed:""`

	Domain    string `xor:"to" placeholder:"DOMAIN" help:"Only recipients in this domain."`
	Recipient string `xor:"to" placeholder:"ADDRESS" help:"Only this recipient."`
	Text      string `placeholder:"WORDS" help:"Only items that have all these words in subject, sender, recipient, brand, reason, client or ids."`
	Brand     string `placeholder:"ID" help:"Only messages that claim this brand of the catalogue."`

	State  string        `enum:"held,releasing,released,erased," default:"" placeholder:"STATE" help:"Only items that are held, releasing (pending), released or erased; all but erased ones when not given."`
	Since  time.Duration `placeholder:"DURATION" help:"Only what was stored in this time up to now, such as 24h."`
	Before time.Duration `placeholder:"DURATION" help:"Only what was stored longer ago than this, such as 24h."`
	Limit  int           `default:"100" help:"At most so many items."`
}

func (c *quarantineListCmd) Run() error {
	filter := quarantine.Filter{Text: c.Text, Brand: c.Brand, State: quarantine.State(c.State), Limit: c.Limit}
	if to := cmp.Or(c.Domain, c.Recipient); to != "" {
		filter.To = []string{to}
	}
	if c.Before > 0 {
		filter.Before = time.Now().Add(-c.Before)
	}
	if c.Since > 0 {
		filter.Since = time.Now().Add(-c.Since)
	}
	return c.with(func(ctx context.Context, s *quarantine.Store, _ config.Config) error {
		items, err := s.List(ctx, filter)
		if err != nil {
			return err
		}
		if c.JSON {
			return quarantine.WriteJSON(os.Stdout, items)
		}
		return quarantine.WriteTable(os.Stdout, items)
	})
}

type quarantineShowCmd struct {
	quarantineFlags `embed:""`

	Message bool   `help:"Write the original message, byte by byte, in place of the details."`
	ID      string `arg:"" name:"id" help:"Id of an item (one recipient) or of an entry (all recipients of a message)."`
}

func (c *quarantineShowCmd) Run() error {
	return c.with(func(ctx context.Context, s *quarantine.Store, _ config.Config) error {
		if c.Message {
			message, err := s.Message(ctx, c.ID)
			if err != nil {
				return err
			}
			_, err = os.Stdout.Write(message)
			return err
		}
		items, err := s.Show(ctx, c.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return quarantine.WriteJSON(os.Stdout, items)
		}
		return quarantine.WriteDetails(os.Stdout, items)
	})
}

type quarantineReleaseCmd struct {
	quarantineFlags `embed:""`

	To    string   `placeholder:"HOST:PORT" help:"SMTP server that takes the message, in place of the settings'; as quarantine.release_by says, one that asks this filter (stamp) or one that does not (port)."`
	Again bool     `help:"Also send pending items, whose earlier release did not finish; their recipients may get the message twice."`
	As    string   `enum:"admin,domain-admin,recipient" default:"admin" help:"Role of who asks for it; the policy of the recipient says which roles may."`
	By    string   `placeholder:"NAME" help:"Who asks for it, for the record; the user of the operating system when not given."`
	IDs   []string `arg:"" name:"id" help:"Ids of items (one recipient) or of entries (all recipients of a message)."`
}

func (c *quarantineReleaseCmd) Run() error {
	return c.with(func(ctx context.Context, s *quarantine.Store, cfg config.Config) error {
		options, err := releaseOptions(cfg, c.To)
		if err != nil {
			return err
		}
		options.Again, options.As, options.By = c.Again, quarantine.Role(c.As), who(c.By)
		var done []quarantine.Item
		var errs []error
		for _, id := range c.IDs {
			items, err := s.Release(ctx, id, options)
			done, errs = append(done, items...), append(errs, err)
		}
		write := quarantine.WriteTable
		if c.JSON {
			write = quarantine.WriteJSON
		}
		return errors.Join(append(errs, write(os.Stdout, done))...)
	})
}

// releaseOptions are where messages go: to, or else where the settings say.
func releaseOptions(cfg config.Config, to string) (quarantine.ReleaseOptions, error) {
	o := quarantine.ReleaseOptions{Addr: cmp.Or(to, cfg.Quarantine.ReleaseTo), Helo: cfg.Hostname}
	if o.Addr == "" {
		return o, usage{errors.New("no release address: set quarantine.release_to in the settings, or give --to")}
	}
	if cfg.Quarantine.ReleaseBy == config.ByStamp {
		key, err := stamp.Load(cfg.ReleaseKey())
		if err != nil {
			return o, usage{fmt.Errorf("%w; with quarantine.release_by: port no key is needed, but a port without sekisho", err)}
		}
		o.Key = key
	}
	return o, nil
}

// with opens the store for do, until an interrupt.
func (f *quarantineFlags) with(do func(context.Context, *quarantine.Store, config.Config) error) (err error) {
	cfg := config.Default()
	if f.Config != "" {
		if cfg, err = config.Load(f.Config); err != nil {
			return usage{err}
		}
	}
	if f.Dir != "" {
		q := &cfg.Quarantine
		q.Dir, q.Database, q.DatabasePasswordFile, q.Objects, q.ObjectsKeyFile = f.Dir, "", "", "", ""
	}
	store, err := daemon.OpenQuarantine(cfg.Quarantine, quarantine.Options{Existing: true})
	if errors.Is(err, os.ErrNotExist) {
		return usage{fmt.Errorf("no quarantine in %s: %w", cmp.Or(cfg.Quarantine.Database, cfg.Quarantine.Dir), err)}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return do(ctx, store, cfg)
}
