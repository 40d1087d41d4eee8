package hindsight

import (
	"strings"
	"time"

	"sekisho/filter/finding"
	"sekisho/filter/journal"
	"sekisho/policy"
)

// Line is one recipient of one stored decision, as one line of JSON. The field
// names are an interface that other programs rely on: add, never rename.
type Line struct {
	Time    time.Time `json:"time"`
	Trace   string    `json:"trace"`
	QueueID string    `json:"queue_id,omitempty"`
	Rcpt    string    `json:"rcpt"`
	From    string    `json:"from_domain,omitempty"`
	Was     Judgement `json:"was"`
	Is      Judgement `json:"is"`
	Changed bool      `json:"changed"` // the verdict is another one
	Why     string    `json:"why,omitempty"`
}

// Judgement is what a policy says.
type Judgement struct {
	Policy  string         `json:"policy"`
	Verdict policy.Verdict `json:"verdict"`
	Points  int            `json:"points"`
	By      finding.Name   `json:"by,omitempty"`
	Where   string         `json:"where,omitempty"`

	Observed policy.Verdict `json:"observed,omitempty"` // not carried out, because the policy only observes
}

func recorded(o journal.Outcome) Judgement { return Judgement(o) }

func judged(d *policy.Decision) Judgement {
	return Judgement{Policy: d.Policy, Verdict: d.Verdict, Points: d.Points, By: d.By, Where: d.Where, Observed: d.Observed}
}

// decided is the finding that made the difference: the one by which the new
// verdict came about, or that the old one has lost.
func (l *Line) decided() finding.Name {
	if l.Is.By != "" && (l.Is.Verdict.Worse(l.Was.Verdict) || l.Was.By == "") {
		return l.Is.By
	}
	if l.Was.By != "" {
		return l.Was.By
	}
	return l.Is.By
}

// why is the reason of the finding that decided, in the words of the facts.
func why(found []finding.Finding, name finding.Name) string {
	for _, f := range found {
		if f.Name == name && f.Why != "" {
			return f.Why
		}
	}
	return ""
}

// domain is what stands behind the last @ of an address, in lower case.
func domain(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
