package hindsight

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/journal"
	"sekisho/filter/replay"
	"sekisho/policy"
)

// Recorded names the verdicts of then, where policies to compare with are asked for.
const Recorded = "recorded"

// Options say what is judged, and by what.
type Options struct {
	Policies string          // folder of the policies that judge; "" or replay.BuiltIn is the built-in policy
	Against  string          // folder of those to compare with, or replay.BuiltIn; "" or Recorded are the verdicts of then
	Within   journal.Range   // which decisions
	Domain   string          // only recipients in this domain; "" is all
	Workers  int             // 0 is one for each processor that Go uses
	JSON     io.Writer       // takes a line for each recipient; may be nil
	Report   *replay.Summary // takes an outcome for each recipient, for a report; may be nil
}

// Run judges the decisions of a journal again and sums up. What was judged before
// ctx ended is in the Summary that comes with the error; without a Summary the
// policies could not be loaded.
func Run(ctx context.Context, from *journal.Reader, opt Options) (*Summary, error) {
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	r := &run{opt: opt, summary: newSummary(against(opt.Against), opt.Policies)}
	var err error
	if r.is, err = policies(opt.Policies); err != nil {
		return nil, err
	}
	if opt.Against != "" && opt.Against != Recorded {
		if r.was, err = policies(opt.Against); err != nil {
			return nil, err
		}
	}
	if r.summary.Is == "" {
		r.summary.Is = replay.BuiltIn
	}
	r.summary.Workers = opt.Workers
	start := time.Now()
	err = r.each(ctx, from)
	r.summary.Took = time.Since(start)
	r.summary.finish()
	return r.summary, err
}

func against(name string) string {
	if name == "" {
		return Recorded
	}
	return name
}

func policies(dir string) (*policy.Set, error) {
	if dir == "" || dir == replay.BuiltIn {
		return policy.Embedded()
	}
	return policy.Load(dir)
}

// run is one run over a journal.
type run struct {
	opt     Options
	is, was *policy.Set // was is nil: held against what was recorded
	summary *Summary
}

// batch is some records on their way through the workers. What came of them goes
// into a slot of its own, so that slots can be emptied in order.
type batch struct {
	records []*journal.Record
	slot    chan []result
}

// result is what came of one record.
type result struct {
	at       time.Time
	persons  bool
	err      error
	lines    []Line
	outcomes []replay.Outcome // only for a report
}

// each judges the records and tells them in order.
func (r *run) each(ctx context.Context, from *journal.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	jobs := make(chan batch)
	order := make(chan batch, inFlight*r.opt.Workers)
	for range r.opt.Workers {
		workers.Go(func() {
			for b := range jobs {
				results := make([]result, len(b.records))
				for i, rec := range b.records {
					results[i] = r.judge(rec)
				}
				b.slot <- results
			}
		})
	}
	var failed error
	workers.Go(func() {
		defer close(order) // after failed was set
		defer close(jobs)
		failed = r.dispatch(ctx, from, jobs, order)
	})
	for b := range order {
		select {
		case results := <-b.slot:
			for i := range results {
				if err := r.tell(&results[i]); err != nil {
					return err
				}
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return failed
}

// dispatch hands out the records in batches.
func (r *run) dispatch(ctx context.Context, from *journal.Reader, jobs, order chan<- batch) error {
	b := batch{}
	hand := func() error {
		b.slot = make(chan []result, 1)
		for _, to := range [...]chan<- batch{order, jobs} {
			select {
			case to <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		b = batch{}
		return nil
	}
	for rec, err := range from.Records(ctx, r.opt.Within) {
		if err != nil {
			return err
		}
		if b.records = append(b.records, rec); len(b.records) == batchSize {
			if err := hand(); err != nil {
				return err
			}
		}
	}
	if len(b.records) == 0 {
		return nil
	}
	return hand()
}

// judge judges one record. Whatever goes wrong is in the result: one bad record
// must not end a run over a million good ones.
func (r *run) judge(rec *journal.Record) (out result) {
	out = result{at: rec.Time, persons: rec.Persons}
	defer func() {
		if p := recover(); p != nil {
			out.lines, out.outcomes, out.err = nil, nil, fmt.Errorf("%s: panic: %v", rec.Trace, p)
		}
	}()
	var facts *fact.Facts
	var is, was *policy.Hearing
	for i := range rec.Recipients {
		rcpt := &rec.Recipients[i]
		if r.opt.Domain != "" && domain(rcpt.Address) != r.opt.Domain {
			continue
		}
		if facts == nil {
			var err error
			if facts, err = rec.Facts(); err != nil {
				out.err = err
				return out
			}
			is = r.is.Hear(facts, rec.Time).Soften(rec.Softened())
			if r.was != nil {
				was = r.was.Hear(facts, rec.Time).Soften(rec.Softened())
			}
		}
		d := is.For(rcpt.Address)
		l := newLine(rec, rcpt, judged(&d))
		l.From = facts.Proof.FromDomain
		if was != nil {
			old := was.For(rcpt.Address)
			l.Was = judged(&old)
		}
		l.Changed = l.Was.Verdict != l.Is.Verdict
		l.Why = why(d.Findings, l.decided())
		if l.Why == "" {
			l.Why = why(facts.Found, l.decided())
		}
		out.lines = append(out.lines, l)
		if r.opt.Report != nil {
			out.outcomes = append(out.outcomes, outcome(&l, &d, facts))
		}
	}
	return out
}

func newLine(rec *journal.Record, rcpt *journal.Recipient, is Judgement) Line {
	return Line{Time: rec.Time, Trace: rec.Trace, QueueID: rec.QueueID, Rcpt: rcpt.Address, Was: recorded(rcpt.Outcome), Is: is}
}

// tell counts what came of a record and writes it where it is wanted.
func (r *run) tell(res *result) error {
	if res.err != nil {
		r.summary.unread(res.err)
		return nil
	}
	if len(res.lines) == 0 {
		return nil // of other domains
	}
	r.summary.record(res.at, res.persons)
	for i := range res.lines {
		r.summary.add(&res.lines[i])
		if r.opt.JSON != nil {
			if err := writeLine(r.opt.JSON, &res.lines[i]); err != nil {
				return err
			}
		}
	}
	for i := range res.outcomes {
		r.opt.Report.Add(&res.outcomes[i])
	}
	return nil
}

func writeLine(w io.Writer, l *Line) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(l)
}
