package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"sekisho/filter/config"
	"sekisho/filter/quarantine"
)

type quarantineVerifyCmd struct {
	quarantineFlags `embed:""`

	Repair  bool   `help:"Put messages that are missing or damaged back, where an equal one of another entry is whole."`
	Orphans string `placeholder:"DIR" help:"Move messages that belong to no entry into this folder, as .eml files."`
}

func (c *quarantineVerifyCmd) Run() error {
	return c.with(func(ctx context.Context, s *quarantine.Store, _ config.Config) error {
		options := quarantine.VerifyOptions{Repair: c.Repair, Told: c.tell}
		if c.Orphans != "" {
			write, err := quarantine.ToFolder(c.Orphans)
			if err != nil {
				return usage{err}
			}
			options.Orphan = func(name string, message []byte) error { return write(name+".eml", message) }
		}
		v, err := s.Verify(ctx, options)
		if err != nil {
			return err
		}
		if c.JSON {
			err = json.NewEncoder(os.Stdout).Encode(v)
		} else {
			_, err = fmt.Printf("%d entries and %d messages held against each other: %d faults, %d mended\n", v.Entries, v.Files, v.Faults, v.Mended)
		}
		if left := v.Faults - v.Mended; err == nil && left > 0 {
			err = fmt.Errorf("%d faults are left", left)
		}
		return err
	})
}

func (c *quarantineVerifyCmd) tell(f quarantine.Fault) error {
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(f)
	}
	mended := ""
	if f.Mended {
		mended = ", mended"
	}
	_, err := fmt.Printf("%s: entry %s, message %s%s %s\n", f.Kind, cmp.Or(f.Entry, "-"), f.Name, mended, f.Detail)
	return err
}
