package policy

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sekisho/policy/strictyaml"
)

// Exception is an entry of a policy, for people.
type Exception struct {
	ID      string    `json:"id"`      // stays the same while the conditions do
	Policy  string    `json:"policy"`  // "default", the domain, or "groups/NAME"
	Where   string    `json:"where"`   // "policies/example.jp.yaml:12"
	Text    string    `json:"text"`    // "allow: {sender: example.com}"
	Owner   string    `json:"owner"`   // who answers for it
	Reason  string    `json:"reason"`  // why it is there
	Created time.Time `json:"created"` // the day it was written
	Expires time.Time `json:"expires"` // the last day on which it holds
	Expired bool      `json:"expired"`
	Hits    int64     `json:"hits"`              // decisions on which it had an effect, as far as is known
	LastHit time.Time `json:"last_hit,omitzero"` // zero: none is known
}

// Exceptions returns every entry of every policy once, in the order of their
// places.
func (s *Set) Exceptions(now time.Time) []Exception {
	var all []Exception
	seen := make(map[strictyaml.Pos]bool)
	names := map[string]string{}
	for p := range s.all() {
		if names[p.file] == "" { // a group comes before the domains that share its file
			names[p.file] = p.name
		}
	}
	for p := range s.all() {
		for i := range p.Exceptions {
			e := &p.Exceptions[i]
			if seen[e.pos] {
				continue
			}
			seen[e.pos] = true
			all = append(all, Exception{
				ID: e.id, Policy: names[e.pos.File], Where: where(e.pos), Text: e.text(), Owner: e.owner, Reason: e.reason,
				Created: e.created.Time, Expires: e.expires.Time, Expired: e.expired(now),
			})
		}
	}
	slices.SortFunc(all, func(a, b Exception) int { return strings.Compare(a.Where, b.Where) })
	return all
}

// WriteExceptions writes a list for people.
func WriteExceptions(w io.Writer, list []Exception) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tPOLICY\tWHAT\tOWNER\tCREATED\tEXPIRES\tHITS\tLAST HIT\tWHERE\tREASON")
	for _, e := range list {
		expires := e.Expires.Format(time.DateOnly)
		if e.Expired {
			expires += " (expired)"
		}
		last := "-"
		if !e.LastHit.IsZero() {
			last = e.LastHit.UTC().Format(time.DateOnly)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n",
			e.ID, e.Policy, e.Text, e.Owner, e.Created.Format(time.DateOnly), expires, e.Hits, last, e.Where, e.Reason)
	}
	return t.Flush()
}
