package quarantine

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// Delivery tells what Deliver did.
type Delivery struct {
	Sent    int // copies handed over, and erased here
	Waiting int // copies that are left
}

// Deliver sends the copies that wait in the store to their recipients and erases
// them here. A copy is a message that was judged and marked for some recipients of
// a transaction, whom the MTA was told to leave out: an entry with verdict "accept"
// or "tag", which nobody holds. What cannot be handed over stays and is tried again
// by the next Deliver; its Note says why. Nobody waits for a person to decide: a
// copy whose fate is not known, since the answer did not come, is sent again once
// its attempt has expired, maxUnknown times in all. Its recipient may get it twice,
// but gets it.
func (s *Store) Deliver(ctx context.Context, o ReleaseOptions) (d Delivery, err error) {
	copies, err := s.index.items(ctx, selectItems+" WHERE i.verdict IN ('accept', 'tag') AND i.state <> 'erased' ORDER BY i.changed, i.id LIMIT ?", maxCopies)
	if err != nil {
		return d, s.metrics.count(opRead, err)
	}
	var errs []error
	for i, it := range copies {
		err := s.forward(ctx, it, o)
		if err == nil {
			d.Sent++
			continue
		}
		if !errors.Is(err, ErrPending) {
			errs = append(errs, fmt.Errorf("copy %s: %w", it.ID, s.metrics.count(opRelease, err)))
		}
		d.Waiting++
		var unreachable *net.OpError
		if ctx.Err() != nil || errors.As(err, &unreachable) && unreachable.Op == "dial" {
			d.Waiting += len(copies) - i - 1 // nor will the others be
			break
		}
	}
	s.metrics.copies.Add(float64(d.Sent))
	s.metrics.waiting.Set(float64(d.Waiting))
	return d, errors.Join(errs...)
}

// forward sends one copy, unless that was done, and erases it.
func (s *Store) forward(ctx context.Context, it Item, o ReleaseOptions) error {
	o.As, o.By = Admin, "sekisho"
	if it.State == Releasing {
		ended, err := s.ended(ctx, it)
		if err != nil || !ended {
			return errors.Join(ErrPending, err)
		}
		o.Again = true
	}
	if err := s.release(ctx, it, o); err != nil {
		return err
	}
	_, err := s.erase(context.WithoutCancel(ctx), noteSent, func(int64) (string, []any) { return "i.id = ? AND " + settled, []any{it.ID} })
	return err
}

// ended reports whether no attempt to send an item can be under way any more, and
// there were not too many of which nobody knows what came.
func (s *Store) ended(ctx context.Context, it Item) (bool, error) {
	var all, running int
	err := s.index.reading().row(ctx, []any{&all, &running}, "SELECT count(*), count(*) FILTER (WHERE expires > ?) FROM attempt WHERE item = ?",
		s.now().UnixMicro(), it.ID)
	return running == 0 && all < maxUnknown, err
}
