package load

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// TestLevel: one interval in which every message waited too long is a step up, one in
// which any waited less than half of it a step down; between them nothing changes.
func TestLevel(t *testing.T) {
	t.Parallel()
	const mark = 500 * time.Millisecond
	for name, tc := range map[string]struct {
		waits [][]time.Duration // of the messages in each interval
		full  []float64         // share of memory in each interval; 0 where it is not named
		want  []int             // level in the interval after
	}{
		"at the mark":             {waits: [][]time.Duration{{mark}, {mark}, {mark}, {mark}}, want: []int{1, 2, 3, 3}},
		"just below the mark":     {waits: [][]time.Duration{{mark - 1}, {mark - 1}}, want: []int{0, 0}},
		"one that had not to":     {waits: [][]time.Duration{{mark, 0, mark}, {time.Minute, mark, mark - 1}}, want: []int{0, 0}},
		"it lasts between":        {waits: [][]time.Duration{{mark}, {mark / 2}, {mark - 1}, {mark/2 - 1}}, want: []int{1, 1, 1, 0}},
		"down one by one":         {waits: [][]time.Duration{{mark}, {mark}, {0}, {0}}, want: []int{1, 2, 1, 0}},
		"nobody comes any more":   {waits: [][]time.Duration{{mark}, {mark}, nil, nil}, want: []int{1, 2, 1, 0}},
		"memory at its mark":      {waits: [][]time.Duration{{0}, {0}, {0}, {0}}, full: []float64{.75, .75, .4, .37}, want: []int{1, 2, 2, 1}},
		"memory below it":         {waits: [][]time.Duration{{0}}, full: []float64{.74}, want: []int{0}},
		"memory, and no waiting":  {waits: [][]time.Duration{{0}, nil, nil}, full: []float64{1, 1, 1}, want: []int{1, 0, 0}},
		"waiting, memory is free": {waits: [][]time.Duration{{mark}, {mark}}, full: []float64{0, 0}, want: []int{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, share := time.Unix(1e9, 0), 0.0
			m := New(Options{Wait: mark, Memory: .75, Full: func() float64 { return share }, Now: func() time.Time { return now }})
			m.Level() // the first interval begins
			for i, waits := range tc.waits {
				if i < len(tc.full) {
					share = tc.full[i]
				}
				for _, w := range waits {
					m.see(now, w)
				}
				now = now.Add(interval)
				if got := m.Level(); got != tc.want[i] {
					t.Fatalf("after interval %d: level %d, want %d", i, got, tc.want[i])
				}
			}
		})
	}
}

// TestNever: without marks nothing is left out, whatever comes.
func TestNever(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	m := New(Options{Full: func() float64 { return 1 }, Now: func() time.Time { return now }})
	for range 10 {
		m.see(now, time.Hour)
		now = now.Add(interval)
	}
	if got := m.Level(); got != 0 {
		t.Errorf("level %d", got)
	}
	var none *Meter
	turn := none.Enter(t.Context())
	turn.End()
	if turn.Level() != 0 {
		t.Error("a message that nobody counts is shed")
	}
}

// TestPause: after a pause nothing is left out.
func TestPause(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	m := New(Options{Wait: time.Millisecond, Now: func() time.Time { return now }})
	for range 5 {
		m.see(now, time.Second)
		now = now.Add(interval)
	}
	if got := m.Level(); got != maxSteps {
		t.Fatalf("level %d", got)
	}
	now = now.Add(time.Hour)
	if got := m.see(now, 0); got != 0 {
		t.Errorf("level %d after an hour", got)
	}
}

// TestTurns: no more are at work than there are turns, in the order in which they
// came; one whose time is over goes on without.
func TestTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewPedanticRegistry()
		m := New(Options{Turns: 2, Registerer: reg})
		first, second := m.Enter(t.Context()), m.Enter(t.Context())
		var mu sync.Mutex
		var came []int
		for i := range 3 {
			go func() {
				turn := m.Enter(t.Context())
				mu.Lock()
				came = append(came, i)
				mu.Unlock()
				turn.End()
				turn.End()
			}()
			synctest.Wait()
		}
		if taken, waiting := len(m.turns), m.waiting.Load(); taken != 2 || waiting != 3 || len(came) != 0 {
			t.Fatalf("%d at work, %d wait, %v went on", taken, waiting, came)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		late := m.Enter(ctx)
		late.End()
		if taken := len(m.turns); taken != 2 {
			t.Fatalf("%d at work: one without a turn has ended another's", taken)
		}
		first.End()
		synctest.Wait()
		if len(came) != 3 || came[0] != 0 || came[1] != 1 || came[2] != 2 {
			t.Errorf("went on: %v", came)
		}
		second.End()
		if taken := len(m.turns); taken != 0 {
			t.Errorf("%d at work in the end", taken)
		}
		if n, err := testutil.GatherAndCount(reg); err != nil || n != 5 {
			t.Errorf("%d metrics, %v", n, err)
		}
	})
}
