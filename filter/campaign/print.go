package campaign

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// WriteTable writes incidents for people.
func WriteTable(w io.Writer, incidents []Incident, now time.Time) error {
	if len(incidents) == 0 {
		_, err := fmt.Fprintln(w, "no incidents")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tKIND\tSTATE\tRAISED\tLAST\tMESSAGES\tRECIPIENTS\tBRANDS\tORGANISATIONS")
	for i := range incidents {
		n := &incidents[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", n.ID, n.Kind, n.state(now), stamp(n.Raised), stamp(n.Last),
			n.Messages, n.Recipients, strings.Join(n.Brands, ","), strings.Join(n.Orgs, ","))
	}
	return t.Flush()
}

func (i *Incident) state(now time.Time) string {
	if i.Open(now) {
		return "open"
	}
	return "over"
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// Became is what became of one message, as the journal knows it.
type Became struct {
	Outcomes []string // "quarantine 38"; nil where nothing is recorded
	Stored   string   // quarantine entry; "" when nothing is held
}

// Write tells one incident. became says what became of the message of a trace.
func (i *Incident) Write(w io.Writer, now time.Time, became func(trace string) (Became, error)) error {
	what := map[Kind]string{
		Account: "one authenticated organisation suddenly claims brands to many recipients: its account is probably broken into",
		Many:    "several unrelated authenticated organisations make the same claim within an hour",
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "incident\t%s (%s), %s\n", i.ID, i.Kind, i.state(now))
	fmt.Fprintf(t, "what\t%s\n", what[i.Kind])
	fmt.Fprintf(t, "brands\t%s\n", strings.Join(i.Brands, ", "))
	fmt.Fprintf(t, "from\t%s\n", strings.Join(i.Orgs, ", "))
	if i.Links != "" {
		fmt.Fprintf(t, "links\t%s\n", i.Links)
	}
	fmt.Fprintf(t, "time\tfirst %s, raised %s, last %s (UTC)\n", stamp(i.First), stamp(i.Raised), stamp(i.Last))
	fmt.Fprintf(t, "size\t%d messages to %d recipients, %d of them up to the alarm\n\n", i.Messages, i.Recipients, i.Before)
	fmt.Fprintln(t, "TRACE\tWHEN\tVERDICTS\tHELD AS")
	for n, trace := range i.Traces {
		b, err := became(trace)
		if err != nil {
			return err
		}
		when, outcomes := "later", "not recorded"
		if n < i.Before {
			when = "earlier"
		}
		if len(b.Outcomes) > 0 {
			outcomes = strings.Join(b.Outcomes, ", ")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", trace, when, outcomes, b.Stored)
	}
	if more := i.Messages - len(i.Traces); more > 0 {
		fmt.Fprintf(t, "and %d more\n", more)
	}
	return t.Flush()
}
