package proof

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/proof/arc"
	"sekisho/filter/proof/dkim"
)

// metrics counts results. Its label values are the methods and result words of
// RFC 8601 and the names of our own tasks: closed sets.
type metrics struct {
	results  *prometheus.CounterVec
	panics   *prometheus.CounterVec
	limits   *prometheus.CounterVec
	disagree prometheus.Counter
	gateway  prometheus.Counter
}

// Limits that are counted besides dkim.Limits.
const (
	limitSignatures = "signatures" // dkim.MaxSignatures
	limitTime       = "time"       // Options.Timeout
)

// newMetrics registers with reg, which may be nil. A second checker on the same
// registry goes on with the first one's counters.
func newMetrics(reg prometheus.Registerer) metrics {
	m := metrics{
		results: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_proof_results_total",
			Help: "Authentication results by method and result word; one for each DKIM signature.",
		}, []string{"method", "result"})),
		panics: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_proof_panics_total",
			Help: "Panics caught while a message was being checked, by check.",
		}, []string{"check"})),
		limits: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_proof_limits_total",
			Help: "What was left unchecked because it is past a limit, by limit: signatures of a message, checks that did not end in time, and signatures whose field, header or key is too large.",
		}, []string{"limit"})),
		disagree: register(reg, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_proof_dmarc_disagreements_total",
			Help: "Messages for which the tree walk of RFC 9989 and the public suffix list differ in the organisational domain or in the alignment.",
		})),
		gateway: register(reg, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_proof_gateway_total",
			Help: "Messages proved by the Authentication-Results field of a trusted gateway.",
		})),
	}
	for _, l := range dkim.Limits {
		m.limits.WithLabelValues(string(l))
	}
	m.limits.WithLabelValues(limitSignatures)
	m.limits.WithLabelValues(limitTime)
	return m
}

func register[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if reg == nil {
		return c
	}
	var already prometheus.AlreadyRegisteredError
	if errors.As(reg.Register(c), &already) {
		if old, ok := already.ExistingCollector.(C); ok {
			return old
		}
	}
	return c
}

// count counts the results of one message.
func (m metrics) count(p *Proof) {
	count := func(method, result string) {
		if result != "" {
			m.results.WithLabelValues(method, result).Inc()
		}
	}
	count("spf", string(p.SPF.Result))
	count("helo", string(p.Helo.Result))
	for _, s := range p.DKIM {
		count("dkim", string(s.Result))
		if s.Limit != "" {
			m.limits.WithLabelValues(string(s.Limit)).Inc()
		}
	}
	m.limits.WithLabelValues(limitSignatures).Add(float64(p.DKIMLeft))
	if len(p.DKIM) == 0 {
		count("dkim", string(dkim.None))
	}
	count("dmarc", string(p.DMARC.Result))
	if p.DMARC.Disagree {
		m.disagree.Inc()
	}
	if p.ARC != string(arc.None) {
		count("arc", p.ARC)
	}
	count("iprev", string(p.IPRev.Result))
}
