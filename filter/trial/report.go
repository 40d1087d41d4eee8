package trial

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"sekisho/filter/finding"
	"sekisho/policy"
	"sekisho/policy/strictyaml"
)

// Failed is that tests of a policy directory fail.
type Failed struct{ *strictyaml.Problems }

// Unwrap returns the failures, each with the place of the test.
func (f *Failed) Unwrap() error { return f.Problems }

// Err tells the tests that fail, as *Failed with what was expected and what came
// instead; nil when there are none. With lenient those count as passed that fail
// only because an entry has ended.
func (r *Report) Err(lenient bool) error {
	problems := &strictyaml.Problems{}
	for i := range r.Results {
		result := &r.Results[i]
		if result.OK() || lenient && result.Expired {
			continue
		}
		if len(problems.List) == maxTold {
			problems.More++
			continue
		}
		problems.List = append(problems.List, &strictyaml.Problem{Pos: result.Pos, Message: result.failure()})
	}
	if r.Left > 0 {
		problems.List = append(problems.List, &strictyaml.Problem{
			Message: fmt.Sprintf("%d of %d tests were not run: the time for all of them is %v", r.Left, r.Left+len(r.Results), r.Limit),
		})
	}
	if len(problems.List) == 0 {
		return nil
	}
	return &Failed{problems}
}

// failure tells why a test failed, in several lines.
func (r *Result) failure() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the test fails: %s", r.Name)
	if r.Problem != "" {
		b.WriteString("\n    " + r.Problem)
	}
	if r.Expired {
		b.WriteString("\n    it would pass if no forwarder and no exception had ended: give it a day (at), or take it out")
	}
	for i := range r.Outcomes {
		if o := &r.Outcomes[i]; len(o.Differences) > 0 {
			o.write(&b)
		}
	}
	return b.String()
}

// write tells what came of one recipient.
func (o *Outcome) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n    for %s", orAnybody(o.Recipient))
	for _, d := range o.Differences {
		fmt.Fprintf(b, "\n      %-9s expected %s, got %s", d.What, d.Want, d.Got)
	}
	fmt.Fprintf(b, "\n      %-9s %s", "decided", o.decided())
	fmt.Fprintf(b, "\n      %-9s %s", "findings", o.findings())
}

func orAnybody(rcpt string) string {
	if rcpt == "" {
		return "(any recipient)"
	}
	return rcpt
}

// decided says which line decided what.
func (o *Outcome) decided() string {
	d := &o.Got
	text := string(d.Verdict)
	if d.Observed != "" {
		text += " (would be " + string(d.Observed) + ")"
	}
	if d.By != "" {
		text += " by " + string(d.By)
	}
	if d.Where != "" {
		text += ", " + d.Where
	}
	text += fmt.Sprintf(", %d points, policy %s", d.Points, d.Policy)
	if d.Forwarder != nil {
		text += ", forwarder " + d.Forwarder.Where
	}
	for _, e := range d.Exceptions {
		text += ", exception " + e.Where
	}
	return text
}

// findings lists what the policy decided on, with its points.
func (o *Outcome) findings() string {
	weights := make(map[finding.Name]policy.Score, len(o.Got.Scores))
	for _, s := range o.Got.Scores {
		weights[s.Finding.Name] = s
	}
	var all []string
	for _, f := range o.Got.Findings {
		switch s, scored := weights[f.Name]; {
		case !scored:
			all = append(all, string(f.Name)+" (off)")
		case s.Action == policy.Observe:
			all = append(all, string(f.Name)+" (observed)")
		default:
			all = append(all, fmt.Sprintf("%s %+d", f.Name, s.Points))
		}
	}
	return orNothing(strings.Join(all, ", "))
}

// WriteText writes what failed, and with all what passed too, then the numbers.
func (r *Report) WriteText(w io.Writer, all bool) error {
	b := bufio.NewWriter(w)
	for i := range r.Results {
		result := &r.Results[i]
		if !result.OK() {
			fmt.Fprintf(b, "%s: %s\n", result.Pos.FileLine(), result.failure())
			continue
		}
		if !all {
			continue
		}
		fmt.Fprintf(b, "%s: passes: %s\n", result.Pos.FileLine(), result.Name)
		for j := range result.Outcomes {
			o := &result.Outcomes[j]
			fmt.Fprintf(b, "    %s: %s\n", orAnybody(o.Recipient), o.decided())
		}
	}
	passed, expired, failed := r.Count()
	fmt.Fprintf(b, "%d tests, %d failed", passed+expired+failed, expired+failed)
	if expired > 0 {
		fmt.Fprintf(b, " (%d because an entry has ended)", expired)
	}
	if r.Left > 0 {
		fmt.Fprintf(b, " (%d not run within %v)", r.Left, r.Limit)
	}
	b.WriteByte('\n')
	return b.Flush()
}

// The names below are an interface: programs read them.
type (
	jsonResult struct {
		File       string        `json:"file"`
		Line       int           `json:"line"`
		Name       string        `json:"name"`
		OK         bool          `json:"ok"`
		Problem    string        `json:"problem,omitempty"`
		Expired    bool          `json:"expired,omitempty"`
		Recipients []jsonOutcome `json:"recipients,omitempty"`
	}
	jsonOutcome struct {
		Recipient   string         `json:"recipient"`
		Verdict     policy.Verdict `json:"verdict"`
		Observed    policy.Verdict `json:"observed,omitempty"`
		By          finding.Name   `json:"by,omitempty"`
		Points      int            `json:"points"`
		Policy      string         `json:"policy"`
		Where       string         `json:"where,omitempty"`
		Findings    []finding.Name `json:"findings,omitempty"`
		Differences []Difference   `json:"differences,omitempty"`
	}
)

// WriteJSON writes one object a line for each test that was run.
func (r *Report) WriteJSON(w io.Writer) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	for i := range r.Results {
		result := &r.Results[i]
		out := jsonResult{
			File: result.Pos.File, Line: result.Pos.Line, Name: result.Name, OK: result.OK(), Problem: result.Problem, Expired: result.Expired,
		}
		for _, o := range result.Outcomes {
			j := jsonOutcome{
				Recipient: o.Recipient, Verdict: o.Got.Verdict, Observed: o.Got.Observed, By: o.Got.By, Points: o.Got.Points,
				Policy: o.Got.Policy, Where: o.Got.Where, Differences: o.Differences,
			}
			for _, f := range o.Got.Findings {
				j.Findings = append(j.Findings, f.Name)
			}
			out.Recipients = append(out.Recipients, j)
		}
		if err := enc.Encode(out); err != nil {
			return err
		}
	}
	return b.Flush()
}
