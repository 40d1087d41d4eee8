package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// Check is work that may be left out under load. Proofs and the claims of From and
// Subject are none: without them there is no judgement.
type Check string

const (
	Shadow    Check = "shadow"    // what candidate policies say
	Documents Check = "documents" // links in PDF documents
	Pictures  Check = "pictures"  // QR codes in pictures
)

// Checks is the closed list.
func Checks() []Check { return []Check{Shadow, Documents, Pictures} }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Check) UnmarshalText(text []byte) error { return word(c, text, Checks()...) }

// checks is what may be left out, in this order.
type checks []Check

// UnmarshalValue implements strictyaml.Unmarshaler.
func (c *checks) UnmarshalValue(v strictyaml.Value) {
	var list []Check
	if !v.Decode(&list) {
		return
	}
	for i, name := range list {
		if slices.Contains(list[:i], name) {
			v.Errorf("shed: %s is named twice", name)
			return
		}
	}
	*c = list
}

// String returns the list as a policy file writes it.
func (c checks) String() string {
	names := make([]string, len(c))
	for i, name := range c {
		names[i] = string(name)
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// margin is the number of points that what nobody looked at may have been worth; 0
// is off.
type margin int

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *margin) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*m = 0
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > maxThreshold {
		return fmt.Errorf("wants from 1 to %d points, or off; has %q", maxThreshold, text)
	}
	*m = margin(n)
	return nil
}

// String returns the margin as a policy file writes it.
func (m margin) String() string { return threshold(m).String() }

// MayShed returns which of the first checks of every recipient's list may be left
// out for a message to all of them; steps says how many are the first. Nobody's
// message is looked at less than their policy says.
func (s *Set) MayShed(recipients []string, steps int) []Check {
	if steps <= 0 {
		return nil
	}
	var may []Check
	var before *Policy
	for i, rcpt := range recipients {
		p := s.For(rcpt)
		if p == before {
			continue
		}
		before = p
		list := p.Fail.Shed.Value
		list = list[:min(len(list), steps)]
		if i == 0 {
			may = slices.Clone(list)
			continue
		}
		may = slices.DeleteFunc(may, func(c Check) bool { return !slices.Contains(list, c) })
	}
	if len(recipients) == 0 {
		list := s.Default().Fail.Shed.Value
		may = slices.Clone(list[:min(len(list), steps)])
	}
	return may
}

// missed puts a message off that lacks so little to a graver verdict that what
// nobody looked at might have brought it. What was left out is no reason to hold or
// refuse, and none to let pass: the sender tries again, when there is less to do.
func (p *Policy) missed(d *Decision, findings []finding.Finding, firm int) {
	open := int(p.Fail.Margin.Value)
	if open == 0 || d.Verdict != Accept && d.Verdict != Tag || !finding.Has(findings, finding.ChecksShed) {
		return
	}
	if v, _ := p.Thresholds.verdict(d.Points+open, firm+open); v.Worse(d.Verdict) {
		d.Verdict, d.By, d.Where = Tempfail, finding.ChecksShed, where(p.Fail.Margin.Pos)
	}
}
