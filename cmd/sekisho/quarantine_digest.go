package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"sekisho/filter/config"
	"sekisho/filter/daemon"
	"sekisho/filter/digest"
	"sekisho/filter/gate"
	"sekisho/filter/quarantine"
	"sekisho/policy/brand"
)

type quarantineDigestCmd struct {
	Config string `required:"" placeholder:"FILE" help:"Settings of the daemon."`
	Send   bool   `help:"Send it now, and count its messages as told, in place of writing it to standard output."`
	To     string `arg:"" name:"address" help:"Recipient."`
}

func (c *quarantineDigestCmd) Run() error {
	f := quarantineFlags{Config: c.Config}
	return f.with(func(ctx context.Context, s *quarantine.Store, cfg config.Config) error {
		settings, err := daemon.DigestSettings(cfg)
		if err != nil {
			return usage{err}
		}
		if settings.From.Address == "" {
			return usage{errors.New("no sender: set digest.from in the settings")}
		}
		set, err := gate.LoadSet(1, cfg.Policy.Dir, cfg.Brands.Files, cfg.Brands.Lists...)
		if err != nil {
			return usage{err}
		}
		keeper, end, err := daemon.NewDigests(cfg, digest.Options{Store: s, Brands: func() *brand.Catalogue { return set.Brands }})
		if err != nil {
			return usage{err}
		}
		defer end()
		if c.Send {
			return c.send(ctx, keeper, settings, cfg)
		}
		message, err := keeper.Preview(ctx, c.To, settings)
		if err == nil && message == nil {
			_, err = fmt.Fprintln(os.Stderr, "no news: nothing is held of which this recipient was not told")
			return err
		}
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(message)
		return err
	})
}

func (c *quarantineDigestCmd) send(ctx context.Context, keeper *digest.Keeper, settings digest.Settings, cfg config.Config) error {
	o, err := releaseOptions(cfg, "")
	if err != nil {
		return err
	}
	sent, err := keeper.Now(ctx, c.To, settings, o)
	switch {
	case sent:
		fmt.Println("sent")
	case err == nil:
		fmt.Println("no news: nothing was sent")
	}
	return err
}
