package campaign

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"sekisho/filter/finding"
)

// Options are what a Watch is made of.
type Options struct {
	File       string // of incidents; "" keeps them in memory alone
	Log        *zap.Logger
	Registerer prometheus.Registerer
}

// Watch sees messages go by. It is safe for concurrent use.
type Watch struct {
	opt     Options
	metrics *metrics
	hash    hasher
	raised  chan struct{} // there is something to save

	mu        sync.Mutex
	next      int         // number of the next incident
	incidents []*Incident // the oldest first
	senders   map[uint64]*sender
	claims    map[string][]*cluster // by brand
	clusters  int
	dirty     bool
}

// See looks at a message that was read, and returns the finding that it carries if
// it is a copy of what an incident is about. found is all else that was found.
func (w *Watch) See(in finding.Input, found []finding.Finding, trace string, at time.Time) (finding.Finding, bool) {
	s, ok := w.hash.sight(in, found, trace, at)
	if !ok {
		return finding.Finding{}, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	incident := w.seeSender(&s)
	if other := w.seeClaim(&s); incident == nil {
		incident = other
	}
	w.metrics.size(len(w.senders), w.clusters)
	if incident == nil {
		return finding.Finding{}, false
	}
	w.metrics.copies.WithLabelValues(string(incident.Kind)).Inc()
	return finding.Finding{Name: finding.Campaign, Brand: s.brand, Why: incident.Why()}, true
}

// seeSender returns the open incident of the message's sender, which this message
// may be the one to raise.
func (w *Watch) seeSender(s *sighting) *Incident {
	if s.sender == 0 {
		return nil
	}
	n := w.senders[s.sender]
	if n == nil {
		if len(w.senders) >= maxSenders {
			w.forgetSender()
		}
		n = &sender{begun: s.at}
		w.senders[s.sender] = n
	}
	if n.incident != nil && !n.incident.Open(s.at) {
		n.incident, n.recent = nil, nil
	}
	tooMany := n.count(s)
	switch {
	case n.incident != nil:
		n.incident.copy(s)
		w.dirty = true
	case tooMany:
		n.incident = w.raise(Account, s, n.recent, []string{s.org})
		n.incident.Sender = s.sender
	}
	return n.incident
}

// seeClaim returns the open incident of the claim that the message makes.
func (w *Watch) seeClaim(s *sighting) *Incident {
	list := w.claims[s.brand]
	i := slices.IndexFunc(list, func(c *cluster) bool { return c.holds(s) })
	if i < 0 {
		if s.org == "" || s.sketch == 0 && len(s.sites) == 0 {
			return nil // a claim begins with somebody who is known, and something to know it by
		}
		w.claims[s.brand] = w.room(list)
		w.claims[s.brand] = append(w.claims[s.brand], newCluster(s))
		w.clusters++
		i, list = len(w.claims[s.brand])-1, w.claims[s.brand]
	}
	c := list[i]
	if c.incident != nil && !c.incident.Open(s.at) {
		c.incident, c.recent = nil, nil
		clear(c.orgs)
	}
	tooMany := c.count(s)
	switch {
	case c.incident != nil:
		c.incident.copy(s)
		w.dirty = true
	case tooMany:
		c.incident = w.raise(Many, s, c.recent, slices.Sorted(maps.Keys(c.orgs)))
		c.incident.Sketch, c.incident.Sites, c.incident.Links = c.sketch, slices.Clone(c.sites), c.shape
	}
	return c.incident
}

// raise begins an incident with the message that is one too many, and those before.
func (w *Watch) raise(kind Kind, s *sighting, recent before, orgs []string) *Incident {
	i := &Incident{
		ID: string(kind[0]) + strconv.Itoa(w.next), Kind: kind, First: recent[0].at, Raised: s.at, Last: s.at, Orgs: orgs,
		Messages: len(recent), Recipients: recent.recipients(), Before: len(recent), Links: s.shape,
	}
	w.next++
	for _, b := range recent {
		i.Traces, i.Brands = append(i.Traces, b.trace), with(i.Brands, b.brand, maxBrands)
	}
	if len(w.incidents) >= maxIncidents {
		w.incidents = append(w.incidents[:0], w.incidents[1:]...)
	}
	w.incidents = append(w.incidents, i)
	w.dirty = true
	select {
	case w.raised <- struct{}{}:
	default:
	}
	w.metrics.incidents.WithLabelValues(string(kind)).Inc()
	w.opt.Log.Warn("incident", zap.String("id", i.ID), zap.String("kind", string(kind)), zap.Strings("orgs", i.Orgs), zap.Strings("brands", i.Brands),
		zap.Int("messages", i.Messages), zap.Int("recipients", i.Recipients), zap.String("trace", s.trace))
	return i
}

// Incidents returns what has been raised, the newest first.
func (w *Watch) Incidents() []Incident {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Incident, 0, len(w.incidents))
	for _, i := range slices.Backward(w.incidents) {
		all = append(all, i.clone())
	}
	return all
}

// forgetSender makes room: who was seen longest ago goes, and one without an
// incident first.
func (w *Watch) forgetSender() {
	var oldest uint64
	var at *sender
	for id, n := range w.senders {
		if at == nil || (at.incident != nil) != (n.incident != nil) && n.incident == nil || (at.incident != nil) == (n.incident != nil) && n.last.Before(at.last) {
			oldest, at = id, n
		}
	}
	delete(w.senders, oldest)
}

// room returns the clusters of a brand with room for another: of these the one that
// was seen longest ago goes, or one of another brand where all are too many.
func (w *Watch) room(list []*cluster) []*cluster {
	if len(list) >= maxAlike {
		w.clusters--
		return forget(list)
	}
	if w.clusters < maxClaims {
		return list
	}
	var most string
	for id, others := range w.claims {
		if len(others) > len(w.claims[most]) {
			most = id
		}
	}
	w.clusters--
	if len(list) > 0 && len(w.claims[most]) == len(list) {
		return forget(list)
	}
	if w.claims[most] = forget(w.claims[most]); len(w.claims[most]) == 0 {
		delete(w.claims, most)
	}
	return list
}

// forget takes out the cluster that was seen longest ago, one without an incident
// first.
func forget(list []*cluster) []*cluster {
	oldest := 0
	for i, c := range list {
		o := list[oldest]
		if (o.incident != nil) != (c.incident != nil) && c.incident == nil || (o.incident != nil) == (c.incident != nil) && c.last.Before(o.last) {
			oldest = i
		}
	}
	return slices.Delete(list, oldest, oldest+1)
}
