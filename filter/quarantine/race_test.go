package quarantine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sekisho/filter/quarantine/smtpsink"
)

func TestReleaseAndEraseAtOnce(t *testing.T) { onEach(t, testReleaseAndEraseAtOnce) }

// testReleaseAndEraseAtOnce: people, a link and a retention that come to one message at
// once, on two hosts: it is delivered once, or erased before it was; whoever is told that
// it is on its way is told the truth, and the others hear why not. While it is being sent
// nobody erases it, and its message is there.
func testReleaseAndEraseAtOnce(t *testing.T, b *backend) {
	sink := smtpsink.Start(t)
	hosts := []*Store{b.open(t, Options{}), b.open(t, Options{})}
	var sending atomic.Value // id of the item of the round
	sink.Answer(func(verb, _ string) string {
		if verb == "." {
			items, err := hosts[1].Show(context.Background(), sending.Load().(string))
			if err != nil || items[0].State != Releasing || whole(context.Background(), hosts[1], items[0]) != nil {
				t.Errorf("while it is being sent: %+v, %v", items, err)
			}
		}
		return ""
	})
	const rounds = 6
	delivered, erased := 0, 0
	for round := range rounds {
		to := fmt.Sprintf("n%d@one.test", round)
		e := entry(fmt.Sprint("at once ", round), to)
		e.Recipients[0].Keep = time.Microsecond
		id := stored(t, hosts[0], e) + "-1"
		sending.Store(id)
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
		erase := func(erase func(s *Store) error) {
			at(func(s *Store) error {
				if round%2 == 1 { // let who releases be first, too
					time.Sleep(rand.N(20 * time.Millisecond))
				}
				return erase(s)
			})
		}
		erase(func(s *Store) error { _, err := s.Erase(context.Background(), id); return err })
		erase(func(s *Store) error { _, err := s.EraseDomain(context.Background(), "one.test"); return err })
		erase(func(s *Store) error { _, err := s.Expire(context.Background()); return err })
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
	t.Logf("%d rounds: %d delivered, %d erased", rounds, delivered, erased)
}
