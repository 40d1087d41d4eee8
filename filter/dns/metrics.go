package dns

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// kind is a record type we ask for. The words are metric labels.
type kind uint8

const (
	kindTXT kind = iota
	kindMX
	kindA
	kindAAAA
	kindPTR
	kinds // how many there are
)

var kindNames = [kinds]string{"txt", "mx", "a", "aaaa", "ptr"}

// metrics holds the counters of a resolver. Counters with labels are looked up
// once, because look-ups are the hottest path of the program.
type metrics struct {
	lookups  [kinds][outcomes]prometheus.Counter
	hits     [kinds]prometheus.Counter
	seconds  prometheus.Observer
	cut      prometheus.Counter
	failures *prometheus.CounterVec
}

// newMetrics registers with reg, which may be nil. A second resolver on the
// same registry, as after a reload, goes on with the first one's counters.
func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	lookups, err1 := register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sekisho_dns_lookups_total",
		Help: "DNS look-ups by record type and outcome, answers from the cache included.",
	}, []string{"type", "outcome"}))
	hits, err2 := register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sekisho_dns_cache_hits_total",
		Help: "DNS look-ups answered from the cache, by record type.",
	}, []string{"type"}))
	seconds, err3 := register(reg, prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "sekisho_dns_lookup_seconds",
		Help:    "Time a DNS look-up took that was not answered from the cache.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	}))
	cut, err4 := register(reg, prometheus.NewCounter(prometheus.CounterOpts{
		Name: "sekisho_dns_cut_answers_total",
		Help: "DNS answers of which records were left out because there were too many or too long.",
	}))
	failures, err5 := register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sekisho_dns_server_failures_total",
		Help: "Questions that a configured DNS server did not answer usefully, by server.",
	}, []string{"server"}))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	m := &metrics{seconds: seconds, cut: cut, failures: failures}
	for k := range kinds {
		m.hits[k] = hits.WithLabelValues(kindNames[k])
		for o := range outcomes {
			m.lookups[k][o] = lookups.WithLabelValues(kindNames[k], o.String())
		}
	}
	return m, nil
}

func register[C prometheus.Collector](reg prometheus.Registerer, c C) (C, error) {
	if reg == nil {
		return c, nil
	}
	err := reg.Register(c)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if old, ok := already.ExistingCollector.(C); ok {
			return old, nil
		}
	}
	return c, err
}

func (m *metrics) asked(k kind, a *answer, took time.Duration) {
	m.lookups[k][a.outcome].Inc()
	m.seconds.Observe(took.Seconds())
}
