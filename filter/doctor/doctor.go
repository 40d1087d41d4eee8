package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/gate"
)

// State is what came of one check. The words are an interface.
type State string

const (
	OK      State = "ok"
	Warning State = "warning" // works, and could be better
	Bad     State = "bad"     // has to be mended
	Skipped State = "skipped" // there was nothing to look at
)

// Result is one thing that was looked at. As JSON its field names are an
// interface: add, never rename.
type Result struct {
	Check string `json:"check"`
	State State  `json:"state"`
	What  string `json:"what"`          // is the case
	Fix   string `json:"fix,omitempty"` // what to do about it
}

// Options say what is looked at.
type Options struct {
	Config   string             // settings file; "" is the defaults
	Postconf string             // program; "" is looked for
	Now      func() time.Time   // nil: time.Now
	Detail   func(error) string // tells an error in full; nil: its own text
}

// examination is one run of all checks.
type examination struct {
	opt     Options
	cfg     config.Config
	set     *gate.Set // what the files say now; nil when they are broken
	results []Result
}

// Examine does all checks, in the order of a message's way.
func Examine(ctx context.Context, opt Options) []Result {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Detail == nil {
		opt.Detail = error.Error
	}
	e := &examination{opt: opt}
	if !e.settings() {
		return e.results
	}
	for _, check := range []func(context.Context){e.policies, e.dns, e.daemon, e.sockets, e.admin, e.postfix, e.clock, e.disk, e.journal, e.quarantine, e.permissions} {
		check(ctx)
	}
	return e.results
}

func (e *examination) add(check string, s State, what, fix string) {
	e.results = append(e.results, Result{check, s, what, fix})
}

// Count returns how many results have a state.
func Count(results []Result, s State) int {
	n := 0
	for _, r := range results {
		if r.State == s {
			n++
		}
	}
	return n
}

// Write tells results to a person: what is bad and what to do is not to be missed.
func Write(w io.Writer, results []Result) error {
	for _, r := range results {
		mark := map[State]string{OK: "ok     ", Warning: "WARNING", Bad: "BAD    ", Skipped: "-      "}[r.State]
		if _, err := fmt.Fprintf(w, "%s  %-11s %s\n", mark, r.Check, indented(r.What)); err != nil {
			return err
		}
		if r.Fix == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%21s-> %s\n", "", indented(r.Fix)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%d bad, %d warnings, %d ok, %d skipped\n", Count(results, Bad), Count(results, Warning), Count(results, OK), Count(results, Skipped))
	return err
}

// indented keeps the lines of a text under its first one.
func indented(s string) string {
	return strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n"+strings.Repeat(" ", 21))
}

// WriteJSON writes one object a line.
func WriteJSON(w io.Writer, results []Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range results {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}
