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

// WriteJSON writes one JSON object a line.
func WriteJSON(w io.Writer, items []Item) error {
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
			printable(it.Recipient), "<" + printable(it.Sender) + ">", printable(cmp.Or(it.Brand, "-")), printable(it.Why),
		}, "\t"))
	}
	return t.Flush()
}

// WriteDetails writes all that is known of each item, for people.
func WriteDetails(w io.Writer, items []Item) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, it := range items {
		if i > 0 {
			fmt.Fprintln(t)
		}
		for _, line := range [][2]string{
			{"id", it.ID}, {"state", string(it.State.shown())}, {"note", it.Note}, {"why", it.Why}, {"brand", it.Brand},
			{"verdict", it.Verdict + " by " + it.Cause + ", policy " + it.Policy},
			{"recipient", it.Recipient}, {"sender", "<" + it.Sender + "> " + strings.Join(it.SenderArgs, " ")},
			{"client", it.Client + " " + it.ClientName}, {"helo", it.Helo}, {"login", it.AuthUser}, {"queue id", it.QueueID},
			{"received", when(it.Received)}, {"stored", when(it.Stored)}, {"changed", when(it.Changed)},
			{"size", strconv.FormatInt(it.Size, 10) + " bytes"}, {"sha256", it.SHA256}, {"trace", it.Trace},
		} {
			if value := strings.TrimSpace(printable(line[1])); value != "" {
				fmt.Fprintf(t, "%s\t%s\n", line[0], value)
			}
		}
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

// printable is s with "?" for each character that is not to be seen as itself.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
