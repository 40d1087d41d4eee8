package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sekisho/filter/campaign"
	"sekisho/filter/config"
	"sekisho/filter/journal"
	"sekisho/policy"
)

// campaignsCmd is the commands about incidents. They read the daemon's file, which
// is a minute behind at most.
type campaignsCmd struct {
	List campaignsListCmd `cmd:"" help:"List incidents, the newest first."`
	Show campaignsShowCmd `cmd:"" help:"Show an incident and its messages, those from before the alarm first, with what became of them."`
}

type campaignsListCmd struct {
	Config string `placeholder:"FILE" help:"Settings of the daemon, for its state folder."`
	JSON   bool   `name:"json" help:"Write one JSON object a line."`
}

func (c *campaignsListCmd) Run() error {
	cfg, err := settings(c.Config)
	if err != nil {
		return err
	}
	all, err := incidents(cfg)
	if err != nil {
		return err
	}
	if !c.JSON {
		return campaign.WriteTable(os.Stdout, all, time.Now())
	}
	enc := json.NewEncoder(os.Stdout)
	for _, i := range all {
		if err := enc.Encode(i); err != nil {
			return err
		}
	}
	return nil
}

func incidents(cfg config.Config) ([]campaign.Incident, error) {
	return campaign.Read(filepath.Join(cfg.StateDir, campaign.FileName))
}

type campaignsShowCmd struct {
	ID     string `arg:"" name:"id" help:"Incident, as campaigns list shows it."`
	Config string `placeholder:"FILE" help:"Settings of the daemon, for its state folder and journal."`
}

func (c *campaignsShowCmd) Run() error {
	cfg, err := settings(c.Config)
	if err != nil {
		return err
	}
	all, err := incidents(cfg)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(i campaign.Incident) bool { return i.ID == c.ID })
	if at < 0 {
		return usage{fmt.Errorf("there is no incident %q; sekisho campaigns list shows them", c.ID)}
	}
	unknown := func(string) (campaign.Became, error) { return campaign.Became{}, nil }
	if _, err := os.Stat(cfg.Journal.Dir); err != nil { // no journal is kept
		return all[at].Write(os.Stdout, time.Now(), unknown)
	}
	from := journalFlags{Config: c.Config}
	err = from.with(func(ctx context.Context, r *journal.Reader, _ config.Config) error {
		return all[at].Write(os.Stdout, time.Now(), func(trace string) (campaign.Became, error) { return became(ctx, r, trace) })
	})
	if errors.As(err, &usage{}) {
		return all[at].Write(os.Stdout, time.Now(), unknown)
	}
	return err
}

// became asks the journal what became of a message.
func became(ctx context.Context, r *journal.Reader, trace string) (b campaign.Became, err error) {
	records, err := r.Find(ctx, trace)
	if err != nil || len(records) == 0 {
		return b, err
	}
	counts := map[policy.Verdict]int{}
	for _, rcpt := range records[0].Recipients {
		counts[rcpt.Verdict]++
	}
	for _, v := range policy.Verdicts() {
		if counts[v] > 0 {
			b.Outcomes = append(b.Outcomes, fmt.Sprintf("%s %d", v, counts[v]))
		}
	}
	b.Stored = records[0].Stored
	return b, nil
}
