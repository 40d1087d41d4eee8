package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/quarantine"
)

type quarantineMarkCmd struct {
	quarantineFlags `embed:""`

	By   string `placeholder:"NAME" help:"Who says so, for the record; the user of the operating system when not given."`
	ID   string `arg:"" name:"id" help:"Id of an item (one recipient) or of an entry (all recipients of a message)."`
	Mark string `arg:"" name:"mark" enum:"not-phishing,phishing" help:"not-phishing or phishing; takes the other one back."`
}

func (c *quarantineMarkCmd) Run() error {
	return c.with(func(ctx context.Context, s *quarantine.Store, _ config.Config) error {
		items, err := s.Mark(ctx, c.ID, quarantine.Kind(c.Mark), who(c.By))
		if err != nil {
			return err
		}
		if c.JSON {
			return quarantine.WriteJSON(os.Stdout, items)
		}
		return quarantine.WriteDetails(os.Stdout, items)
	})
}

type quarantineFeedbackCmd struct {
	quarantineFlags `embed:""`

	Since time.Duration `placeholder:"DURATION" help:"Only what was said in this time up to now, such as 720h."`
}

func (c *quarantineFeedbackCmd) Run() error {
	return c.with(func(ctx context.Context, s *quarantine.Store, _ config.Config) error {
		var since time.Time
		if c.Since > 0 {
			since = time.Now().Add(-c.Since)
		}
		counts, err := s.Feedback(ctx, since)
		if err != nil {
			return err
		}
		if c.JSON {
			return quarantine.WriteJSON(os.Stdout, counts)
		}
		return quarantine.WriteFeedback(os.Stdout, counts)
	})
}

type quarantineExpireCmd struct {
	quarantineFlags `embed:""`

	DryRun bool `help:"List what would be erased, those due longest first, and erase nothing."`
}

func (c *quarantineExpireCmd) Run() error {
	return c.with(func(ctx context.Context, s *quarantine.Store, _ config.Config) error {
		if !c.DryRun {
			e, err := s.Expire(ctx)
			return errors.Join(err, c.erased(e))
		}
		items, err := s.Expired(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return quarantine.WriteJSON(os.Stdout, items)
		}
		return quarantine.WriteTable(os.Stdout, items)
	})
}

type quarantineEraseCmd struct {
	quarantineFlags `embed:""`

	Domain string   `placeholder:"DOMAIN" help:"All items of recipients in this domain, whatever their state; in place of ids."`
	Yes    bool     `help:"Needed, since nothing brings the messages back."`
	IDs    []string `arg:"" optional:"" name:"id" help:"Ids of items (one recipient) or of entries (all recipients of a message)."`
}

func (c *quarantineEraseCmd) Run() error {
	switch {
	case (c.Domain == "") == (len(c.IDs) == 0):
		return usage{errors.New("erase what? Give ids, or --domain")}
	case !c.Yes:
		return usage{errors.New("nothing brings erased messages back: give --yes if that is meant")}
	}
	return c.with(func(ctx context.Context, s *quarantine.Store, _ config.Config) error {
		if c.Domain != "" {
			e, err := s.EraseDomain(ctx, c.Domain)
			return errors.Join(err, c.erased(e))
		}
		var sum quarantine.Erasure
		var errs []error
		for _, id := range c.IDs {
			e, err := s.Erase(ctx, id)
			sum.Items, sum.Messages, sum.Pending = sum.Items+e.Items, sum.Messages+e.Messages, sum.Pending+e.Pending
			errs = append(errs, err)
		}
		return errors.Join(append(errs, c.erased(sum))...)
	})
}

// erased tells what was erased.
func (f *quarantineFlags) erased(e quarantine.Erasure) error {
	if f.JSON {
		return json.NewEncoder(os.Stdout).Encode(e)
	}
	_, err := fmt.Printf("%d items erased, %d messages removed, %d items left that are being released\n", e.Items, e.Messages, e.Pending)
	return err
}

// who is name, or else the user who runs us.
func who(name string) string {
	if name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
