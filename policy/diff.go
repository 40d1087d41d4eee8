package policy

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Change is one value that differs between two sets.
type Change struct {
	Key  string
	Old  string // as the old file writes it; "" when it has none
	New  string // likewise
	Text string // in words
}

// Difference is what changes for some recipients.
type Difference struct {
	Whom    []string // "everybody without a policy of their own", domains, mailboxes
	Changes []Change
}

// everybody is whom the default policy is for.
const everybody = "everybody without a policy of their own"

// below makes an address in a domain below another that has no file of its own: no
// host name has such a label.
const below = "@any--other."

// Diff tells what changes for whom from the old set to the new one: recipients
// for whom the same changes stand together. An empty list: every recipient is
// judged as before.
func Diff(old, new *Set, now time.Time) []Difference {
	byText := make(map[string]*Difference)
	var all []*Difference
	compare := func(whom string, a, b *Policy) {
		if a == b {
			return
		}
		list := changes(a, b, now)
		if len(list) == 0 {
			return
		}
		text := fmt.Sprint(list)
		d := byText[text]
		if d == nil {
			d = &Difference{Changes: list}
			byText[text] = d
			all = append(all, d)
		}
		d.Whom = append(d.Whom, whom)
	}
	compare(everybody, old.fallback, new.fallback)
	domains := maps.Clone(old.domains)
	if domains == nil {
		domains = make(map[string]*Policy)
	}
	maps.Copy(domains, new.domains)
	for _, domain := range slices.Sorted(maps.Keys(domains)) {
		address := "@" + domain
		a, b := old.domain(address), new.domain(address)
		compare(domain, a, b)
		if a.subdomains || b.subdomains {
			compare("domains below "+domain, old.domain(below+domain), new.domain(below+domain))
		}
		for _, sample := range samples(a, b) {
			compare("mailboxes like "+sample+address, old.For(sample+address), new.For(sample+address))
		}
	}
	out := make([]Difference, len(all))
	for i, d := range all {
		out[i] = *d
	}
	return out
}

// samples are local parts, one for each pattern of either policy.
func samples(policies ...*Policy) []string {
	var all []string
	for _, p := range policies {
		for _, m := range p.mailboxes {
			for _, g := range m.match {
				if s := g.sample(); !slices.Contains(all, s) {
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// changes lists the values that differ. Where a value came from does not matter,
// nor does an entry of no effect.
func changes(a, b *Policy, now time.Time) []Change {
	before, after := values(a, now), values(b, now)
	var list []Change
	for l := range b.Lines(now) {
		was, had := before[l.Key]
		if value, holds := after[l.Key]; holds && !(had && was == value) {
			list = append(list, Change{Key: l.Key, Old: was, New: value})
		}
	}
	for l := range a.Lines(now) {
		if was, had := before[l.Key]; had {
			if _, stays := after[l.Key]; !stays {
				list = append(list, Change{Key: l.Key, Old: was})
			}
		}
	}
	for i := range list {
		list[i].Text = inWords(list[i])
	}
	slices.SortStableFunc(list, func(x, y Change) int { return cmp.Compare(rank(x.Key), rank(y.Key)) })
	return list
}

// values are those that have an effect, by key.
func values(p *Policy, now time.Time) map[string]string {
	all := make(map[string]string)
	for l := range p.Lines(now) {
		if l.Note == "" {
			all[l.Key] = l.Value
		}
	}
	return all
}

// rank puts what decides most first.
func rank(key string) int {
	for i, p := range []string{"mode", "thresholds", "findings", "rules", "brands", "exceptions", "forwarders", "fail"} {
		if strings.HasPrefix(key, p) {
			return i
		}
	}
	return 100
}

// inWords says a change as one would tell a colleague.
func inWords(c Change) string {
	area, name, _ := strings.Cut(c.Key, ".")
	switch area {
	case "thresholds":
		verb := map[string]string{"tag": "tagged", "quarantine": "quarantined", "reject": "rejected"}[name]
		switch {
		case c.New == "off":
			return fmt.Sprintf("nothing is %s by points any more (was from %s points on)", verb, c.Old)
		case c.Old == "off":
			return fmt.Sprintf("from %s points on a message is %s (was never by points)", c.New, verb)
		}
		return fmt.Sprintf("from %s points on a message is %s (was from %s)", c.New, verb, c.Old)
	case "findings":
		return fmt.Sprintf("the finding %s %s (was: %s)", name, does(c.New), does(c.Old))
	case "mode":
		if c.New == string(ObserveOnly) {
			return "verdicts are only recorded, everything is delivered unmarked (was: carried out)"
		}
		return "verdicts are carried out (was: only recorded)"
	}
	kind, entry := "", strings.HasSuffix(c.Key, "]")
	if i := strings.IndexByte(c.Key, '['); entry && i > 0 {
		kind = strings.TrimSuffix(c.Key[:i], "s")
	}
	switch {
	case entry && c.Old == "":
		return kind + " added: " + c.New
	case entry && c.New == "":
		return kind + " taken out: " + c.Old
	case c.Old == "":
		return c.Key + " is new: " + c.New
	case c.New == "":
		return c.Key + " is gone (was " + c.Old + ")"
	}
	return c.Key + " is " + c.New + " (was " + c.Old + ")"
}

// does says what a rule of a policy file does.
func does(rule string) string {
	switch rule {
	case "":
		return "nothing"
	case string(Off):
		return "is ignored"
	case string(Observe):
		return "is told and does nothing"
	}
	var points int
	var action string
	inner := strings.Trim(rule, "{}")
	for part := range strings.SplitSeq(inner, ", ") {
		key, value, _ := strings.Cut(part, ": ")
		switch key {
		case "points":
			fmt.Sscan(value, &points)
		case "action":
			action = value
		}
	}
	brings := map[string]string{"tag": "tags", "quarantine": "quarantines", "reject": "rejects", "tempfail": "puts off"}[action]
	switch {
	case brings == "":
		return "adds " + plural(points, "point")
	case points == 0:
		return brings + " by itself"
	}
	return "adds " + plural(points, "point") + " and " + brings + " by itself"
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// shownWhom is how many recipients a difference names.
const shownWhom = 6

// WriteDiff writes differences for people.
func WriteDiff(w io.Writer, list []Difference) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "nothing changes for anybody")
		return err
	}
	for i, d := range list {
		var b strings.Builder
		if i > 0 {
			b.WriteByte('\n')
		}
		whom := d.Whom
		if len(whom) > shownWhom {
			whom = append(slices.Clone(whom[:shownWhom]), fmt.Sprintf("%d more", len(d.Whom)-shownWhom))
		}
		b.WriteString("For " + strings.Join(whom, ", ") + ":\n")
		for _, c := range d.Changes {
			b.WriteString("  - " + c.Text + "\n")
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}
