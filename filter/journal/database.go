package journal

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fileName is the database in a journal's folder.
const fileName = "journal.db"

//go:embed schema/*.sql
var schema embed.FS

// connect opens the database of a folder, which has to be there. WAL lets readers
// go on while we write. With NORMAL a commit is not synced: what a power failure
// takes away is the last seconds of a record, not mail.
func connect(ctx context.Context, dir string, mode string) (*sql.DB, error) {
	query := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"auto_vacuum(INCREMENTAL)", // has to come before the first table
		"journal_mode(WAL)", "synchronous(NORMAL)", fmt.Sprintf("journal_size_limit(%d)", walBytes),
	}}
	if mode != "" {
		query.Set("_txlock", mode)
	}
	path, err := filepath.Abs(filepath.Join(dir, fileName)) // a URL knows no other
	if err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	steps, err := migrations(schema)
	if err == nil {
		err = migrate(ctx, db, steps)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// makePrivate makes folder and database, for our eyes only: SQLite would make it
// readable for all, and gives its logs the mode of the database.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, fileName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// migrations reads the steps of the schema, in the order of their names.
func migrations(dir fs.FS) ([]string, error) {
	names, err := fs.Glob(dir, "schema/*.sql")
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
func migrate(ctx context.Context, db *sql.DB, steps []string) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch {
	case version > len(steps):
		return fmt.Errorf("the journal has schema %d, this program knows up to %d: use a newer one", version, len(steps))
	case version == len(steps):
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for i, step := range steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("schema step %d: %w", version+i+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(steps))); err != nil {
		return err
	}
	return tx.Commit()
}

// broken reports whether err says that the file is no sound database.
func broken(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB)
}

// setAside renames a broken database, so that another one can be begun. One that
// was set aside before is replaced: it has told what it had to tell.
func setAside(dir string) error {
	path := filepath.Join(dir, fileName)
	var errs []error
	for _, log := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + log); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, os.Rename(path, path+".broken"))...)
}
