package quarantine

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestSpend(t *testing.T) { onEach(t, testSpend) }

// testSpend: a link is good for the first of many, for the same again until that is
// known to be done, for nothing else meanwhile, and for all again when it led to nothing.
func testSpend(t *testing.T, b *backend) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	stores := []*Store{b.open(t, Options{Now: func() time.Time { return now }}), b.open(t, Options{Now: func() time.Time { return now }})}
	const id = "item.digest"
	spend := func(s *Store, action string) Use {
		use, err := s.Spend(context.Background(), id, action, now.Add(time.Hour))
		if err != nil {
			t.Error(err)
		}
		return use
	}
	var first, again atomic.Int32
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			switch spend(stores[i%2], "release") {
			case UseFirst:
				first.Add(1)
			case UseAgain:
				again.Add(1)
			}
		})
	}
	all.Wait()
	if first.Load() != 1 || again.Load() != 9 {
		t.Errorf("%d were the first, %d came for the same", first.Load(), again.Load())
	}
	is := func(want bool) {
		t.Helper()
		if spent, err := stores[1].IsSpent(t.Context(), id); spent != want || err != nil {
			t.Errorf("used up: %v %v, want %v", spent, err, want)
		}
	}
	is(false)
	if use := spend(stores[0], "erase"); use != UseOver {
		t.Errorf("for something else meanwhile: %s", use)
	}
	if err := stores[1].Unspend(t.Context(), id); err != nil {
		t.Error(err)
	}
	if use := spend(stores[0], "erase"); use != UseFirst {
		t.Errorf("after it led to nothing: %s", use)
	}
	if err := stores[1].Unspend(t.Context(), id); err != nil { // by another that came to nothing
		t.Error(err)
	}
	if err := stores[0].Spent(t.Context(), id, "erase", now.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	is(true)
	for _, action := range []string{"release", "erase"} {
		if use := spend(stores[1], action); use != UseOver {
			t.Errorf("used up, and %s: %s", action, use)
		}
	}
	if err := stores[1].Unspend(t.Context(), id); err != nil {
		t.Error(err)
	}
	is(true) // what is done is done
}
