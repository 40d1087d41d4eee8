package quarantine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // driver "sqlite"
)

// sqlite is the database of a store that one host has for itself.
type sqlite struct{}

func (sqlite) words(query string) string { return query }
func (sqlite) pack(s string) string      { return s }
func (sqlite) unpack(s string) string    { return s }
func (sqlite) locking() string           { return "" } // who may write is alone
func (sqlite) again(error) bool          { return false }
func (sqlite) steps() ([]string, error)  { return migrations(schema, "schema/*.sql") }

func (sqlite) version(ctx context.Context, tx handle) (n int, err error) {
	err = tx.value(ctx, &n, "PRAGMA user_version")
	return n, err
}

func (sqlite) setVersion(ctx context.Context, tx handle, n int) error {
	_, err := tx.exec(ctx, fmt.Sprintf("PRAGMA user_version = %d", n))
	return err
}

// sweep clears the write-ahead log, which still has the pages as they were. It
// does not wait for readers, since those who store would wait with it: then one of
// the next checkpoints clears it.
func (sqlite) sweep(ctx context.Context, db *sql.DB) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err1 := c.ExecContext(ctx, "PRAGMA busy_timeout = 0")
	_, err2 := c.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	_, err3 := c.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("PRAGMA busy_timeout = %d", busyTimeout.Milliseconds()))
	return errors.Join(err1, err2, err3)
}

// openSQLite opens or makes the database in a folder.
func openSQLite(root string) (write, read *sql.DB, err error) {
	// WAL lets readers go on while we write; with FULL every commit is synced
	// before it returns. An immediate transaction takes the write lock first
	// and so never fails half-way for want of it. What is erased is overwritten.
	path := filepath.Join(root, "index.db")
	if err := makePrivate(path); err != nil {
		return nil, nil, err
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_txlock": {"immediate"},
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"},
	}.Encode()}
	if write, err = sql.Open("sqlite", dsn.String()); err != nil {
		return nil, nil, err
	}
	if read, err = sql.Open("sqlite", dsn.String()); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	return write, read, nil
}

// makePrivate makes the database file, for our eyes only: SQLite would make it
// readable for all, and gives its journals the mode of the database.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
