package policy

import (
	"cmp"
	"slices"
	"time"

	"sekisho/policy/strictyaml"
)

// Expired tells the forwarders and exceptions that have ended, one line each, in
// the order of their places. They are of no effect and wait to be taken out or
// renewed.
func (s *Set) Expired(now time.Time) []string {
	type entry struct {
		pos  strictyaml.Pos
		text string
	}
	seen := make(map[strictyaml.Pos]bool)
	var all []entry
	add := func(pos strictyaml.Pos, text string) {
		if !seen[pos] {
			seen[pos] = true
			all = append(all, entry{pos, text})
		}
	}
	for f := range s.forwarders() {
		if f.expired(now) {
			add(f.pos, f.String())
		}
	}
	for p := range s.all() {
		for i := range p.Exceptions {
			if e := &p.Exceptions[i]; e.expired(now) {
				add(e.pos, e.String())
			}
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.pos.File, b.pos.File), cmp.Compare(a.pos.Line, b.pos.Line))
	})
	lines := make([]string, len(all))
	for i, e := range all {
		lines[i] = where(e.pos) + ": " + e.text
	}
	return lines
}
