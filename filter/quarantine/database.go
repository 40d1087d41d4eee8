package quarantine

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

//go:embed schema
var schema embed.FS

// database is what sets SQLite and PostgreSQL apart: all other SQL is written
// once, with "?" or "?1" where arguments go.
type database interface {
	words(query string) string                              // the query as this database takes it
	pack(s string) string                                   // a text as it can keep it: those of a sender are any bytes
	unpack(s string) string                                 // the text again
	locking() string                                        // ends a SELECT whose rows the same transaction changes
	steps() ([]string, error)                               // of the schema
	version(ctx context.Context, tx handle) (int, error)    // how many steps were taken; nobody else takes one until tx ends
	setVersion(ctx context.Context, tx handle, n int) error //
	again(err error) bool                                   // whether a transaction failed only for the sake of another one
	sweep(ctx context.Context, db *sql.DB) error            // what is left of erased rows where rows are kept
}

// runner is a database or a transaction of it.
type runner interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// handle runs queries in the words of its database.
type handle struct {
	run  runner
	kind database
}

// exec returns how many rows were changed.
func (h handle) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := h.run.ExecContext(ctx, h.kind.words(query), h.packed(args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (h handle) query(ctx context.Context, query string, args ...any) (*rows, error) {
	r, err := h.run.QueryContext(ctx, h.kind.words(query), h.packed(args)...)
	if err != nil {
		return nil, err
	}
	return &rows{r, h.kind}, nil
}

// value reads the one row of one column that a query has, or sql.ErrNoRows.
func (h handle) value(ctx context.Context, dest any, query string, args ...any) error {
	return h.row(ctx, []any{dest}, query, args...)
}

// row reads the one row that a query has, or sql.ErrNoRows.
func (h handle) row(ctx context.Context, dest []any, query string, args ...any) error {
	r, err := h.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	if !r.Next() {
		return errors.Join(r.Err(), sql.ErrNoRows)
	}
	return errors.Join(r.Scan(dest...), r.Close())
}

func (h handle) packed(args []any) []any {
	args = slices.Clone(args)
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = h.kind.pack(s)
		}
	}
	return args
}

// rows is what a query found, its texts unpacked.
type rows struct {
	*sql.Rows
	kind database
}

func (r *rows) Scan(dest ...any) error {
	err := r.Rows.Scan(dest...)
	for _, d := range dest {
		if s, ok := d.(*string); ok {
			*s = r.kind.unpack(*s)
		}
	}
	return err
}

// change commits what do does, or nothing of it. It may call do more than once.
func (x *index) change(ctx context.Context, do func(context.Context, handle) error) error {
	ctx, cancel := context.WithTimeout(ctx, changeTimeout)
	defer cancel()
	for try := 1; ; try++ {
		err := x.transaction(ctx, do)
		if err == nil || try == maxTries || !x.kind.again(err) {
			return err
		}
		select {
		case <-time.After(time.Duration(try) * retryPause):
		case <-ctx.Done():
			return err
		}
	}
}

func (x *index) transaction(ctx context.Context, do func(context.Context, handle) error) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(ctx, handle{tx, x.kind}); err != nil {
		return err
	}
	return tx.Commit()
}

// reading runs queries that change nothing.
func (x *index) reading() handle { return handle{x.read, x.kind} }

// migrations reads the steps of a schema, in the order of their names.
func migrations(dir fs.FS, pattern string) ([]string, error) {
	names, err := fs.Glob(dir, pattern)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var steps []string
	for _, n := range names {
		text, err := fs.ReadFile(dir, n)
		if err != nil {
			return nil, err
		}
		steps = append(steps, string(text))
	}
	return steps, nil
}

// migrate takes the steps that the database has not seen, all or none.
func (x *index) migrate(ctx context.Context, steps []string) error {
	return x.change(ctx, func(ctx context.Context, tx handle) error {
		version, err := x.kind.version(ctx, tx)
		if err != nil {
			return err
		}
		if version > len(steps) {
			return fmt.Errorf("the index has schema %d, this program knows up to %d: use a newer one", version, len(steps))
		}
		for i, step := range steps[version:] {
			if _, err := tx.run.ExecContext(ctx, step); err != nil {
				return fmt.Errorf("schema step %d: %w", version+i+1, err)
			}
		}
		return x.kind.setVersion(ctx, tx, len(steps))
	})
}
