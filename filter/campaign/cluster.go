package campaign

import (
	"slices"
	"time"
)

// cluster is messages that make the same claim.
type cluster struct {
	brand    string
	sketch   sketch // of the first
	shape    string // of the first
	sites    []uint64
	last     time.Time
	orgs     map[string]time.Time // when each was last seen
	recent   before
	incident *Incident // open; nil for none
}

func newCluster(s *sighting) *cluster {
	return &cluster{brand: s.brand, sketch: s.sketch, shape: s.shape, sites: s.sites, orgs: map[string]time.Time{}}
}

// holds reports whether a message makes the claim of the cluster.
func (c *cluster) holds(s *sighting) bool {
	if slices.ContainsFunc(s.sites, func(x uint64) bool { return slices.Contains(c.sites, x) }) {
		return true
	}
	far := c.sketch.distance(s.sketch)
	return far <= nearBits || far <= likeBits && c.shape != "" && c.shape == s.shape
}

// count counts a message, and reports whether it comes from one organisation too
// many.
func (c *cluster) count(s *sighting) bool {
	c.last = s.at
	c.recent = c.recent.push(s)
	for _, x := range s.sites {
		if len(c.sites) < maxSites && !slices.Contains(c.sites, x) {
			c.sites = append(c.sites, x)
		}
	}
	for org, at := range c.orgs {
		if s.at.Sub(at) > window {
			delete(c.orgs, org)
		}
	}
	if _, known := c.orgs[s.org]; s.org != "" && (known || len(c.orgs) < maxOrgs) {
		c.orgs[s.org] = s.at
	}
	return len(c.orgs) >= manyOrgs
}
