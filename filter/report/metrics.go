package report

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/quarantine"
)

// outcome is what came of asking for a report, or of sending one. The set is closed.
type outcome string

const (
	drafted  outcome = "drafted"
	counted  outcome = "counted" // one that says the same was there
	sent     outcome = "sent"
	refused  outcome = "refused"
	failed   outcome = "failed"   // tried again
	returned outcome = "returned" // is a draft again, or dropped
)

type metrics struct {
	reports *prometheus.CounterVec // kind, outcome
	waiting *prometheus.GaugeVec   // state
	cut     prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		reports: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_reports_total", Help: "Reports of phishing to brands and abuse desks, by what came of asking for one and of sending one.",
		}, []string{"kind", "outcome"}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sekisho_reports_waiting", Help: "Reports that wait: drafts for a person, approved ones for their turn or for the server, when it was last looked.",
		}, []string{"state"}),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_reports_cut_total", Help: "Times that a report was written, to be looked at or sent, of whose message a limit, or an address that could not be hidden, left something out; attachments count.",
		}),
	}
	for _, k := range []quarantine.ReportKind{quarantine.ToBrand, quarantine.ToAbuse} {
		for _, o := range []outcome{drafted, counted, sent, refused, failed, returned} {
			m.reports.WithLabelValues(string(k), string(o))
		}
	}
	for _, s := range waits() {
		m.waiting.WithLabelValues(string(s))
	}
	if reg == nil {
		return m, nil
	}
	return m, errors.Join(reg.Register(m.reports), reg.Register(m.waiting), reg.Register(m.cut))
}

// waits are the states of reports that have not come to an end.
func waits() []quarantine.ReportState {
	return []quarantine.ReportState{quarantine.Draft, quarantine.Approved, quarantine.Sending}
}

func (m *metrics) count(k quarantine.ReportKind, o outcome) {
	m.reports.WithLabelValues(string(k), string(o)).Inc()
}
