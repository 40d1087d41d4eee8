package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"sekisho/filter/replay"
	"sekisho/policy"
)

//go:embed report.html
var page string

// Limits of the report.
const (
	maxRows   = 200 // of a table
	maxClaims = 8   // told of a message
)

// Write writes the report. The time is that which the report tells as its own.
func Write(w io.Writer, s *replay.Summary, now time.Time) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"number":  func(v replay.Verdicts, word string) int { return v[policy.Verdict(word)] },
		"percent": percent,

		"class":    class,
		"claims":   func(o replay.Outcome) []string { return claims(&o) },
		"archives": func(list []string) string { return strings.Join(list, ", ") },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := t.Execute(w, newView(s, now)); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// view is what the page shows.
type view struct {
	*replay.Summary
	Now       string
	Verdicts  []slice
	Histogram histogram
	Rates     []rate
	Tables    []table
	Lists     []list
}

// table is one table of counts.
type table struct {
	Title, About, Head string
	Rows               []replay.Row
	Labelled           bool // the columns of recall and false alarms make sense
	More               int
}

// list is one list of messages.
type list struct {
	Title, About string
	replay.List
}

func newView(s *replay.Summary, now time.Time) view {
	return view{
		Summary: s, Now: now.Format("2006-01-02 15:04 MST"),
		Verdicts: slices(s), Histogram: newHistogram(s), Rates: rates(s), Tables: tables(s), Lists: lists(s),
	}
}

func tables(s *replay.Summary) []table {
	var all []table
	add := func(t table) {
		if len(t.Rows) > 0 {
			t.Rows, t.More = first(maxRows, t.Rows), max(len(t.Rows)-maxRows, 0)
			all = append(all, t)
		}
	}
	add(table{Title: "Kinds", About: "By what the labels say the messages are.", Head: "kind", Rows: s.Kinds, Labelled: true})
	add(table{Title: "Groups", About: "By the groups of the labels.", Head: "group", Rows: s.Groups, Labelled: true})
	add(table{Title: "Brands claimed", About: "By the brand that a message claims most, as sekisho reads it.", Head: "brand", Rows: s.Claims, Labelled: s.Labelled > 0})
	add(table{Title: "Brands labelled", About: "By the brand that the label names.", Head: "brand", Rows: s.Named, Labelled: true})
	return all
}

func lists(s *replay.Summary) []list {
	var all []list
	add := func(title, about string, l replay.List) {
		if l.All > 0 {
			all = append(all, list{title, about, l})
		}
	}
	add("False alarms", "Honest by their labels, and held for a brand claim.", s.Alarms)
	add("Misses", "Impersonations by their labels that were not held.", s.Misses)
	add("Changes", "Messages that the policy compared with judges otherwise.", s.Changes)
	add("Held without a label", "Look here for mail that should have gone through.", s.Holds)
	add("Not judged", "Files that could not be read.", s.Errors)
	return all
}

// class is the colour of a verdict.
func class(v policy.Verdict) string {
	switch v {
	case policy.Accept, policy.Tag, policy.Quarantine, policy.Reject, policy.Tempfail:
		return string(v)
	}
	return "none"
}

func claims(o *replay.Outcome) []string {
	var told []string
	for _, c := range first(maxClaims, o.Claims) {
		told = append(told, fmt.Sprintf("%s in %s, %s: “%s”", c.Brand, c.Place, c.Strength, c.Seen))
	}
	return told
}

func first[T any](n int, list []T) []T { return list[:min(n, len(list))] }

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
