package web

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what people and programs do. All label sets are closed.
type metrics struct {
	logins     *prometheus.CounterVec // outcome
	actions    *prometheus.CounterVec // action, outcome
	links      *prometheus.CounterVec // outcome
	violations prometheus.Counter
	panics     prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_web_logins_total", Help: "Attempts to log in to the web pages, by outcome: done, failed, or limited because too many failed before.",
		}, []string{"outcome"}),
		actions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_web_actions_total", Help: "Actions on held messages by web pages and API, by action and outcome.",
		}, []string{"action", "outcome"}),
		links: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_web_links_total", Help: "Requests by links in digests, by outcome: shown, done, failed; or refused as forged, expired, used, gone (erased), unseen (an action that no page of ours asked for).",
		}, []string{"outcome"}),
		violations: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_web_csp_reports_total", Help: "Reports of browsers that the Content-Security-Policy kept a page from something; one that a message causes is a bug.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_web_panics_total", Help: "Panics while a web page was made; a bug each.",
		}),
	}
	for _, outcome := range []string{"done", "failed", "limited"} {
		m.logins.WithLabelValues(outcome)
	}
	for _, o := range linkOutcomes() {
		m.links.WithLabelValues(string(o))
	}
	for _, action := range []string{"release", "mark", "erase", "report", "approve-report", "drop-report"} {
		for _, outcome := range []string{"done", "failed"} {
			m.actions.WithLabelValues(action, outcome)
		}
	}
	if reg == nil {
		return m, nil
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.logins, m.actions, m.links, m.violations, m.panics} {
		errs = append(errs, reg.Register(c))
	}
	return m, errors.Join(errs...)
}
