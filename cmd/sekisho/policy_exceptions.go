package main

import (
	"encoding/json"
	"os"
	"time"

	"sekisho/filter/daemon"
	"sekisho/filter/tally"
	"sekisho/policy"
)

// hits are those that the daemon of the settings has counted, up to a minute ago;
// none where policies are looked at without it.
func (c *policyExceptionsCmd) hits() (map[string]tally.Hits, error) {
	if c.Policy != "" && c.Config == "" {
		return nil, nil
	}
	cfg, err := settings(c.Config)
	if err != nil {
		return nil, err
	}
	return tally.Read(daemon.ExceptionsFile(cfg.StateDir))
}

type policyExceptionsCmd struct {
	policySource `embed:""`

	JSON    bool `name:"json" help:"Write one JSON object a line."`
	Expired bool `help:"Only those that have expired."`
}

func (c *policyExceptionsCmd) Run() error {
	set, err := c.load()
	if err != nil {
		return err
	}
	hits, err := c.hits()
	if err != nil {
		return err
	}
	var list []policy.Exception
	for _, e := range set.Exceptions(time.Now()) {
		h := hits[e.ID]
		e.Hits, e.LastHit = h.Count, h.Last
		if e.Expired || !c.Expired {
			list = append(list, e)
		}
	}
	if !c.JSON {
		return policy.WriteExceptions(os.Stdout, list)
	}
	enc := json.NewEncoder(os.Stdout)
	for _, e := range list {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return nil
}
