package policy

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// longValue is the length from which on a value stands on a line of its own.
const longValue = 48

// Explain writes every effective value of the policy, as a policy file would set
// it, with the file and line it came from, and which entries have expired by now.
func (p *Policy) Explain(w io.Writer, now time.Time) error {
	if _, err := fmt.Fprintf(w, "# policy %s\n", p.title()); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var long []Line
	for line := range p.Lines(now) {
		if len(line.Value) > longValue {
			long = append(long, line)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", line.Key, line.Value, line.Where)
	}
	for _, line := range long {
		note := ""
		if line.Note != "" {
			note = " (" + line.Note + ")"
		}
		fmt.Fprintf(t, "%s%s %s\n    %s\n", line.Key, note, line.Where, line.Value)
	}
	return t.Flush()
}
