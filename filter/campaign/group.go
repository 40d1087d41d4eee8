package campaign

import (
	"maps"
	"slices"
	"time"
)

// Group is messages that make the same claim, whether or not an incident is about
// them.
type Group struct {
	Brand    string
	Links    string // shape of the hosts
	Last     time.Time
	Orgs     []string // authenticated, within the last hour
	Traces   []string // of the last messages, the latest first
	Incident string   // "" for none
}

// Groups returns the groups of messages that are remembered, the one that was seen
// last first.
func (w *Watch) Groups() []Group {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Group, 0, w.clusters)
	for _, list := range w.claims {
		for _, c := range list {
			g := Group{Brand: c.brand, Links: c.shape, Last: c.last, Orgs: slices.Sorted(maps.Keys(c.orgs))}
			for _, s := range slices.Backward(c.recent) {
				g.Traces = append(g.Traces, s.trace)
			}
			if c.incident != nil {
				g.Incident = c.incident.ID
			}
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b Group) int { return b.Last.Compare(a.Last) })
	return all
}
