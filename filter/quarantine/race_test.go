package quarantine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sekisho/filter/quarantine/smtpsink"
)

func TestReleaseAndEraseAtOnce(t *testing.T) { onEach(t, testReleaseAndEraseAtOnce) }

// testReleaseAndEraseAtOnce: people, a link and a retention that come to one message at
// once, on two hosts: it is delivered once, or erased before it was; whoever is told that
// it is on its way is told the truth, and the others hear why not.
func testReleaseAndEraseAtOnce(t *testing.T, b *backend) {
	sink := smtpsink.Start(t)
	hosts := []*Store{b.open(t, Options{}), b.open(t, Options{})}
	delivered, erased := 0, 0
	for round := range 12 {
		to := fmt.Sprintf("n%d@one.test", round)
		id := stored(t, hosts[0], entry(fmt.Sprint("at once ", round), to)) + "-1"
		before := len(sink.Messages())
		var mu sync.Mutex
		told := false
		var all sync.WaitGroup
		begin := make(chan struct{})
		at := func(work func(s *Store) error) {
			for i := range 4 {
				s := hosts[i%2]
				all.Go(func() {
					<-begin
					if err := work(s); err != nil && !errors.Is(err, ErrPending) && !errors.Is(err, ErrErased) && !errors.Is(err, ErrNotFound) {
						t.Errorf("round %d: %v", round, err)
					}
				})
			}
		}
		release := func(s *Store) error {
			items, err := s.Release(context.Background(), id, ReleaseOptions{Addr: sink.Addr})
			if err == nil && items[0].State == Released {
				mu.Lock()
				told = true
				mu.Unlock()
			}
			return err
		}
		at(release)
		at(func(s *Store) error {
			if use, err := s.Spend(context.Background(), id, "release", time.Now().Add(time.Hour)); err != nil || use == UseOver {
				return err
			}
			return release(s)
		})
		at(func(s *Store) error {
			_, err := s.Erase(context.Background(), id)
			return err
		})
		close(begin)
		all.Wait()
		items, err := hosts[0].Show(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		arrived := len(sink.Messages()) - before
		switch state := items[0].State; {
		case arrived > 1, told && arrived != 1, arrived == 0 && state != Erased, state != Erased && state != Released:
			t.Errorf("round %d: it came %d times, success was told: %v, and it is %s", round, arrived, told, state)
		}
		delivered += arrived
		if items[0].State == Erased {
			erased++
		}
	}
	t.Logf("12 rounds: %d delivered, %d erased", delivered, erased)
}
