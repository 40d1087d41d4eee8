package wire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/emersion/go-milter"
)

// Why a judgement ended before its time; context.Cause tells.
var (
	errTooSlow = errors.New("wire: time limit of the message passed")
	errGone    = errors.New("wire: the MTA went away")
	errAborted = errors.New("wire: the MTA aborted the message")
)

// watch looks after the MTA while its message is judged: it hears that work goes
// on, and the judgement ends when the MTA goes away or aborts.
type watch struct {
	c    *conn
	done chan struct{}

	mu      sync.Mutex
	stopped bool
}

// startWatch lends the reader to a watch, until stop.
func (c *conn) startWatch(ctx context.Context, cancel context.CancelCauseFunc) *watch {
	w := &watch{c: c, done: make(chan struct{})}
	c.watched = true
	c.s.spawn(inWatch, func() {
		defer close(w.done)
		if err := w.run(ctx); err != nil {
			cancel(err)
		}
	})
	return w
}

// stop ends the watch and waits for it.
func (w *watch) stop() {
	w.mu.Lock()
	w.stopped = true
	_ = w.c.Conn.SetReadDeadline(past)
	w.mu.Unlock()
	<-w.done
	w.c.watched = false
}

// run returns nil when stopped, or why the judgement has to end. An MTA has
// nothing to say here but ABORT and QUIT; that it goes away shows as an end of
// the stream. A QUIT sent ahead is no reason to throw the verdict away.
func (w *watch) run(ctx context.Context) error {
	in := w.c.in
	next := time.Now().Add(w.c.s.opt.Limits.ProgressEvery)
	for w.wait(next) {
		_, err := in.Peek(in.Buffered() + 1)
		switch {
		case err == nil:
			if head, _ := in.Peek(min(in.Buffered(), frameHead+1)); len(head) > frameHead &&
				milter.Code(head[frameHead]) == milter.CodeAbort {
				return errAborted
			}
		case errors.Is(err, os.ErrDeadlineExceeded):
			if now := time.Now(); !now.Before(next) {
				next = now.Add(w.c.s.opt.Limits.ProgressEvery)
				if ctx.Err() == nil && !w.isStopped() {
					w.c.progress()
				}
			}
		case errors.Is(err, bufio.ErrBufferFull):
			return w.c.reject(OutOfOrder)
		default:
			return errors.Join(errGone, notEOF(err))
		}
	}
	return nil
}

// wait sets the deadline of the next look, unless the watch was stopped.
func (w *watch) wait(next time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return false
	}
	return w.c.Conn.SetReadDeadline(next) == nil
}

func (w *watch) isStopped() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopped
}

func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
