package replay

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/filter/record"
	"sekisho/policy"
)

// Outcome is what came of one message, as one line of JSON. The field names are
// an interface that other programs rely on: add, never rename.
type Outcome struct {
	File     string             `json:"file"`
	Label    *Label             `json:"label,omitempty"`
	Verdict  policy.Verdict     `json:"verdict"` // "" where Error says why
	Points   int                `json:"points"`
	By       finding.Name       `json:"by,omitempty"`
	Where    string             `json:"where,omitempty"`
	Brand    string             `json:"brand,omitempty"` // the catalogue id that it claims most
	From     string             `json:"from"`
	Subject  string             `json:"subject"`
	Proved   []string           `json:"proved"` // domains, "not aligned" behind those that prove no author
	Claims   []record.LineClaim `json:"claims"`
	Findings []Finding          `json:"findings"`
	Against  *Against           `json:"against,omitempty"`
	Error    string             `json:"error,omitempty"` // why it was not judged
}

// Finding is one finding with what the policy made of it.
type Finding struct {
	Name   finding.Name `json:"name"`
	Brand  string       `json:"brand,omitempty"`
	Points int          `json:"points"`
	Why    string       `json:"why"`
}

// Against is what the policy compared with says.
type Against struct {
	Verdict policy.Verdict `json:"verdict"`
	Points  int            `json:"points"`
	By      finding.Name   `json:"by,omitempty"`
}

// Caught reports whether a message was marked or worse.
func (o *Outcome) Caught() bool { return o.Verdict.Worse(policy.Accept) }

// Held reports whether a message was kept from its reader: quarantined or worse.
func (o *Outcome) Held() bool { return o.Verdict.Worse(policy.Tag) }

// ForClaim reports whether something about a brand weighed in the verdict.
func (o *Outcome) ForClaim() bool {
	return slices.ContainsFunc(o.Findings, func(f Finding) bool { return f.Brand != "" && f.Points > 0 })
}

// Changed reports whether the policy compared with judges otherwise.
func (o *Outcome) Changed() bool { return o.Against != nil && o.Against.Verdict != o.Verdict }

// tell makes the outcome of a decision.
func tell(file string, d *record.Decision) Outcome {
	decided := d.Heaviest()
	o := Outcome{
		File: file, Verdict: d.Verdict, Points: d.Points, By: decided.By, Where: decided.Where,
		Proved: []string{}, Claims: []record.LineClaim{}, Findings: []Finding{},
	}
	if m := d.Message; m != nil {
		o.Subject = cut(m.Subject.Shown)
		if len(m.From) > 0 {
			o.From = cut(fmt.Sprintf("%s <%s>", m.From[0].Name.Shown, m.From[0].Address))
		}
	}
	for _, id := range d.Proof.Identities {
		proved := id.Domain
		if !id.Aligned {
			proved += ", not aligned"
		}
		o.Proved = append(o.Proved, proved)
	}
	for _, c := range d.Claims {
		o.Claims = append(o.Claims, record.LineClaim{Brand: c.Brand, Place: c.Place, Strength: c.Strength, Seen: c.Seen, Folded: c.Folded})
	}
	for _, s := range decided.Scores {
		o.Findings = append(o.Findings, Finding{Name: s.Finding.Name, Brand: s.Finding.Brand, Points: s.Points, Why: s.Finding.Why})
	}
	o.Brand = mostClaimed(&o)
	return o
}

// Name sets Brand to what the findings and claims say.
func (o *Outcome) Name() { o.Brand = mostClaimed(o) }

// mostClaimed is the brand of the heaviest finding about one, else that of the
// strongest claim that is more than weak.
func mostClaimed(o *Outcome) string {
	best, points := "", -1
	for _, f := range o.Findings {
		if f.Brand != "" && f.Points > points {
			best, points = f.Brand, f.Points
		}
	}
	if best != "" {
		return best
	}
	for _, strength := range [...]claim.Strength{claim.Strong, claim.Medium} {
		for _, c := range o.Claims {
			if c.Strength == strength {
				return c.Brand
			}
		}
	}
	return ""
}

// cut returns at most maxShown bytes of s, ending at a rune edge.
func cut(s string) string {
	if len(s) <= maxShown {
		return s
	}
	n := maxShown
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
