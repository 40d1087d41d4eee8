package policy

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Explain writes every effective value of the policy, as a policy file would set
// it, with the file and line it came from, and which entries have expired by now.
func (p *Policy) Explain(w io.Writer, now time.Time) error {
	if _, err := fmt.Fprintf(w, "# policy %s\n", p.title()); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for line := range p.Lines(now) {
		if line.Note != "" {
			line.Value += " # " + line.Note
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", line.Key, line.Value, line.Where)
	}
	return t.Flush()
}
