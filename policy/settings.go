package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"sekisho/policy/strictyaml"
)

// settings is the content of a policy file, and at once the effective policy: a
// file is read over a copy of the layer below, so that what it leaves out stays
// and every value knows the line it came from.
type settings struct {
	Subdomains strictyaml.Located[bool]       `yaml:"subdomains"`
	Thresholds thresholds                     `yaml:"thresholds"`
	Findings   rules                          `yaml:"findings"`
	Tag        tagging                        `yaml:"tag"`
	Quarantine quarantine                     `yaml:"quarantine"`
	Trusted    strictyaml.Located[forwarders] `yaml:"forwarders"`
	Fail       failing                        `yaml:"fail"`
}

// thresholds are the sums of points from which on a verdict holds.
type thresholds struct {
	Tag        strictyaml.Located[threshold] `yaml:"tag"`
	Quarantine strictyaml.Located[threshold] `yaml:"quarantine"`
	Reject     strictyaml.Located[threshold] `yaml:"reject"`
}

type tagging struct {
	SubjectPrefix strictyaml.Located[prefix] `yaml:"subject_prefix"`
}

type quarantine struct {
	Mode strictyaml.Located[Mode] `yaml:"mode"`
}

type failing struct {
	DNS strictyaml.Located[onFailure] `yaml:"dns"`
}

// threshold is a number of points; 0 is off.
type threshold int

// UnmarshalValue implements strictyaml.Unmarshaler.
func (t *threshold) UnmarshalValue(v strictyaml.Value) {
	word, ok := v.Text()
	switch {
	case ok && word == "off":
		*t = 0
		return
	case ok && !v.Quoted() && strings.Trim(word, "-0123456789") != "":
		v.Wants("a number of points, or off")
		return
	}
	var points int
	if !v.Decode(&points) {
		return
	}
	if points < 1 || points > maxThreshold {
		v.Errorf("a threshold is from 1 to %d points, or off; has %d", maxThreshold, points)
		return
	}
	*t = threshold(points)
}

// String returns the threshold as a policy file writes it.
func (t threshold) String() string {
	if t == 0 {
		return "off"
	}
	return strconv.Itoa(int(t))
}

// reached reports whether points bring the threshold's verdict.
func (t threshold) reached(points int) bool { return t > 0 && points >= int(t) }

// above reports whether both thresholds are on and t takes more points than o.
func (t threshold) above(o threshold) bool { return o > 0 && t > o }

// Mode says where a quarantined message is kept.
type Mode string

const (
	Store Mode = "store" // in our own quarantine
	Hold  Mode = "hold"  // in the MTA's hold queue
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Mode) UnmarshalText(text []byte) error {
	switch Mode(text) {
	case Store, Hold:
		*m = Mode(text)
		return nil
	}
	return fmt.Errorf("wants store or hold, has %q", text)
}

// onFailure says what to do when a look-up failed for the moment.
type onFailure string

const (
	failTempfail onFailure = "tempfail" // do not quarantine or reject on half the facts
	failContinue onFailure = "continue" // decide with what is known
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *onFailure) UnmarshalText(text []byte) error {
	switch onFailure(text) {
	case failTempfail, failContinue:
		*f = onFailure(text)
		return nil
	}
	return fmt.Errorf("wants tempfail or continue, has %q", text)
}

// prefix is text put before a subject.
type prefix string

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *prefix) UnmarshalText(text []byte) error {
	for _, r := range string(text) {
		if unicode.IsControl(r) {
			return fmt.Errorf("a subject prefix has no control characters, has %U", r)
		}
	}
	if len(text) > maxPrefix {
		return fmt.Errorf("a subject prefix has at most %d bytes, has %d", maxPrefix, len(text))
	}
	*p = prefix(text)
	return nil
}

// check tells thresholds that contradict each other. Pairs that both come from a
// layer below have been told there.
func (s *settings) check(doc *strictyaml.Document) {
	type named struct {
		name string
		at   strictyaml.Located[threshold]
	}
	list := []named{{"tag", s.Thresholds.Tag}, {"quarantine", s.Thresholds.Quarantine}, {"reject", s.Thresholds.Reject}}
	for i, low := range list {
		for _, high := range list[i+1:] {
			if !low.at.Value.above(high.at.Value) {
				continue
			}
			pos := high.at.Pos
			if pos.File != doc.File() {
				pos = low.at.Pos
			}
			if pos.File != doc.File() {
				continue
			}
			doc.Errorf(pos, "thresholds: %s (%s, %s) is above %s (%s, %s); a graver verdict needs as many points or more",
				low.name, low.at.Value, low.at.Pos.FileLine(), high.name, high.at.Value, high.at.Pos.FileLine())
		}
	}
}
