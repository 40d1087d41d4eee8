package journal

import "github.com/prometheus/client_golang/prometheus"

// Labels of the metrics; the sets are closed.
type (
	dropReason  string
	pruneReason string
	operation   string
)

const (
	dropFull  dropReason = "queue" // the queue was full
	dropError dropReason = "error" // the record could not be made or written

	pruneAge  pruneReason = "age"
	pruneSize pruneReason = "size"

	opOpen  operation = "open"
	opWrite operation = "write"
	opPrune operation = "prune"
)

type metrics struct {
	written prometheus.Counter
	dropped *prometheus.CounterVec // reason
	pruned  *prometheus.CounterVec // reason
	errors  *prometheus.CounterVec // op
	rows    prometheus.Gauge
	bytes   prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		written: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sekisho_journal_written_total", Help: "Decisions recorded in the journal.",
		}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_journal_dropped_total", Help: "Decisions that the journal lacks, by reason: its queue was full, or an error; the mail was not touched.",
		}, []string{"reason"}),
		pruned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_journal_pruned_total", Help: "Decisions removed from the journal, by what they had reached: age or size.",
		}, []string{"reason"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sekisho_journal_errors_total", Help: "Operations on the journal that failed.",
		}, []string{"op"}),
		rows: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_journal_rows", Help: "Decisions in the journal.",
		}),
		bytes: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sekisho_journal_bytes", Help: "Size of the journal's database, without its write-ahead log.",
		}),
	}
	for _, r := range []dropReason{dropFull, dropError} {
		m.dropped.WithLabelValues(string(r))
	}
	for _, r := range []pruneReason{pruneAge, pruneSize} {
		m.pruned.WithLabelValues(string(r))
	}
	for _, op := range []operation{opOpen, opWrite, opPrune} {
		m.errors.WithLabelValues(string(op))
	}
	if reg != nil {
		reg.MustRegister(m.written, m.dropped, m.pruned, m.errors, m.rows, m.bytes)
	}
	return m
}

// saturation tells how full the queue is, when somebody asks.
func (j *Journal) saturation(reg prometheus.Registerer) {
	if reg == nil {
		return
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	reg.MustRegister(
		gauge("sekisho_journal_queue_decisions", "Decisions that wait to be written to the journal.", func() float64 { return float64(len(j.queue)) }),
		gauge("sekisho_journal_queue_limit_decisions", "Decisions that may wait; further ones are dropped.", func() float64 { return float64(cap(j.queue)) }),
		gauge("sekisho_journal_queue_bytes", "Size of the decisions that wait.", func() float64 { return float64(j.waiting.Load()) }),
		gauge("sekisho_journal_queue_limit_bytes", "Size up to which decisions may wait; further ones are dropped.", func() float64 { return maxQueuedBytes }),
	)
}

func (m *metrics) drop(r dropReason, n int) { m.dropped.WithLabelValues(string(r)).Add(float64(n)) }
func (m *metrics) fail(op operation)        { m.errors.WithLabelValues(string(op)).Inc() }
