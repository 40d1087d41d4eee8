package load

import "github.com/prometheus/client_golang/prometheus"

// register makes the metrics. There are no labels.
func (m *Meter) register(reg prometheus.Registerer) {
	m.waits = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "sekisho_turn_wait_seconds", Help: "Time that messages wait for their turn to be worked on.",
		Buckets: []float64{.001, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	})
	if reg == nil {
		return
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	reg.MustRegister(m.waits,
		gauge("sekisho_turns_taken", "Messages that are worked on now; those that wait for DNS are not counted.", func() float64 { return float64(len(m.turns)) }),
		gauge("sekisho_turns_limit", "Messages that can be worked on at once (limits.turns).", func() float64 { return float64(cap(m.turns)) }),
		gauge("sekisho_turns_waiting", "Messages that wait for their turn.", func() float64 { return float64(m.waiting.Load()) }),
		gauge("sekisho_shed_level", "How many checks of the list in fail.shed are left out now.", func() float64 { return float64(m.Level()) }),
	)
}
