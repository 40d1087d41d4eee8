package main

import (
	"encoding/json"
	"os"
	"time"

	"sekisho/policy"
)

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
	var list []policy.Exception
	for _, e := range set.Exceptions(time.Now()) {
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
