package quarantine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// WriteJSON writes one JSON object a line: items, or counts of feedback.
func WriteJSON[T any](w io.Writer, items []T) error {
	enc := json.NewEncoder(w)
	for _, it := range items {
		if err := enc.Encode(it); err != nil {
			return err
		}
	}
	return nil
}

// WriteTable writes items for people, one a line. What comes from a message is
// shown without controls and without characters that change the direction of
// writing: a terminal acts on them.
func WriteTable(w io.Writer, items []Item) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTORED\tSTATE\tRECIPIENT\tSENDER\tBRAND\tWHY")
	for _, it := range items {
		fmt.Fprintln(t, strings.Join([]string{
			it.ID, it.Stored.Local().Format("2006-01-02 15:04"), string(it.State.shown()),
			Printable(cmp.Or(it.Recipient, "-")), it.from(), Printable(cmp.Or(it.Brand, "-")), Printable(cmp.Or(it.Why, it.Note)),
		}, "\t"))
	}
	return t.Flush()
}

// from is the reverse-path, unless it is forgotten.
func (it *Item) from() string {
	if it.Sender == "" && it.State == Erased {
		return "-"
	}
	return "<" + Printable(it.Sender) + ">"
}

// WriteDetails writes all that is known of each item, for people.
func WriteDetails(w io.Writer, items []Item) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, it := range items {
		if i > 0 {
			fmt.Fprintln(t)
		}
		said := make([]string, len(it.Feedback))
		for i, f := range it.Feedback {
			said[i] = string(f.Kind) + " by " + f.By + " " + when(f.At)
		}
		for _, line := range [][2]string{
			{"id", it.ID}, {"state", string(it.State.shown())}, {"note", it.Note}, {"why", it.Why}, {"brand", it.Brand},
			{"verdict", it.Verdict + " by " + it.Cause + ", policy " + it.Policy},
			{"findings", words(it.Findings)}, {"feedback", strings.Join(said, ", ")},
			{"recipient", it.Recipient}, {"sender", it.from() + " " + strings.Join(it.SenderArgs, " ")},
			{"client", it.Client + " " + it.ClientName}, {"helo", it.Helo}, {"login", it.AuthUser}, {"queue id", it.QueueID},
			{"received", when(it.Received)}, {"stored", when(it.Stored)}, {"changed", when(it.Changed)},
			{"kept until", when(it.Expires)}, {"may release", words(it.Release)},
			{"size", strconv.FormatInt(it.Size, 10) + " bytes"}, {"sha256", it.SHA256}, {"trace", it.Trace},
		} {
			if value := strings.TrimSpace(Printable(line[1])); value != "" {
				fmt.Fprintf(t, "%s\t%s\n", line[0], value)
			}
		}
	}
	return t.Flush()
}

func words[S ~string](list []S) string {
	var b strings.Builder
	for i, w := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// WriteFeedback writes counts for people: one line for each finding and policy.
func WriteFeedback(w io.Writer, counts []FeedbackCount) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FINDING\tPOLICY\tRELEASED\tNOT PHISHING\tPHISHING")
	for len(counts) > 0 {
		first, said := counts[0], map[Kind]int{}
		for len(counts) > 0 && counts[0].Finding == first.Finding && counts[0].Policy == first.Policy {
			said[counts[0].Kind] = counts[0].Items
			counts = counts[1:]
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\n", Printable(first.Finding), Printable(first.Policy),
			said[KindReleased], said[KindNotPhishing], said[KindPhishing])
	}
	return t.Flush()
}

// shown is the state in words that say what to do.
func (s State) shown() State {
	if s == Releasing {
		return "pending"
	}
	return s
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.RFC3339)
}

// Printable is s with "?" for each character that is not to be seen as itself.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
