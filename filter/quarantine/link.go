package quarantine

import (
	"context"
	"time"
)

// Use says what came of putting a link to use.
type Use string

// All values of Use.
const (
	UseFirst Use = "first" // nobody has used it
	UseAgain Use = "again" // for the same, and how that ended is not known: what is asked for twice has to be done once
	UseOver  Use = "over"  // it was used, or is being used for something else
)

// Spend puts a link to use that is good once and until a time, for an action; for all
// hosts. What it was used for has to be told of by Spent or Unspend. Where a process died
// before it could, the link is good for the same action still.
func (s *Store) Spend(ctx context.Context, id, action string, expires time.Time) (use Use, err error) {
	err = s.index.change(ctx, func(ctx context.Context, tx handle) error {
		use = UseOver
		if _, err := tx.exec(ctx, "DELETE FROM link WHERE expires <= ?", s.now().UnixMicro()); err != nil {
			return err
		}
		n, err := tx.exec(ctx, "INSERT INTO link (id, expires, action, done) VALUES (?,?,?,0) ON CONFLICT DO NOTHING", id, expires.UnixMicro(), action)
		if err != nil || n == 1 {
			use = UseFirst
			return err
		}
		var again int
		if err := tx.value(ctx, &again, "SELECT count(*) FROM link WHERE id = ? AND action = ? AND done = 0", id, action); err == nil && again == 1 {
			use = UseAgain
		} else if err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		use = UseOver
	}
	return use, s.metrics.count(opMark, err)
}

// Spent uses a link up: what it was spent for is done; also when another request for the
// same has come to nothing meanwhile, and has made the link good again.
func (s *Store) Spent(ctx context.Context, id, action string, expires time.Time) error {
	_, err := s.index.affects(ctx, "INSERT INTO link (id, expires, action, done) VALUES (?,?,?,1) ON CONFLICT (id) DO UPDATE SET done = 1", id, expires.UnixMicro(), action)
	return s.metrics.count(opMark, err)
}

// Unspend makes a link good again: what it was spent for did not happen.
func (s *Store) Unspend(ctx context.Context, id string) error {
	_, err := s.index.affects(ctx, "DELETE FROM link WHERE id = ? AND done = 0", id)
	return s.metrics.count(opMark, err)
}

// IsSpent reports whether a link was used up.
func (s *Store) IsSpent(ctx context.Context, id string) (bool, error) {
	var n int
	err := s.index.reading().value(ctx, &n, "SELECT count(*) FROM link WHERE id = ? AND done <> 0", id)
	return n > 0, s.metrics.count(opRead, err)
}
