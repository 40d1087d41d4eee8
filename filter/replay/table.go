package replay

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"sekisho/policy"
)

// tableRows is the number of rows that a table for a terminal shows of a long list.
const tableRows = 20

// WriteTable writes the summary for people.
func (s *Summary) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "judged\t%d messages in %s (%.0f a second, %d workers)\n", s.Judged, s.Took.Round(time.Millisecond), s.Speed(), s.Workers)
	if s.Resumed > 0 {
		fmt.Fprintf(t, "resumed\t%d of them were judged before\n", s.Resumed)
	}
	if s.Unread > 0 {
		fmt.Fprintf(t, "not judged\t%d messages\n", s.Unread)
	}
	for _, v := range policy.Verdicts() {
		fmt.Fprintf(t, "%s\t%d\t%s\n", v, s.Verdicts[v], percent(s.Verdicts[v], s.Judged))
	}
	if s.Against != "" {
		fmt.Fprintf(t, "changed\t%d verdicts, held against %s\n", s.Changes.All, s.Against)
	}
	if s.Labelled > 0 {
		fmt.Fprintf(t, "\nimpersonations tagged or worse\t%s\n", s.Tagged)
		fmt.Fprintf(t, "impersonations held (recall)\t%s\n", s.Recall)
		fmt.Fprintf(t, "honest mail held for a claim\t%s\n", s.FalseAlarm)
		fmt.Fprintf(t, "precision of held for a claim\t%s\n", s.Precision)
		rows(t, "kind", s.Kinds)
		rows(t, "group", s.Groups)
	}
	rows(t, "claimed brand", s.Claims)
	s.changes(t)
	return t.Flush()
}

// Speed is the number of messages judged in a second of this run.
func (s *Summary) Speed() float64 {
	return float64(s.Judged-s.Resumed) / max(s.Took.Seconds(), 1e-9)
}

// rows writes a table with the names at the end of its lines: a terminal shows
// Japanese letters twice as wide as the table is laid out for.
func rows(w io.Writer, name string, list []Row) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\nall\taccept\ttag\theld\trecall\t%s\n", name)
	for i, r := range list {
		if i == tableRows {
			fmt.Fprintf(w, "and %d more\n", len(list)-tableRows)
			return
		}
		recall := ""
		if r.Recall.Known() {
			recall = fmt.Sprintf("%.1f %%", 100*r.Recall.Share())
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%s\t%s\n", r.All, r.Verdicts[policy.Accept], r.Verdicts[policy.Tag], r.Verdicts.Held(), recall, Printable(r.Name))
	}
}

func (s *Summary) changes(w io.Writer) {
	if s.Changes.All == 0 {
		return
	}
	fmt.Fprintf(w, "\nwas\tis\tby\tchanged\n")
	for i, o := range s.Changes.Outcomes {
		if i == tableRows {
			fmt.Fprintf(w, "and %d more\n", s.Changes.All-tableRows)
			return
		}
		fmt.Fprintf(w, "%s (%d)\t%s (%d)\t%s\t%s\n", o.Against.Verdict, o.Against.Points, o.Verdict, o.Points, o.By, Printable(o.File))
	}
}

func percent(n, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}

// Printable keeps file names and labels from moving a terminal's cursor, adding
// cells or lines.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, s)
}
