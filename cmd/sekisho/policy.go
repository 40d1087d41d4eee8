package main

// policyCmd is the commands about policies, one file for each: policy_*.go.
type policyCmd struct {
	Promote policyPromoteCmd `cmd:"" help:"Make the candidate policies the live ones, in one step."`
}
