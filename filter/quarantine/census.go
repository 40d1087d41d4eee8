package quarantine

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// censusTime is what counting may take while metrics are asked for.
const censusTime = 2 * time.Second

var countedStates = []State{Held, Releasing, Released}

// census tells what is in the store, whoever did it: most releases are another
// process's, and its counters nobody reads.
type census struct {
	store  *Store
	items  *prometheus.Desc
	oldest *prometheus.Desc
}

func newCensus(s *Store) *census {
	return &census{
		store:  s,
		items:  prometheus.NewDesc("sekisho_quarantine_items", "Items in the quarantine by state: held, releasing (a release did not finish), released; those released go down as they are erased.", []string{"state"}, nil),
		oldest: prometheus.NewDesc("sekisho_quarantine_oldest_held_seconds", "Age of the oldest item that is held; 0 when there is none.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *census) Describe(descs chan<- *prometheus.Desc) {
	descs <- c.items
	descs <- c.oldest
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
