package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"sekisho/filter/gate"
	"sekisho/policy"
)

// policyCmd is the commands about policies, one file for each group of them:
// policy_*.go.
type policyCmd struct {
	Check      policyCheckCmd      `cmd:"" help:"Read a policy directory as the daemon does, and tell every mistake."`
	Show       policyShowCmd       `cmd:"" help:"Show the effective policy of a recipient, and the file and line of each value."`
	Diff       policyDiffCmd       `cmd:"" help:"Say what changes for whom between two policy directories."`
	Exceptions policyExceptionsCmd `cmd:"" help:"List the exceptions of all policies."`
	Schema     policySchemaCmd     `cmd:"" help:"Write the JSON Schema of policy files, for editors."`
	Promote    policyPromoteCmd    `cmd:"" help:"Make the candidate policies the live ones, in one step."`
}

// builtInDir names the built-in policy where a directory is asked for.
const builtInDir = "built-in"

// loadPolicies reads a directory against the built-in brands and the files named.
func loadPolicies(dir string, brands []string) (*policy.Set, error) {
	if dir == builtInDir {
		dir = ""
	}
	set, err := gate.LoadSet(1, dir, brands)
	if err != nil {
		return nil, usage{err}
	}
	return set.Policies, nil
}

type policyCheckCmd struct {
	Brands []string `placeholder:"FILE" help:"Files of brands besides the built-in catalogue."`
	Dir    string   `arg:"" help:"Policy directory."`
}

func (c *policyCheckCmd) Run() error {
	set, err := loadPolicies(c.Dir, c.Brands)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d domains, no mistakes\n", c.Dir, len(set.Domains()))
	for _, line := range set.Expired(time.Now()) {
		fmt.Println("expired, of no effect:", line)
	}
	return nil
}

type policyShowCmd struct {
	policySource `embed:""`

	Recipient string `arg:"" help:"Address of the recipient; \"\" for everybody without a policy of their own."`
}

func (c *policyShowCmd) Run() error {
	set, err := c.load()
	if err != nil {
		return err
	}
	return set.For(c.Recipient).Explain(os.Stdout, time.Now())
}

// policySource says which policies are meant.
type policySource struct {
	Config string   `placeholder:"FILE" help:"Settings of the daemon, for its policy directory and brands."`
	Policy string   `placeholder:"DIR" help:"Policy directory, in place of the settings'; \"built-in\" for the built-in policy."`
	Brands []string `placeholder:"FILE" help:"Files of brands besides the built-in catalogue, with --policy."`
}

// load reads them.
func (s *policySource) load() (*policy.Set, error) {
	if s.Policy != "" {
		return loadPolicies(s.Policy, s.Brands)
	}
	if len(s.Brands) > 0 {
		return nil, usage{errors.New("--brands goes with --policy; the settings name brands themselves")}
	}
	cfg, err := settings(s.Config)
	if err != nil {
		return nil, err
	}
	return loadPolicies(cfg.Policy.Dir, cfg.Brands.Files)
}

type policyDiffCmd struct {
	Brands []string `placeholder:"FILE" help:"Files of brands besides the built-in catalogue."`
	Old    string   `arg:"" help:"Policy directory, or \"built-in\"."`
	New    string   `arg:"" help:"Policy directory, or \"built-in\"."`
}

func (c *policyDiffCmd) Run() error {
	before, err := loadPolicies(c.Old, c.Brands)
	if err != nil {
		return err
	}
	after, err := loadPolicies(c.New, c.Brands)
	if err != nil {
		return err
	}
	return policy.WriteDiff(os.Stdout, policy.Diff(before, after, time.Now()))
}

type policySchemaCmd struct{}

func (policySchemaCmd) Run() error {
	text, err := policy.Schema()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(text, '\n'))
	return err
}
