package quarantine

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // driver "sqlite"
)

//go:embed schema/*.sql
var schema embed.FS

// index is the SQLite side of a store. Readers have their own connections;
// everything that writes takes turns on one.
type index struct {
	write, read *sql.DB
	now         func() time.Time
	present     func(sum string) bool // whether the file of a message is there

	turn    chan struct{} // holds one token while someone commits
	mu      sync.Mutex
	pending []*request
}

// request is entries that wait to be committed, all or none. done gets the result
// once.
type request struct {
	rows []row
	lost bool // the file of one has gone meanwhile
	done chan error
}

// errLost says that the file of an entry was removed between its writing and its
// commit, because the last item that had the same message was erased.
var errLost = errors.New("the file of the message is gone")

// row is an entry as the index keeps it.
type row struct {
	id, sum string
	size    int64
	entry   Entry
}

// openIndex opens or makes the database and brings it to the newest schema.
func openIndex(ctx context.Context, root string, now func() time.Time, present func(string) bool) (*index, error) {
	// WAL lets readers go on while we write; with FULL every commit is synced
	// before it returns. An immediate transaction takes the write lock first
	// and so never fails half-way for want of it. What is erased is overwritten.
	path := filepath.Join(root, "index.db")
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_txlock": {"immediate"},
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"},
	}.Encode()}
	x := &index{now: now, present: present, turn: make(chan struct{}, 1)}
	var err error
	if x.write, err = sql.Open("sqlite", dsn.String()); err != nil {
		return nil, err
	}
	x.write.SetMaxOpenConns(1)
	if x.read, err = sql.Open("sqlite", dsn.String()); err != nil {
		return nil, errors.Join(err, x.write.Close())
	}
	x.read.SetMaxOpenConns(4)
	steps, err := migrations(schema)
	if err == nil {
		err = migrate(ctx, x.write, steps)
	}
	if err != nil {
		return nil, errors.Join(err, x.close())
	}
	return x, nil
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

func (x *index) close() error { return errors.Join(x.read.Close(), x.write.Close()) }

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
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("the index has schema %d, this program knows up to %d: use a newer one", version, len(steps))
	}
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

// insert commits rows and their items, all or none. Whoever finds nobody committing commits for
// all that wait: under load one sync of the disk serves many messages. When
// ctx ends first, they were not committed and will not be.
func (x *index) insert(ctx context.Context, rows ...row) error {
	req := &request{rows: rows, done: make(chan error, 1)}
	x.mu.Lock()
	x.pending = append(x.pending, req)
	x.mu.Unlock()
	for {
		select {
		case err := <-req.done:
			return err
		case x.turn <- struct{}{}:
			x.commitPending(context.WithoutCancel(ctx))
			<-x.turn
		case <-ctx.Done():
			if x.withdraw(req) {
				return ctx.Err()
			}
			return <-req.done // being committed right now
		}
	}
}

// withdraw takes req back; false when it is no longer waiting.
func (x *index) withdraw(req *request) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.Index(x.pending, req)
	if i >= 0 {
		x.pending = slices.Delete(x.pending, i, i+1)
	}
	return i >= 0
}

// commitPending commits what waits, up to maxBatch, in one transaction.
func (x *index) commitPending(ctx context.Context) {
	x.mu.Lock()
	n := min(len(x.pending), maxBatch)
	batch := slices.Clone(x.pending[:n])
	x.pending = slices.Delete(x.pending, 0, n)
	x.mu.Unlock()
	if n == 0 {
		return
	}
	err := x.commit(ctx, batch)
	for _, req := range batch {
		if err == nil && req.lost {
			req.done <- errLost
			continue
		}
		req.done <- err
	}
}

// commit writes a batch. Files are removed by transactions that write, too (see
// free): a file that is there now stays until the row is, and from then on.
func (x *index) commit(ctx context.Context, batch []*request) error {
	return x.change(ctx, func(tx *sql.Tx) error {
		for _, req := range batch {
			if req.lost = slices.ContainsFunc(req.rows, func(r row) bool { return !x.present(r.sum) }); req.lost {
				continue
			}
			for _, r := range req.rows {
				if err := insertRow(ctx, tx, r, x.now().UnixMicro()); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func insertRow(ctx context.Context, tx *sql.Tx, r row, now int64) error {
	args, err := json.Marshal(r.entry.Envelope.SenderArgs)
	if err != nil {
		return err
	}
	env := &r.entry.Envelope
	client, received := "", int64(0)
	if env.Client.IsValid() {
		client = env.Client.String()
	}
	if !env.Received.IsZero() {
		received = env.Received.UnixMicro()
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO entry (id, sha256, size, stored, received, sender, sender_args, client,
		client_name, helo, auth_user, queue_id, trace, brand, why) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		r.id, r.sum, r.size, now, received, env.Sender, string(args), client,
		env.ClientName, env.Helo, env.AuthUser, env.QueueID, r.entry.Trace, r.entry.Brand, r.entry.Why)
	if err != nil {
		return err
	}
	item, err := tx.PrepareContext(ctx, `INSERT INTO item (id, entry, recipient, domain, policy, verdict, cause,
		state, stored, changed, note, expires, release, findings) VALUES (?,?,?,?,?,?,?,?,?,?,'',?,?,?)`)
	if err != nil {
		return err
	}
	defer item.Close()
	for i, to := range r.entry.Recipients {
		expires := int64(0)
		if to.Keep > 0 {
			expires = now + to.Keep.Microseconds()
		}
		_, err := item.ExecContext(ctx, fmt.Sprintf("%s-%d", r.id, i+1), r.id, to.Address, domain(to.Address),
			to.Policy, to.Verdict, to.Cause, string(Held), now, now, expires, list(to.Release), list(to.Findings))
		if err != nil {
			return err
		}
	}
	return nil
}

// domain is what stands behind the last @ of an address, in lower case.
func domain(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// list is words as a JSON list.
func list[S ~string](words []S) string {
	if len(words) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(words) // of strings: cannot fail
	return string(text)
}
