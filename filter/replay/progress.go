package replay

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sekisho/filter/replay/archive"
)

// Progress tells people how far a run is.
type Progress struct {
	Out  io.Writer
	Live bool // Out is a terminal: one line is drawn again and again

	total atomic.Int64 // 0 while the archives are being counted
	done  atomic.Int64
	held  atomic.Int64
}

// start counts the messages of the archives beside the work and draws, until the
// returned function is called. A nil Progress tells nothing.
func (p *Progress) start(archives []string, resumed int) (stop func()) {
	if p == nil {
		return func() {}
	}
	p.done.Store(int64(resumed))
	every := tellEvery
	if p.Live {
		every = drawEvery
	}
	quit := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { p.count(archives, quit) })
	wait.Go(func() {
		begun := time.Now()
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.draw(time.Since(begun), int64(resumed))
			case <-quit:
				if p.Live {
					fmt.Fprint(p.Out, "\r\x1b[K")
				}
				return
			}
		}
	})
	return func() { close(quit); wait.Wait() }
}

// count walks over the archives once, without opening a message.
func (p *Progress) count(archives []string, quit <-chan struct{}) {
	n := int64(0)
	for range archive.Messages(archives) {
		select {
		case <-quit:
			return
		default:
			n++
		}
	}
	p.total.Store(n)
}

func (p *Progress) add(o *Outcome) {
	if p == nil {
		return
	}
	p.done.Add(1)
	if o.Held() {
		p.held.Add(1)
	}
}

// draw writes the state as one line.
func (p *Progress) draw(since time.Duration, resumed int64) {
	line := progressLine(p.done.Load(), p.total.Load(), p.held.Load(), resumed, since)
	if p.Live {
		fmt.Fprintf(p.Out, "\r\x1b[K%s", line)
		return
	}
	fmt.Fprintln(p.Out, line)
}

func progressLine(done, total, held, resumed int64, since time.Duration) string {
	rate := float64(done-resumed) / max(since.Seconds(), 0.001)
	if total == 0 {
		return fmt.Sprintf("judged %d, %d held, %.0f a second", done, held, rate)
	}
	const width = 24
	share := min(float64(done)/float64(total), 1)
	full := int(share * width)
	left := "?"
	if rate > 0 {
		left = (time.Duration(float64(max(total-done, 0))/rate) * time.Second).String()
	}
	return fmt.Sprintf("[%s%s] %3.0f %%  %d of %d, %d held, %.0f a second, %s left",
		strings.Repeat("#", full), strings.Repeat(".", width-full), 100*share, done, total, held, rate, left)
}
