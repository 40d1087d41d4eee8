package journal

import (
	"context"
	"database/sql"
	"fmt"
)

// prune takes one step: it removes records that have ended, and gives room back
// to the file system. More steps follow with the next batches.
func (w *writer) prune() {
	if !w.open() {
		return
	}
	if err := w.pruneStep(context.Background()); err != nil {
		w.trouble(opPrune, err)
		if broken(err) {
			w.close()
		}
	}
}

func (w *writer) pruneStep(ctx context.Context) error {
	cutoff := w.opt.Now().Add(-w.opt.Keep).UnixMicro()
	if err := w.remove(ctx, pruneAge, "SELECT id FROM decision WHERE time < ? ORDER BY time LIMIT ?", cutoff, maxPruned); err != nil {
		return err
	}
	used, file, err := w.size(ctx)
	if err != nil {
		return err
	}
	if used > w.opt.MaxBytes && w.rows > 0 {
		// As many as what is too much, by the size of the average record.
		n := (used-w.opt.MaxBytes)/max(used/w.rows, 1) + 1
		if err := w.remove(ctx, pruneSize, "SELECT id FROM decision ORDER BY id LIMIT ?", min(n, maxPruned)); err != nil {
			return err
		}
	}
	if file > w.opt.MaxBytes || file-used > file/4 {
		if err := w.free(ctx); err != nil {
			return err
		}
	}
	_, _, err = w.size(ctx)
	return err
}

// remove removes the decisions that a query chooses, and their recipients.
func (w *writer) remove(ctx context.Context, reason pruneReason, query string, args ...any) error {
	ids, err := w.ids(ctx, query, args...)
	if err != nil || len(ids) == 0 {
		return err
	}
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, table := range [...]string{"recipient WHERE decision", "decision WHERE id"} {
		s, err := tx.PrepareContext(ctx, "DELETE FROM "+table+" = ?")
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := s.ExecContext(ctx, id); err != nil {
				return err
			}
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	w.rows -= int64(len(ids))
	w.metrics.pruned.WithLabelValues(string(reason)).Add(float64(len(ids)))
	return nil
}

func (w *writer) ids(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := w.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// size returns the bytes that are in use and those of the file, and tells them.
func (w *writer) size(ctx context.Context) (used, file int64, err error) {
	var n struct{ page, pages, free int64 }
	for name, to := range map[string]*int64{"page_size": &n.page, "page_count": &n.pages, "freelist_count": &n.free} {
		if err := w.db.QueryRowContext(ctx, "PRAGMA "+name).Scan(to); err != nil {
			return 0, 0, err
		}
	}
	w.metrics.rows.Set(float64(w.rows))
	w.metrics.bytes.Set(float64(n.pages * n.page))
	return (n.pages - n.free) * n.page, n.pages * n.page, nil
}

// free gives free pages back to the file system. The pragma works one page a row.
func (w *writer) free(ctx context.Context) error {
	rows, err := w.db.QueryContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", maxFreed))
	if err != nil {
		return err
	}
	return drained(rows)
}

func drained(rows *sql.Rows) error {
	for rows.Next() {
	}
	if err := rows.Err(); err != nil {
		_ = rows.Close()
		return err
	}
	return rows.Close()
}
