package main

import (
	"os"

	"github.com/alecthomas/kong"

	"sekisho/cmd/sekisho/completion"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (c *completionCmd) Run(k *kong.Kong) error {
	return completion.Write(os.Stdout, completion.Shell(c.Shell), k.Model)
}
