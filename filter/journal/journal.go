package journal

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"sekisho/filter/record"
)

// Options say where and how long records are kept.
type Options struct {
	Dir        string
	Keep       time.Duration // a record ends at this age
	MaxBytes   int64         // the database grows no larger; the oldest records end
	Persons    bool          // keep addresses, names and subjects
	Log        *zap.Logger   // nil: no log
	Registerer prometheus.Registerer
	Now        func() time.Time // nil: time.Now
}

// Journal takes decisions while Run runs. Its methods may be called at the same
// time.
type Journal struct {
	opt     Options
	metrics *metrics
	queue   chan *entry
	waiting atomic.Int64 // bytes of the entries in queue
}

// New returns a Journal. It touches no file before Run.
func New(o Options) *Journal {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	j := &Journal{opt: o, metrics: newMetrics(o.Registerer), queue: make(chan *entry, maxQueued)}
	j.saturation(o.Registerer)
	return j
}

// Record puts a decision into the queue. It never waits: when the queue is full
// the decision is dropped and counted.
func (j *Journal) Record(d *record.Decision) {
	if len(j.queue) == cap(j.queue) { // spares the work; the queue itself has the last word
		j.metrics.drop(dropFull, 1)
		return
	}
	e, err := newEntry(d, j.opt.Persons)
	if err != nil {
		j.metrics.drop(dropError, 1)
		return
	}
	// One entry alone may be larger than the queue's share.
	if waiting := j.waiting.Add(e.size); waiting > maxQueuedBytes && waiting > e.size {
		j.waiting.Add(-e.size)
		j.metrics.drop(dropFull, 1)
		return
	}
	select {
	case j.queue <- e:
	default:
		j.waiting.Add(-e.size)
		j.metrics.drop(dropFull, 1)
	}
}

// Run writes what is recorded until ctx ends, and then what is still in the queue.
// It returns only then, whatever goes wrong on the way: that is logged and counted.
func (j *Journal) Run(ctx context.Context) {
	w := &writer{Journal: j}
	defer w.close()
	w.open()
	idle := time.NewTicker(idleTime)
	defer idle.Stop()
	for {
		select {
		case e := <-j.queue:
			w.write(j.batch(ctx, e))
		case <-idle.C:
			w.prune()
		case <-ctx.Done():
			j.drain(w)
			return
		}
	}
}

// batch collects what comes within batchTime of the first entry.
func (j *Journal) batch(ctx context.Context, first *entry) []*entry {
	all := append(make([]*entry, 0, maxBatch), first)
	timeout := time.NewTimer(batchTime)
	defer timeout.Stop()
	for len(all) < maxBatch {
		select {
		case e := <-j.queue:
			all = append(all, e)
		case <-timeout.C:
			return all
		case <-ctx.Done():
			return all
		}
	}
	return all
}

// drain writes what is in the queue.
func (j *Journal) drain(w *writer) {
	for {
		select {
		case e := <-j.queue:
			all := []*entry{e}
			for len(all) < maxBatch && len(j.queue) > 0 {
				all = append(all, <-j.queue)
			}
			w.write(all)
		default:
			return
		}
	}
}
