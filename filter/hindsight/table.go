package hindsight

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"sekisho/filter/replay"
	"sekisho/policy"
)

// WriteTable writes the summary for people.
func (s *Summary) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "decisions\t%d, for %d recipients", s.Decisions, s.Recipients)
	if s.Workers > 0 {
		fmt.Fprintf(t, ", judged in %s (%.0f a second, %d workers)", s.Took.Round(time.Millisecond), float64(s.Decisions)/max(s.Took.Seconds(), 1e-9), s.Workers)
	}
	fmt.Fprintln(t)
	if s.Decisions > 0 {
		fmt.Fprintf(t, "from\t%s to %s\n", s.First.Format(time.RFC3339), s.Last.Format(time.RFC3339))
	}
	fmt.Fprintf(t, "was\t%s\nis\t%s\n", replay.Printable(s.Was), replay.Printable(s.Is))
	if s.Unread > 0 {
		fmt.Fprintf(t, "not read\t%d decisions; the first: %s\n", s.Unread, replay.Printable(s.Problem))
	}
	if s.Nameless > 0 {
		fmt.Fprintf(t, "nameless\t%d decisions were recorded without addresses and texts; rules on those are not judged\n", s.Nameless)
	}
	fmt.Fprintf(t, "changed\t%d verdicts%s\n", s.Changed, share(s.Changed, s.Recipients))
	if s.Shifted > 0 {
		fmt.Fprintf(t, "shifted\t%d more have the same verdict by other points or another finding\n", s.Shifted)
	}
	s.matrix(t)
	rows(t, "recipient domain", s.Domains)
	rows(t, "decided by", s.Causes)
	s.list(t)
	return t.Flush()
}

func share(n, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.2f %%)", 100*float64(n)/float64(of))
}

// matrix shows what became of each verdict; those that never were are left out.
func (s *Summary) matrix(w io.Writer) {
	if s.Recipients == 0 {
		return
	}
	fmt.Fprint(w, "\nwas \\ is")
	for _, is := range policy.Verdicts() {
		fmt.Fprintf(w, "\t%s", is)
	}
	fmt.Fprintln(w)
	for _, was := range policy.Verdicts() {
		line, all := string(was), 0
		for _, is := range policy.Verdicts() {
			n := s.Moves[Move{was, is}]
			all += n
			line += fmt.Sprintf("\t%d", n)
		}
		if all > 0 {
			fmt.Fprintln(w, line)
		}
	}
}

// rows writes a table with the names at the end of its lines: a terminal shows
// Japanese letters twice as wide as the table is laid out for.
func rows(w io.Writer, name string, list []Row) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\nchanged\t%s\thow\n", name)
	for i, r := range list {
		if i == tableRows {
			fmt.Fprintf(w, "and %d more\n", len(list)-tableRows)
			return
		}
		fmt.Fprintf(w, "%d\t%s\t%s\n", r.Changed, replay.Printable(cmp.Or(r.Name, "(none)")), moves(r.Moves))
	}
}

// moves tells differences, the most frequent first.
func moves(m map[Move]int) string {
	list := make([]Move, 0, len(m))
	for move := range m {
		list = append(list, move)
	}
	slices.SortFunc(list, func(a, b Move) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a.Was, b.Was), cmp.Compare(a.Is, b.Is))
	})
	words := make([]string, len(list))
	for i, move := range list {
		words[i] = fmt.Sprintf("%s -> %s %d", move.Was, move.Is, m[move])
	}
	return strings.Join(words, ", ")
}

// list shows some differences, each with its reason.
func (s *Summary) list(w io.Writer) {
	if s.Changed == 0 {
		return
	}
	// The first of each kind tell more than the first of all.
	fmt.Fprintf(w, "\nwas\tis\ttrace\tqueue id\tby\trecipient\n")
	shown := s.sample()
	for _, l := range shown {
		fmt.Fprintf(w, "%s (%d)\t%s (%d)\t%s\t%s\t%s\t%s\n", l.Was.Verdict, l.Was.Points, l.Is.Verdict, l.Is.Points,
			replay.Printable(l.Trace), replay.Printable(l.QueueID), l.decided(), replay.Printable(l.Rcpt))
		place := cmp.Or(l.Is.Where, l.Was.Where)
		fmt.Fprintf(w, "\t\t%s: %s\n", replay.Printable(place), replay.Printable(cut(l.Why)))
	}
	if s.Changed > len(shown) {
		fmt.Fprintf(w, "and %d more\n", s.Changed-len(shown))
	}
}

// sample picks listed differences in turn from each kind of move.
func (s *Summary) sample() []Line {
	var order []Move
	kinds := map[Move][]Line{}
	for _, l := range s.Listed {
		move := Move{l.Was.Verdict, l.Is.Verdict}
		if kinds[move] == nil {
			order = append(order, move)
		}
		kinds[move] = append(kinds[move], l)
	}
	var out []Line
	for n := 0; len(out) < min(samples, len(s.Listed)); n++ {
		for _, move := range order {
			if n < len(kinds[move]) && len(out) < samples {
				out = append(out, kinds[move][n])
			}
		}
	}
	return out
}

func cut(s string) string {
	if len(s) <= maxWhy {
		return s
	}
	n := maxWhy
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
