package config

import (
	"net/mail"
	"strings"
)

// checkReport wants an address that answers reach, and desks that can be written to.
func (c Config) checkReport(f *Faults) {
	r := c.Report
	if r.From != "" && !validSender(r.From) {
		f.add("report.from", "wants an address, or a name and an address in angle brackets, has %q", r.From)
	}
	if r.From != "" && c.Quarantine.ReleaseTo == "" {
		f.add("report.from", "needs quarantine.release_to: that is where reports go")
	}
	between(f, "report.per_day", r.PerDay, 1, maxReportsPerDay)
	between(f, "report.per_target", r.PerTarget, 1, maxReportsPerDay)
	if len(r.Abuse) > maxAbuseDesks {
		f.add("report.abuse", "has more than %d desks", maxAbuseDesks)
		return
	}
	first := map[string]int{}
	for i, one := range r.Abuse {
		switch before := first[one.Domain]; {
		case one.Domain == "": // could not be read, which is told already
		case !validHost(one.Domain):
			f.item("report.abuse", i+1, "is not a domain in ASCII letters: %q", one.Domain)
		case before > 0:
			f.item("report.abuse", i+1, "is the same domain as number %d", before)
		case one.Address != "" && !validAddress(one.Address):
			f.item("report.abuse", i+1, "is not an address in ASCII letters: %q", one.Address)
		default:
			first[one.Domain] = i + 1
		}
	}
}

// validSender reports whether a text is an address, or a name and one, that mail can
// come from.
func validSender(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && validAddress(a.Address)
}

func validAddress(s string) bool {
	a, err := mail.ParseAddress("<" + s + ">")
	return err == nil && a.Address == s && validHost(s[strings.LastIndexByte(s, '@')+1:]) &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
