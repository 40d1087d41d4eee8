package rule

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what becomes of rules. Names of rules are those of the loaded
// set, which is closed.
type Metrics struct {
	failures *prometheus.CounterVec
}

// NewMetrics registers the metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{failures: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sekisho_rule_failures_total", Help: "Rules that came to no result for a message, which went on without them.",
	}, []string{"rule", "reason"})}
	reg.MustRegister(m.failures)
	return m
}

// Failed counts a failure as Rules.Eval reports it.
func (m *Metrics) Failed(name string, err error) { m.failures.WithLabelValues(name, Reason(err)).Inc() }

// Reason is a failure in a word: limit or error.
func Reason(err error) string {
	if errors.Is(err, ErrLimit) {
		return "limit"
	}
	return "error"
}
