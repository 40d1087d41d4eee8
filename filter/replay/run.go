package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"sekisho/filter/proof"
	"sekisho/filter/replay/archive"
)

// Options say how to judge an archive.
type Options struct {
	Source    proof.Source  // where proof comes from; by DNS, SPF can't be checked: an archive knows no clients
	Resolver  string        // host:port of the name server for proof by DNS; "" is the system's
	Policies  string        // policy folder; "" or BuiltIn is the built-in policy
	Against   string        // policy folder to compare with, or BuiltIn; "" compares with none
	Brands    []string      // catalogue files beside the embedded ones
	Lists     []string      // of senders and links that phishing used
	Recipient string        // whose policy judges; "" is the default policy
	Timeout   time.Duration // for one message; 0 is DefaultTimeout
	Workers   int           // messages judged at once; 0 is one for each processor that Go uses
	Labels    Labels        // may be nil
	State     string        // file that a run goes on from and keeps up; "" for none
	JSON      io.Writer     // takes a line for each message, in the order of the archive; may be nil
	Progress  *Progress     // told as it goes; may be nil
}

// DefaultTimeout is the time limit for one message.
const DefaultTimeout = 30 * time.Second

// ErrUnread means that at least one message could not be judged; the outcome of
// each says why, and the others were judged.
var ErrUnread = errors.New("not every message could be judged")

// Run judges every message of the archives and sums up. When ctx ends, what was
// judged by then is in the Summary that comes with ctx's error, and in the state
// file. Errors other than these and ErrUnread mean that nothing more could be
// done: the options are wrong, or a file can't be written.
func Run(ctx context.Context, opt Options, archives []string) (*Summary, error) {
	if opt.Timeout <= 0 {
		opt.Timeout = DefaultTimeout
	}
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	j, err := newJudge(&opt)
	if err != nil {
		return nil, err
	}
	r := &run{opt: &opt, judge: j, summary: newSummary(&opt, j, archives), done: map[string]bool{}}
	if opt.State != "" {
		if r.journal, err = openJournal(opt.State, settings(&opt, j), r.resumed); err != nil {
			return nil, err
		}
	}
	stop := opt.Progress.start(archives, r.summary.Resumed)
	start := time.Now()
	err = r.each(ctx, archives)
	r.summary.Took = time.Since(start)
	r.summary.finish()
	stop()
	if r.journal != nil {
		err = errors.Join(err, r.journal.close())
	}
	if err == nil && r.summary.Unread > 0 {
		err = fmt.Errorf("%w, such as: %s", ErrUnread, r.trouble)
	}
	return r.summary, err
}

// run is one run over archives.
type run struct {
	opt     *Options
	judge   *judge
	journal *journal // nil: not kept
	summary *Summary
	trouble string          // why the first message that could not be judged was not
	done    map[string]bool // names of the messages that the state file holds
}

// job is one message on its way through the workers. Its outcome goes into a slot
// of its own, so that slots can be emptied in the order of the archive.
type job struct {
	message archive.Message
	slot    chan Outcome
}

// each judges what is not done yet and tells it in order.
func (r *run) each(ctx context.Context, archives []string) error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	jobs := make(chan job)
	order := make(chan chan Outcome, inFlight*r.opt.Workers)
	for range r.opt.Workers {
		workers.Go(func() {
			for j := range jobs {
				j.slot <- r.judge.judge(ctx, j.message)
			}
		})
	}
	workers.Go(func() {
		defer close(order)
		defer close(jobs)
		r.dispatch(ctx, archives, jobs, order)
	})
	for slot := range order {
		select {
		case o := <-slot:
			// What was judged while ctx ended may lack proof that it would have had.
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := r.tell(o, true); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// dispatch hands out the messages of the archives.
func (r *run) dispatch(ctx context.Context, archives []string, jobs chan<- job, order chan<- chan Outcome) {
	for m, err := range archive.Messages(archives) {
		if r.done[m.Name] {
			continue
		}
		j := job{message: m, slot: make(chan Outcome, 1)}
		select {
		case order <- j.slot:
		case <-ctx.Done():
			return
		}
		if err != nil {
			j.slot <- Outcome{Error: err.Error()}
			continue
		}
		select {
		case jobs <- j:
		case <-ctx.Done():
			return
		}
	}
}

// resumed takes an outcome that an earlier run left in the state file.
func (r *run) resumed(o Outcome) error {
	r.done[o.File] = true
	r.summary.Resumed++
	return r.tell(o, false)
}

// tell counts an outcome and writes it where it is wanted. Messages that could
// not be judged are not kept in the state file: the next run tries them again.
func (r *run) tell(o Outcome, fresh bool) error {
	o.Label = r.opt.Labels.Of(o.File)
	if fresh && r.journal != nil && o.Error == "" {
		if err := r.journal.add(&o); err != nil {
			return err
		}
	}
	r.summary.add(&o)
	if r.trouble == "" {
		r.trouble = o.Error
	}
	if fresh {
		r.opt.Progress.add(&o)
	}
	if r.opt.JSON == nil {
		return nil
	}
	return writeLine(r.opt.JSON, &o)
}

func writeLine(w io.Writer, o *Outcome) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(o)
}
