package quarantine

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// censusTime is what counting may take while metrics are asked for.
const censusTime = 2 * time.Second

// sizeEvery is how often sizes are added up.
const sizeEvery = 5 * time.Minute

var countedStates = []State{Held, Releasing, Released}

// census tells what is in the store, whoever did it: most releases are another
// process's, and its counters nobody reads.
type census struct {
	store  *Store
	items  *prometheus.Desc
	oldest *prometheus.Desc
	size   *prometheus.Desc

	mu    sync.Mutex
	sized time.Time // when bytes was asked for; zero: never
	bytes float64   // -1: it could not be summed up
}

func newCensus(s *Store) *census {
	return &census{
		store:  s,
		items:  prometheus.NewDesc("sekisho_quarantine_items", "Items in the quarantine by state: held, releasing (a release did not finish), released; those released go down as they are erased.", []string{"state"}, nil),
		oldest: prometheus.NewDesc("sekisho_quarantine_oldest_held_seconds", "Age of the oldest item that is held; 0 when there is none.", nil, nil),
		size:   prometheus.NewDesc("sekisho_quarantine_bytes", "Bytes of the messages in the quarantine, before compression, not more than five minutes ago.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *census) Describe(descs chan<- *prometheus.Desc) {
	descs <- c.items
	descs <- c.oldest
	descs <- c.size
}

// Collect implements prometheus.Collector. What cannot be counted is left out, and
// the failure counted: the other metrics are needed most when the disk is away.
func (c *census) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), censusTime)
	defer cancel()
	counts, oldest, err := c.store.index.census(ctx)
	if c.store.metrics.count(opRead, err) != nil {
		return
	}
	for _, state := range countedStates {
		metrics <- prometheus.MustNewConstMetric(c.items, prometheus.GaugeValue, float64(counts[state]), string(state))
	}
	age := 0.0
	if !oldest.IsZero() {
		age = max(0, c.store.now().Sub(oldest).Seconds())
	}
	metrics <- prometheus.MustNewConstMetric(c.oldest, prometheus.GaugeValue, age)
	if n := c.sum(ctx); n >= 0 {
		metrics <- prometheus.MustNewConstMetric(c.size, prometheus.GaugeValue, n)
	}
}

// sum adds up the sizes of what is kept, which reads every entry: not with each
// scrape. That it takes too long in a very large store is no trouble of the store's.
func (c *census) sum(ctx context.Context) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.store.now(); c.sized.IsZero() || now.Sub(c.sized) >= sizeEvery {
		c.sized, c.bytes = now, -1
		var n int64
		if c.store.index.reading().row(ctx, []any{&n}, "SELECT coalesce(sum(size), 0) FROM entry WHERE erased = 0") == nil {
			c.bytes = float64(n)
		}
	}
	return c.bytes
}

// census counts items by state; oldest is when the oldest that is held was stored.
// Both come from the index of states alone.
func (x *index) census(ctx context.Context) (counts map[State]int, oldest time.Time, err error) {
	counts = make(map[State]int, len(countedStates))
	for _, state := range countedStates {
		var n int
		var first int64
		err := x.reading().row(ctx, []any{&n, &first}, "SELECT count(*), coalesce(min(stored), 0) FROM item WHERE state = ?", string(state))
		if err != nil {
			return nil, time.Time{}, err
		}
		counts[state] = n
		if state == Held && n > 0 {
			oldest = time.UnixMicro(first)
		}
	}
	return counts, oldest, nil
}
