package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
)

// WriteTable writes reports for people, one a line. What comes from a message is shown
// without what a terminal acts on.
func WriteTable(w io.Writer, all []quarantine.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tMADE\tSTATE\tTO\tMESSAGES\tABOUT\tNOTE")
	for _, r := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", r.ID, r.Made.Local().Format("2006-01-02 15:04"), r.State, quarantine.Printable(r.Target), r.Items,
			quarantine.Printable(r.About), quarantine.Printable(r.Note))
	}
	return t.Flush()
}

// WritePreview writes what would leave, for people: the message as its reader has it
// as well, since base64 tells nobody whether somebody is named in it.
func WritePreview(w io.Writer, p Preview) error {
	_, err := fmt.Fprintf(w, "%s: %s, to %s\nSubject: %s\nHash for approve --sum: %s\n\n%s\n%s\n%s", p.Report.ID, p.Report.State, quarantine.Printable(p.Report.Target),
		quarantine.Printable(p.Subject), p.Sum, printableLines(p.Text), printableLines(p.Fields), printableLines(p.Evidence))
	if text := readable(p.Evidence); err == nil && text != "" {
		_, err = fmt.Fprintf(w, "\nThe text of the message, hidden text too:\n\n%s\n", printableLines(text))
	}
	return err
}

// readable is the text that a reader of a message sees; "" where there is none.
func readable(message string) string {
	h, body, err := mail.ReadFile(strings.NewReader(message))
	if err != nil || len(body) == 0 {
		return ""
	}
	var all []string
	m := mail.ParseWithout(h, body, mail.CheckPictures)
	for i := range m.Passages {
		if p := &m.Passages[i]; p.Kind != mail.PassageLink {
			all = append(all, p.Text)
		}
	}
	return strings.Join(all, "\n")
}

func printableLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = quarantine.Printable(l)
	}
	return strings.Join(lines, "\n")
}

// Meaning is a reason for people, in English.
func (r Reason) Meaning() string {
	switch r {
	case NoBrand:
		return "the message claims no brand of the catalogue"
	case NoAddress:
		return "the catalogue has no address for reports of this brand"
	case NoRecord:
		return "what the message was proved to be from is no longer on record"
	case NotProved:
		return "nobody is proved to have sent it"
	case IsPhisher:
		return "who is proved to have sent it is where its links lead, bears the brand's name, or is listed"
	case IsBrand:
		return "the brand itself is proved to have sent it"
	case SwitchedOff:
		return "by report.abuse this domain gets no reports"
	}
	return string(r)
}
