package policy

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"sekisho/policy/strictyaml"
)

// Explain writes every effective value of the policy, as a policy file would set
// it, with the file and line it came from, and which forwarders have expired by
// now.
func (p *Policy) Explain(w io.Writer, now time.Time) error {
	if _, err := fmt.Fprintf(w, "# policy %s\n", p.name); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(key, value string, pos strictyaml.Pos) {
		fmt.Fprintf(t, "%s\t%s\t%s\n", key, value, pos.FileLine())
	}
	if p.Subdomains.Set() {
		line("subdomains", strconv.FormatBool(p.Subdomains.Value), p.Subdomains.Pos)
	}
	line("thresholds.tag", p.Thresholds.Tag.Value.String(), p.Thresholds.Tag.Pos)
	line("thresholds.quarantine", p.Thresholds.Quarantine.Value.String(), p.Thresholds.Quarantine.Pos)
	line("thresholds.reject", p.Thresholds.Reject.Value.String(), p.Thresholds.Reject.Pos)
	for i, name := range p.Findings.words.names {
		r := p.Findings.list[i]
		line("findings."+name, r.String(), r.pos)
	}
	line("tag.subject_prefix", strconv.Quote(p.SubjectPrefix()), p.Tag.SubjectPrefix.Pos)
	line("quarantine.mode", string(p.QuarantineMode()), p.Quarantine.Mode.Pos)
	if len(p.Trusted.Value) == 0 {
		line("forwarders", "[]", p.Trusted.Pos)
	}
	for i := range p.Trusted.Value {
		f := &p.Trusted.Value[i]
		value := f.String()
		if f.expired(now) {
			value += " # expired, of no effect"
		}
		line("forwarders["+strconv.Itoa(i+1)+"]", value, f.pos)
	}
	line("fail.dns", string(p.Fail.DNS.Value), p.Fail.DNS.Pos)
	return t.Flush()
}
