package budget

import "github.com/prometheus/client_golang/prometheus"

// maxSeries is how many entries are told of each metric. Policies can be very many;
// what has stepped down comes first.
const maxSeries = 1000

// metrics has the labels of configured policies and known findings only.
type metrics struct {
	alarms   *prometheus.GaugeVec
	down     *prometheus.GaugeVec
	steps    prometheus.Counter
	failures prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		alarms: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sekisho_budget_false_alarms", Help: "Held messages that a finding counted for, and that were released or marked as not phishing, within the days of the policy's budget and since somebody looked.",
		}, []string{"policy", "finding"}),
		down: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sekisho_budget_stepped_down", Help: "1 for a finding that is over its budget of false alarms under a policy and has stepped down until somebody looks.",
		}, []string{"policy", "finding"}),
		steps: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_budget_steps_total", Help: "Findings that stepped down because they were over their budget of false alarms.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_budget_failures_total", Help: "Times that the state of budgets could not be read or written.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.alarms, m.down, m.steps, m.failures)
	}
	return m
}

// set tells the entries of now and forgets those of before.
func (m *metrics) set(entries []Entry) {
	m.alarms.Reset()
	m.down.Reset()
	told := 0
	for _, down := range []bool{true, false} {
		for _, e := range entries {
			if told == maxSeries {
				return
			}
			if e.Down.IsZero() == down {
				continue
			}
			told++
			m.alarms.WithLabelValues(e.Policy, string(e.Finding)).Set(float64(e.FalseAlarms))
			if down {
				m.down.WithLabelValues(e.Policy, string(e.Finding)).Set(1)
			}
		}
	}
}
