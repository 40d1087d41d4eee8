package budget

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// WriteTable writes entries for people.
func WriteTable(w io.Writer, entries []Entry) error {
	if len(entries) == 0 {
		_, err := fmt.Fprintln(w, "no false alarms")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "POLICY\tFINDING\tFALSE ALARMS\tBUDGET\tSTATE\tLOOKED")
	for _, e := range entries {
		state, looked := "in full", "-"
		if !e.Down.IsZero() {
			state = "stepped down " + e.Down.UTC().Format(time.DateOnly)
		}
		if !e.Looked.IsZero() {
			looked = e.Looked.UTC().Format(time.DateOnly)
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d in %d days\t%s\t%s\n", e.Policy, e.Finding, e.FalseAlarms, e.Budget, e.Days, state, looked)
	}
	return t.Flush()
}
