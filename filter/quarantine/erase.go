package quarantine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Erasure tells what was erased.
type Erasure struct {
	Items    int `json:"items"`    // whose addresses are gone
	Messages int `json:"messages"` // files removed
	Pending  int `json:"pending"`  // items left alone because they are being released
}

// Notes of erased items.
const (
	noteExpired = "not kept any longer"
	noteErased  = "erased on request"
)

// Expired returns the items that Expire would erase, those due longest first, at
// most MaxList.
func (s *Store) Expired(ctx context.Context) ([]Item, error) {
	items, err := s.index.items(ctx, selectItems+" WHERE "+due("i.")+" ORDER BY i.expires, i.stored, i.id LIMIT ?", s.now().UnixMicro(), MaxList)
	return items, s.metrics.count(opRead, err)
}

// Expire erases the items that their policy keeps no longer, and finishes what
// an erasure before it had to leave. An item that is being released stays until
// that has come to an end. When ctx ends, what was erased is erased.
func (s *Store) Expire(ctx context.Context) (Erasure, error) {
	now := s.now().UnixMicro()
	e, err := s.erase(ctx, noteExpired, due(""), now)
	s.metrics.expired.Add(float64(e.Items))
	if err == nil {
		err = s.index.forget(ctx, s.now().Add(-traceOfErased).UnixMicro())
	}
	return e, s.metrics.count(opErase, err)
}

// Erase erases an item, or all items of an entry. ErrNotFound, or ErrPending
// when some of them are being released; the others are erased then.
func (s *Store) Erase(ctx context.Context, id string) (Erasure, error) {
	if _, err := s.Show(ctx, id); err != nil {
		return Erasure{}, err
	}
	return s.eraseOnRequest(ctx, "(id = ?1 OR entry = ?1) AND stored <= ?2", id)
}

// EraseDomain erases all items of recipients in a domain that were stored by
// now, but those that are being released: with ErrPending some are left.
func (s *Store) EraseDomain(ctx context.Context, domain string) (Erasure, error) {
	return s.eraseOnRequest(ctx, "domain = ?1 AND stored <= ?2", strings.ToLower(domain))
}

func (s *Store) eraseOnRequest(ctx context.Context, which string, arg any) (Erasure, error) {
	now := s.now().UnixMicro()
	e, err := s.erase(ctx, noteErased, which, arg, now)
	s.metrics.erased.Add(float64(e.Items))
	if err == nil {
		err = s.index.read.QueryRowContext(ctx, "SELECT count(*) FROM item WHERE "+which+" AND state = 'releasing'", arg, now).Scan(&e.Pending)
	}
	if err = s.metrics.count(opErase, err); err == nil && e.Pending > 0 {
		err = fmt.Errorf("%d items are left: %w", e.Pending, ErrPending)
	}
	return e, err
}

// due is the condition for items that are to be erased at a time. Its first term
// is that of the index item_expires.
func due(table string) string {
	return table + "expires > 0 AND " + table + "expires <= ? AND " + table + "state IN ('held', 'released')"
}

// erase takes the addresses out of the index and then removes the messages that
// nobody is held for any more. The index comes first: a crash leaves a file
// without an item, never an item without its file, and the index keeps the name
// of the file until it is removed, so that the next erasure finishes the work.
func (s *Store) erase(ctx context.Context, note, which string, args ...any) (e Erasure, err error) {
	for {
		n, err := s.index.erase(ctx, note, which, args...)
		e.Items += n
		if err != nil {
			return e, fmt.Errorf("erase: %w", err)
		}
		if n == 0 {
			break
		}
	}
	for {
		entries, files, err := s.index.free(ctx, s.blobs.remove)
		e.Messages += files
		if err != nil {
			return e, fmt.Errorf("remove erased messages: %w", err)
		}
		if entries == 0 {
			break
		}
	}
	if e.Items > 0 {
		// The write-ahead log still has the pages as they were. Where others
		// read, it is emptied by one of the next checkpoints.
		_, err = s.index.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return e, err
}

// erase makes the next items that which chooses into items that only tell that
// they were, and the same of entries that no others belong to.
func (x *index) erase(ctx context.Context, note, which string, args ...any) (n int, err error) {
	now := x.now().UnixMicro()
	err = x.change(ctx, func(tx *sql.Tx) error {
		items, err := pairs(ctx, tx, "SELECT id, entry FROM item WHERE "+which+" AND state IN ('held', 'released') LIMIT "+strconv.Itoa(maxErase), args...)
		if err != nil {
			return err
		}
		for _, it := range items {
			_, err := tx.ExecContext(ctx, "UPDATE item SET state = 'erased', recipient = '', note = ?, changed = max(?, changed + 1), expires = 0 WHERE id = ?",
				note, now, it[0])
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE entry SET erased = ?, sender = '', sender_args = '[]', client = '', client_name = '', helo = '',
				auth_user = '', queue_id = '', why = ''
				WHERE id = ? AND NOT EXISTS (SELECT 1 FROM item WHERE item.entry = entry.id AND state <> 'erased')`, now, it[1])
			if err != nil {
				return err
			}
		}
		n = len(items)
		return nil
	})
	if err != nil {
		n = 0
	}
	return n, err
}

// free removes files of entries that are erased, unless another entry has the
// same message. It does so inside a transaction that may write: nobody can commit
// an entry meanwhile, and whoever commits one later looks whether its file is
// there (see commit). It returns how many entries it has dealt with.
func (x *index) free(ctx context.Context, remove func(sum string) error) (entries, files int, err error) {
	err = x.change(ctx, func(tx *sql.Tx) error {
		found, err := pairs(ctx, tx, `SELECT sha256, EXISTS (SELECT 1 FROM entry o WHERE o.sha256 = e.sha256 AND o.erased = 0)
			FROM entry e WHERE e.erased > 0 AND e.sha256 <> '' LIMIT `+strconv.Itoa(maxFree))
		if err != nil {
			return err
		}
		gone := map[string]bool{}
		for _, f := range found {
			sum, shared := f[0], f[1] == "1"
			if gone[sum] {
				continue
			}
			gone[sum] = true
			if !shared {
				if err := remove(sum); err != nil {
					return err
				}
				files++
			}
			result, err := tx.ExecContext(ctx, "UPDATE entry SET sha256 = '' WHERE sha256 = ? AND erased > 0", sum)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			entries += int(n)
		}
		return nil
	})
	return entries, files, err
}

// forget removes the last traces of entries erased before a time, but not the
// feedback.
func (x *index) forget(ctx context.Context, before int64) error {
	for {
		n := 0
		err := x.change(ctx, func(tx *sql.Tx) error {
			old, err := pairs(ctx, tx, "SELECT id, '' FROM entry WHERE erased > 0 AND erased <= ? AND sha256 = '' LIMIT "+strconv.Itoa(maxErase), before)
			if err != nil {
				return err
			}
			for _, e := range old {
				_, err1 := tx.ExecContext(ctx, "DELETE FROM item WHERE entry = ?", e[0])
				_, err2 := tx.ExecContext(ctx, "DELETE FROM entry WHERE id = ?", e[0])
				if err := errors.Join(err1, err2); err != nil {
					return err
				}
			}
			n = len(old)
			return nil
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// pairs reads rows of two texts.
func pairs(ctx context.Context, tx *sql.Tx, query string, args ...any) ([][2]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][2]string
	for rows.Next() {
		var p [2]string
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}
