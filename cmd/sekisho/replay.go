package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sekisho/filter/proof"
	"sekisho/filter/replay"
	"sekisho/filter/replay/report"
)

type replayCmd struct {
	journalFlags `embed:""`

	Archives []string      `arg:"" optional:"" name:"archive" help:"Folder of .eml files, Maildir, mbox or message."`
	Facts    bool          `help:"Judge the decisions that the journal has, in place of archives."`
	Proof    string        `enum:"dns,header,none" default:"header" help:"Where proof comes from: header believes the topmost Authentication-Results field, none takes From as unproved, dns checks signatures and DMARC now."`
	Resolver string        `placeholder:"HOST:PORT" help:"Name server for --proof dns; the system's when not given."`
	Labels   string        `type:"existingfile" placeholder:"CSV" help:"What the messages truly are: columns file and kind (impersonation, spam, scam, legit, ham ...), perhaps brand and group."`
	Policy   string        `placeholder:"DIR" help:"Policy folder that judges; when not given the settings' with --facts, else the built-in default."`
	Against  string        `placeholder:"DIR" help:"Policy folder to compare with, or built-in: tells which verdicts change. With --facts also recorded, the verdicts of then, which is its default."`
	Brands   []string      `sep:"none" placeholder:"FILE" help:"Brand catalogue file beside the embedded ones; may be repeated."`
	List     []string      `sep:"none" placeholder:"FILE" help:"List of senders and links that phishing used; may be repeated."`
	Rcpt     string        `placeholder:"ADDR" help:"Judge by the policy of this recipient; the default policy when not given."`
	JSON     string        `name:"json" placeholder:"OUT" help:"Write one JSON object a message, with --facts a recipient, to this file; - is standard output, and the table goes to standard error."`
	HTML     string        `name:"html" placeholder:"REPORT" help:"Write a report with plots and explanations to this file."`
	Resume   string        `placeholder:"STATE" help:"Keep what is judged in this file, and go on from it when it exists."`
	Timeout  time.Duration `default:"30s" help:"Time limit for one message."`
}

func (c *replayCmd) Run() error {
	switch {
	case c.Facts:
		return c.replayFacts()
	case len(c.Archives) == 0:
		return usage{errors.New("name an archive, or --facts for the decisions of the last days")}
	case c.journalFlags != journalFlags{}:
		return usage{errors.New("--config, --journal, --since and --domain go with --facts")}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	opt := replay.Options{
		Source: proof.Source(c.Proof), Resolver: c.Resolver, Policies: c.Policy, Against: c.Against, Brands: c.Brands, Lists: c.List,
		Recipient: c.Rcpt, Timeout: c.Timeout, State: c.Resume,
		Progress: &replay.Progress{Out: os.Stderr, Live: terminal(os.Stderr)},
	}
	if c.Labels != "" {
		labels, err := replay.ReadLabels(c.Labels)
		if err != nil {
			return usage{err}
		}
		opt.Labels = labels
	}
	var summary *replay.Summary
	err := writing(c.JSON, func(w io.Writer) (err error) {
		opt.JSON = w
		summary, err = replay.Run(ctx, opt, c.Archives)
		return err
	})
	if summary == nil {
		return usage{err}
	}
	if ctx.Err() != nil && c.Resume != "" {
		err = fmt.Errorf("interrupted; the same command goes on from %s", c.Resume)
	}
	return errors.Join(err, summary.WriteTable(tableFor(c.JSON)), writing(c.HTML, func(w io.Writer) error {
		if w == nil {
			return nil
		}
		return report.Write(w, summary, time.Now())
	}))
}

// writing hands do a buffered file to write to: standard output for "-", nil for
// "".
func writing(path string, do func(io.Writer) error) (err error) {
	file := os.Stdout
	switch path {
	case "":
		return do(nil)
	case "-":
	default:
		if file, err = os.Create(path); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
	}
	w := bufio.NewWriter(file)
	return errors.Join(do(w), w.Flush())
}

// terminal reports whether f is a terminal that a line can be drawn on.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
