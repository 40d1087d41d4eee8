package daemon

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what concerns the daemon as a whole.
type metrics struct {
	reloads    *prometheus.CounterVec // result: done, refused
	panics     *prometheus.CounterVec // goroutine
	generation prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer, version string) *metrics {
	m := &metrics{
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_reloads_total", Help: "Reloads of settings, policies and brands, by result.",
		}, []string{"result"}),
		panics: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_daemon_panics_total", Help: "Panics in the daemon's own goroutines; a bug each.",
		}, []string{"goroutine"}),
		generation: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_generation", Help: "Number of the set of policies and brands that judges; 1 at start, one more with each reload.",
		}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "sekisho_build_info", Help: "Always 1; the labels tell what is running.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	reg.MustRegister(m.reloads, m.panics, m.generation, build)
	for _, result := range []string{"done", "refused"} {
		m.reloads.WithLabelValues(result)
	}
	return m
}
