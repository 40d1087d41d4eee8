package digest

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// outcome is what came of one digest. The set is closed.
type outcome string

const (
	sent     outcome = "sent"
	failed   outcome = "failed"   // not taken, or not known: settled by a later round
	unproved outcome = "unproved" // sent past our filter, although it bore a stamp
)

type metrics struct {
	digests *prometheus.CounterVec // outcome
	entries prometheus.Counter
	waiting prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		digests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_digests_total", Help: "Digests to recipients, by outcome; failed ones are tried again, unproved ones went past our own filter although they bore a stamp.",
		}, []string{"outcome"}),
		entries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_digest_items_total", Help: "Held items of which their recipients were told by a digest.",
		}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_digests_waiting", Help: "Recipients whose digest is due and could not be sent yet, when it was last tried.",
		}),
	}
	for _, o := range []outcome{sent, failed, unproved} {
		m.digests.WithLabelValues(string(o))
	}
	if reg == nil {
		return m, nil
	}
	return m, errors.Join(reg.Register(m.digests), reg.Register(m.entries), reg.Register(m.waiting))
}
