package quarantine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
	noteSent    = "was a copy for its recipient, who has it"
)

// Expired returns the items that Expire would erase, those due longest first, at
// most MaxList.
func (s *Store) Expired(ctx context.Context) ([]Item, error) {
	items, err := s.index.items(ctx, selectItems+" WHERE "+due+" ORDER BY i.expires, i.stored, i.id LIMIT ?", s.now().UnixMicro(), MaxList)
	return items, s.metrics.count(opRead, err)
}

// Expire erases the items that their policy keeps no longer, and finishes what
// an erasure before it had to leave. An item that is being released stays until
// that has come to an end. When ctx ends, what was erased is erased.
func (s *Store) Expire(ctx context.Context) (Erasure, error) {
	now := s.now().UnixMicro()
	// What is erased is no longer due: the next batch finds it no more.
	e, err := s.erase(ctx, noteExpired, func(int64) (string, []any) { return due, []any{now} })
	s.metrics.expired.Add(float64(e.Items))
	if err == nil {
		before := s.now().Add(-traceOfErased).UnixMicro()
		err = errors.Join(s.index.forget(ctx, before), s.index.forgetReports(ctx, before))
	}
	return e, s.metrics.count(opErase, err)
}

// Erase erases an item, or all items of an entry. ErrNotFound, or ErrPending
// when some of them are being released; the others are erased then.
func (s *Store) Erase(ctx context.Context, id string) (Erasure, error) {
	if _, err := s.Show(ctx, id); err != nil {
		return Erasure{}, err
	}
	return s.eraseOnRequest(ctx, "(i.id = ?1 OR i.entry = ?1) AND i.stored <= ?2", id)
}

// EraseDomain erases all items of recipients in a domain that were stored by
// now, but those that are being released: with ErrPending some are left.
func (s *Store) EraseDomain(ctx context.Context, name string) (Erasure, error) {
	return s.eraseOnRequest(ctx, "i.domain = ?1 AND i.stored <= ?2", domain(name))
}

func (s *Store) eraseOnRequest(ctx context.Context, which string, arg any) (Erasure, error) {
	now := s.now().UnixMicro()
	// In the order of time, each batch from where the last one ended, so that
	// what is erased is not read again and again.
	e, err := s.erase(ctx, noteErased, func(from int64) (string, []any) {
		return which + " AND i.stored >= ?3 AND " + settled + " ORDER BY i.stored", []any{arg, now, from}
	})
	s.metrics.erased.Add(float64(e.Items))
	if err == nil {
		err = s.index.reading().value(ctx, &e.Pending, "SELECT count(*) FROM item i WHERE "+which+" AND i.state || '' = 'releasing'", arg, now)
	}
	if err = s.metrics.count(opErase, err); err == nil && e.Pending > 0 {
		err = fmt.Errorf("%d items are left: %w", e.Pending, ErrPending)
	}
	return e, err
}

// Conditions for items i. The first is that of the indexes of items which are there;
// adding nothing to a state keeps databases from going by the index of states, in
// which nearly all items are alike.
const (
	settled = "i.state <> 'erased' AND i.state || '' IN ('held', 'released')"
	due     = "i.expires > 0 AND i.expires <= ? AND " + settled // the first term is that of the index item_expires
)

// selection is a condition for the items of a batch that begins at a time, with an
// order perhaps, and its arguments.
type selection func(from int64) (where string, args []any)

// erase takes the addresses out of the index and then removes the messages that
// nobody is held for any more. The index comes first: a crash leaves a file
// without an item, never an item without its file, and the index keeps the name
// of the file until it is removed, so that the next erasure finishes the work.
func (s *Store) erase(ctx context.Context, note string, which selection) (e Erasure, err error) {
	for from := int64(0); ; {
		where, args := which(from)
		var n int
		n, from, err = s.index.erase(ctx, note, where, args)
		e.Items += n
		if err != nil {
			return e, fmt.Errorf("erase: %w", err)
		}
		if n == 0 {
			break
		}
	}
	for {
		entries, files, err := s.index.free(ctx, func(name string) error { return s.blobs.shelf.remove(ctx, name) })
		e.Messages += files
		if err != nil {
			return e, fmt.Errorf("remove erased messages: %w", err)
		}
		if entries == 0 {
			break
		}
	}
	if e.Items > 0 {
		err = s.index.kind.sweep(ctx, s.index.write)
	}
	return e, err
}

// erase makes the next items that where chooses into items that only tell that they
// were, and the same of entries that no others belong to. It returns how many and
// when the last of them was stored.
func (x *index) erase(ctx context.Context, note, where string, args []any) (n int, last int64, err error) {
	now := x.now().UnixMicro()
	err = x.change(ctx, func(ctx context.Context, tx handle) error {
		// With their entries, so that of two who erase items of one entry the
		// second one sees that it was the last.
		items, err := texts(ctx, tx, "SELECT i.id, i.entry, i.stored FROM item i JOIN entry e ON e.id = i.entry WHERE "+where+
			" LIMIT "+strconv.Itoa(maxErase)+x.kind.locking(), args...)
		if err != nil {
			return err
		}
		for _, it := range items {
			if err := eraseItem(ctx, tx, it[0], it[1], note, now); err != nil {
				return err
			}
			if last, err = strconv.ParseInt(it[2], 10, 64); err != nil {
				return err
			}
		}
		n = len(items)
		return nil
	})
	if err != nil {
		n = 0
	}
	return n, last, err
}

// eraseItem takes the addresses out of an item, and out of its entry when that
// was the last one.
func eraseItem(ctx context.Context, tx handle, item, entry, note string, now int64) error {
	_, err := tx.exec(ctx, `UPDATE item SET state = 'erased', recipient = '', mailbox = '', note = ?1, expires = 0,
		changed = CASE WHEN changed < ?2 THEN ?2 ELSE changed + 1 END WHERE id = ?3`, note, now, item)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE entry SET erased = ?, sender = '', sender_args = '[]', client = '', client_name = '', helo = '',
		auth_user = '', queue_id = '', why = '', subject = '', words = ''
		WHERE id = ? AND NOT EXISTS (SELECT 1 FROM item WHERE item.entry = entry.id AND state || '' <> 'erased')`, now, entry)
	return err
}

// free removes files of entries that are erased, and returns how many entries it
// has dealt with.
func (x *index) free(ctx context.Context, remove func(name string) error) (entries, files int, err error) {
	if x.own {
		return x.freeOwn(ctx, remove)
	}
	return x.freeShared(ctx, remove)
}

// freeOwn removes files that belong to one entry each. It may be overtaken by
// another host that does the same.
func (x *index) freeOwn(ctx context.Context, remove func(name string) error) (entries, files int, err error) {
	found, err := texts(ctx, x.reading(), "SELECT id, sha256, '' FROM entry WHERE erased > 0 AND sha256 <> '' LIMIT "+strconv.Itoa(maxFree))
	if err != nil {
		return 0, 0, err
	}
	for _, f := range found {
		if err := remove(x.file(f[1], f[0])); err != nil {
			return entries, files, err
		}
		err := x.change(ctx, func(ctx context.Context, tx handle) error {
			n, err := tx.exec(ctx, "UPDATE entry SET sha256 = '' WHERE id = ? AND sha256 <> ''", f[0])
			if err == nil {
				files += int(n)
			}
			return err
		})
		if err != nil {
			return entries, files, err
		}
		entries++
	}
	return entries, files, nil
}

// freeShared removes files unless another entry has the same message. It does so
// inside a transaction that may write: nobody can commit an entry meanwhile, and
// whoever commits one later looks whether its file is there (see commit).
func (x *index) freeShared(ctx context.Context, remove func(name string) error) (entries, files int, err error) {
	err = x.change(ctx, func(ctx context.Context, tx handle) error {
		found, err := texts(ctx, tx, `SELECT sha256, EXISTS (SELECT 1 FROM entry o WHERE o.sha256 = e.sha256 AND o.erased = 0), ''
			FROM entry e INDEXED BY entry_unfreed WHERE e.erased > 0 AND e.sha256 <> '' LIMIT `+strconv.Itoa(maxFree))
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
			n, err := tx.exec(ctx, "UPDATE entry SET sha256 = '' WHERE sha256 = ? AND erased > 0", sum)
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
		err := x.change(ctx, func(ctx context.Context, tx handle) error {
			old, err := texts(ctx, tx, "SELECT id, '', '' FROM entry INDEXED BY entry_erased WHERE erased > 0 AND erased <= ? AND sha256 = '' LIMIT "+strconv.Itoa(maxErase), before)
			if err != nil {
				return err
			}
			for _, e := range old {
				_, err0 := tx.exec(ctx, "DELETE FROM attempt WHERE item IN (SELECT id FROM item WHERE entry = ?)", e[0])
				_, err1 := tx.exec(ctx, "DELETE FROM item WHERE entry = ?", e[0])
				_, err2 := tx.exec(ctx, "DELETE FROM entry WHERE id = ?", e[0])
				if err := errors.Join(err0, err1, err2); err != nil {
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

// texts reads rows of three columns.
func texts(ctx context.Context, tx handle, query string, args ...any) ([][3]string, error) {
	rows, err := tx.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][3]string
	for rows.Next() {
		var p [3]string
		if err := rows.Scan(&p[0], &p[1], &p[2]); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}
