package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/quarantine"
)

type quarantineExportCmd struct {
	quarantineFlags `embed:""`

	Domain string   `placeholder:"DOMAIN" help:"All items of recipients in this domain that are not erased, whatever their state; in place of ids."`
	To     string   `required:"" placeholder:"DIR" help:"Folder for the files, made where it is not there; - writes them to standard output as a tar archive. No file is written over."`
	IDs    []string `arg:"" optional:"" name:"id" help:"Ids of items (one recipient) or of entries (all recipients of a message)."`
}

func (c *quarantineExportCmd) Run() error {
	if (c.Domain == "") == (len(c.IDs) == 0) {
		return usage{errors.New("export what? Give ids, or --domain")}
	}
	return c.with(func(ctx context.Context, s *quarantine.Store, _ config.Config) error {
		told, end := os.Stdout, func() error { return nil }
		var write func(string, []byte) error
		var err error
		if c.To == "-" {
			told = os.Stderr
			write, end = quarantine.ToArchive(os.Stdout, time.Now())
		} else if write, err = quarantine.ToFolder(c.To); err != nil {
			return usage{err}
		}
		sum, err := c.export(ctx, s, write)
		err = errors.Join(err, end())
		if c.JSON {
			return errors.Join(err, json.NewEncoder(told).Encode(sum))
		}
		_, failed := fmt.Fprintf(told, "%d items and %d messages exported\n", sum.Items, sum.Messages)
		return errors.Join(err, failed)
	})
}

func (c *quarantineExportCmd) export(ctx context.Context, s *quarantine.Store, write func(string, []byte) error) (sum quarantine.Exported, err error) {
	if c.Domain != "" {
		return s.ExportDomain(ctx, c.Domain, write)
	}
	var errs []error
	for _, id := range c.IDs {
		e, err := s.Export(ctx, id, write)
		sum.Items, sum.Messages = sum.Items+e.Items, sum.Messages+e.Messages
		errs = append(errs, err)
	}
	return sum, errors.Join(errs...)
}
