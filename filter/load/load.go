package load

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options are what a Meter is made of.
type Options struct {
	Turns int           // messages that are worked on at once; 0: four for each processor
	Wait  time.Duration // for a turn, from which on checks are left out; 0: never

	// Full tells how full the memory for messages is, from 0 to 1, and Memory from
	// where on that counts like waiting. 0: never.
	Full   func() float64
	Memory float64

	Now        func() time.Time      // nil: time.Now
	Registerer prometheus.Registerer // nil counts for nobody
}

// Meter gives turns. It is safe for concurrent use.
type Meter struct {
	opt     Options
	turns   chan struct{} // holds one for each message at work; who waits for it comes first in, first out
	waiting atomic.Int64
	waits   prometheus.Histogram

	mu    sync.Mutex
	level int
	ends  time.Time     // of the running interval; zero before the first message
	least time.Duration // that a message has waited in it
	full  bool          // memory was past its mark all through it
	empty bool          // memory was well below its mark
	seen  bool          // any message came in it
}

// New returns a Meter, and registers its metrics.
func New(opt Options) *Meter {
	if opt.Turns <= 0 {
		opt.Turns = perProcessor * runtime.GOMAXPROCS(0)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Full == nil {
		opt.Full = func() float64 { return 0 }
	}
	m := &Meter{opt: opt, turns: make(chan struct{}, opt.Turns)}
	m.register(opt.Registerer)
	return m
}

// Turn is the turn of one message. The zero Turn is of a message that nobody counts.
type Turn struct {
	m     *Meter
	level int
	ended bool
}

// Enter waits for a turn. When ctx ends before, the message goes on without one: it
// has no time left to work in. End has to follow.
func (m *Meter) Enter(ctx context.Context) *Turn {
	if m == nil {
		return &Turn{}
	}
	begun := m.opt.Now()
	t := &Turn{m: m}
	select {
	case m.turns <- struct{}{}:
	default:
		m.waiting.Add(1)
		select {
		case m.turns <- struct{}{}:
		case <-ctx.Done():
			t.ended = true
		}
		m.waiting.Add(-1)
	}
	now := m.opt.Now()
	waited := now.Sub(begun)
	m.waits.Observe(waited.Seconds())
	t.level = m.see(now, waited)
	return t
}

// Level is how many steps of work are to be left out, from 0 to 3.
func (t *Turn) Level() int { return t.level }

// End lets the next message have its turn. It may be called again.
func (t *Turn) End() {
	if t.m != nil && !t.ended {
		t.ended = true
		<-t.m.turns
	}
}

// see takes a message into account that has waited, and returns the level.
func (m *Meter) see(now time.Time, waited time.Duration) int {
	share := m.opt.Full()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(now)
	if !m.seen || waited < m.least {
		m.least = waited
	}
	m.full = (m.full || !m.seen) && m.opt.Memory > 0 && share >= m.opt.Memory
	m.empty = m.empty || share < m.opt.Memory/2 || m.opt.Memory == 0
	m.seen = true
	return m.level
}

// turn ends the interval that is over, and decides on it.
func (m *Meter) turn(now time.Time) {
	if m.ends.IsZero() {
		m.ends = now.Add(interval)
	}
	if now.Before(m.ends) {
		return
	}
	m.level = m.next()
	if m.waiting.Load() == 0 {
		// Nobody had to wait in the intervals in which nobody came.
		m.level = max(0, m.level-int(now.Sub(m.ends)/interval))
	}
	m.ends = now.Add(interval)
	m.least, m.full, m.empty, m.seen = 0, false, false, false
}

// next is the level after the running interval. Between the mark and half of it
// nothing changes, so that the level does not go up and down all the time.
func (m *Meter) next() int {
	slow, calm := m.least >= m.opt.Wait, m.least < m.opt.Wait/2
	if m.opt.Wait == 0 {
		slow, calm = false, true
	}
	switch {
	case !m.seen && m.waiting.Load() > 0:
		return m.level // those at work take longer than an interval
	case !m.seen:
		return max(m.level-1, 0)
	case slow || m.full:
		return min(m.level+1, maxSteps)
	case calm && m.empty:
		return max(m.level-1, 0)
	}
	return m.level
}

// Level is what a message would meet that came now.
func (m *Meter) Level() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(m.opt.Now())
	return m.level
}
