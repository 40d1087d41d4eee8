package main

import (
	"os"

	"sekisho/policy/rule"
)

type policyFactsCmd struct{}

func (policyFactsCmd) Run() error {
	env, err := rule.NewEnv()
	if err != nil {
		return err
	}
	return env.Describe(os.Stdout)
}
