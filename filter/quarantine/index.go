package quarantine

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// index is the database of a store. Readers have their own connections;
// everything that writes takes turns on one.
type index struct {
	write, read *sql.DB
	kind        database
	own         bool // each entry has a file of its own
	now         func() time.Time
	present     func(sum string) bool // whether the file of a message is there
	looked      int                   // maxLooked

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
func openIndex(ctx context.Context, root string, o Options, present func(string) bool) (_ *index, err error) {
	x := &index{kind: sqlite{}, now: o.Now, present: present, looked: maxLooked, turn: make(chan struct{}, 1)}
	if o.Database == "" {
		x.write, x.read, err = openSQLite(root)
	} else {
		x.kind, x.own = postgres{}, true
		x.write, x.read, err = openPostgres(ctx, o.Database, o.PasswordFile, o.Existing)
	}
	if err != nil {
		return nil, err
	}
	x.write.SetMaxOpenConns(1)
	x.read.SetMaxOpenConns(4)
	steps, err := x.kind.steps()
	if err == nil {
		err = x.migrate(ctx, steps)
	}
	if err != nil {
		return nil, errors.Join(err, x.close())
	}
	return x, nil
}

func (x *index) close() error { return errors.Join(x.read.Close(), x.write.Close()) }

// file names the message of an entry. Where several hosts share a store, each
// entry has a message of its own, under a name that is never given again: no
// lock of a database reaches as far as the files, so that who removes one late
// must not meet another's.
func (x *index) file(sum, entry string) string {
	if x.own && sum != "" {
		return sum + "-" + entry
	}
	return sum
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

// commit writes a batch. Where entries share files, these are removed by
// transactions that write, too (see free): a file that is there now stays until
// the row is, and from then on.
func (x *index) commit(ctx context.Context, batch []*request) error {
	return x.change(ctx, func(ctx context.Context, tx handle) error {
		for _, req := range batch {
			if req.lost = !x.own && slices.ContainsFunc(req.rows, func(r row) bool { return !x.present(r.sum) }); req.lost {
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

func insertRow(ctx context.Context, tx handle, r row, now int64) error {
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
	_, err = tx.exec(ctx, `INSERT INTO entry (id, sha256, size, stored, received, sender, sender_args, client,
		client_name, helo, auth_user, queue_id, trace, brand, why, subject, words) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		r.id, r.sum, r.size, now, received, env.Sender, string(args), client,
		env.ClientName, env.Helo, env.AuthUser, env.QueueID, r.entry.Trace, r.entry.Brand, r.entry.Why, r.entry.Subject, r.words())
	if err != nil {
		return err
	}
	n := 0
	for some := range slices.Chunk(r.entry.Recipients, maxRows) {
		if err := insertItems(ctx, tx, r.id, n, some, now); err != nil {
			return err
		}
		n += len(some)
	}
	return nil
}

// insertItems writes the items of some recipients, of which there are n before
// them, in one statement: the database may be far away.
func insertItems(ctx context.Context, tx handle, entry string, n int, some []Recipient, now int64) error {
	var args []any
	for i, to := range some {
		expires := int64(0)
		if to.Keep > 0 {
			expires = now + to.Keep.Microseconds()
		}
		args = append(args, fmt.Sprintf("%s-%d", entry, n+i+1), entry, to.Address, domain(to.Address), Mailbox(to.Address),
			to.Policy, to.Verdict, to.Cause, string(Held), now, now, expires, list(to.Release), list(to.Findings))
	}
	const values = ",(?,?,?,?,?,?,?,?,?,?,?,'',?,?,?)"
	_, err := tx.exec(ctx, `INSERT INTO item (id, entry, recipient, domain, mailbox, policy, verdict, cause,
		state, stored, changed, note, expires, release, findings) VALUES `+strings.Repeat(values, len(some))[1:], args...)
	return err
}

// list is words as a JSON list.
func list[S ~string](words []S) string {
	if len(words) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(words) // of strings: cannot fail
	return string(text)
}
