package quarantine

import "github.com/prometheus/client_golang/prometheus"

// operation is what failed, the label of the errors counter.
type operation string

const (
	opPut     operation = "put"
	opRead    operation = "read"
	opRelease operation = "release"
	opErase   operation = "erase"
	opMark    operation = "mark"
	opRedeem  operation = "redeem"
	opTell    operation = "tell"
	opReport  operation = "report"
)

// metrics counts what this process did; other processes may use the same store.
type metrics struct {
	stored   prometheus.Counter
	released prometheus.Counter
	copies   prometheus.Counter
	waiting  prometheus.Gauge
	expired  prometheus.Counter
	erased   prometheus.Counter
	bytes    prometheus.Counter
	errors   *prometheus.CounterVec
	seconds  prometheus.Histogram
}

// newMetrics registers the metrics with reg; nil keeps them to ourselves.
func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		stored: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_quarantine_stored_total", Help: "Items stored, one per recipient.",
		}),
		released: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_quarantine_released_total", Help: "Items that the release target has taken from this process; those that commands release are counted by sekisho_quarantine_items alone.",
		}),
		copies: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_quarantine_copies_sent_total", Help: "Marked copies for single recipients of a message that were handed to the MTA.",
		}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_quarantine_copies_waiting", Help: "Marked copies that could not be handed to the MTA yet, when it was last tried.",
		}),
		expired: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_quarantine_expired_total", Help: "Items erased because their policy keeps them no longer.",
		}),
		erased: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_quarantine_erased_total", Help: "Items erased because somebody asked for it.",
		}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_quarantine_bytes_total", Help: "Bytes of the messages stored, before compression.",
		}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_quarantine_errors_total", Help: "Operations on the quarantine that failed.",
		}, []string{"op"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sekisho_quarantine_put_seconds", Help: "Time until a message was safe on disk.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
	}
	for _, op := range []operation{opPut, opRead, opRelease, opErase, opMark, opRedeem, opTell, opReport} {
		m.errors.WithLabelValues(string(op))
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.stored, m.released, m.copies, m.waiting, m.expired, m.erased, m.bytes, m.errors, m.seconds} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// count passes err on and counts it.
func (m *metrics) count(op operation, err error) error {
	if err != nil {
		m.errors.WithLabelValues(string(op)).Inc()
	}
	return err
}
