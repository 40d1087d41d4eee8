package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"sekisho/filter/finding"
)

// writer is the one goroutine that writes. Contexts have no use in it: what it
// does is bounded, and the last batch is written when everything else has ended.
type writer struct {
	*Journal
	codec    *codec
	db       *sql.DB // nil while it cannot be opened
	insert   statements
	file     fs.FileInfo      // of db
	policies map[string]int64 // ids of digests
	rows     int64
	retry    time.Time // when to open again
	silent   bool      // an error was logged, and nothing has worked since
}

// statements are those of a batch.
type statements struct{ decision, recipient *sql.Stmt }

// trouble counts an error and logs the first of a row of them.
func (w *writer) trouble(op operation, err error) {
	w.metrics.fail(op)
	if w.silent {
		return
	}
	w.silent = true
	w.opt.Log.Error("the journal does not take records, mail goes on without", zap.String("op", string(op)), zap.Error(err))
}

func (w *writer) fine() {
	if w.silent {
		w.silent = false
		w.opt.Log.Info("the journal takes records again")
	}
}

// open opens the database unless it is open, or failed to a moment ago.
func (w *writer) open() bool {
	if w.db != nil {
		if w.there() {
			return true
		}
		w.opt.Log.Warn("the journal was removed; another one is begun", zap.String("dir", w.opt.Dir))
		w.close()
	}
	now := w.opt.Now()
	if now.Before(w.retry) {
		return false
	}
	err := w.tryOpen()
	if broken(err) {
		w.opt.Log.Warn("the journal is broken; it is set aside and another one begun",
			zap.String("file", filepath.Join(w.opt.Dir, fileName+".broken")), zap.Error(err))
		w.metrics.fail(opOpen)
		if err = setAside(w.opt.Dir); err == nil {
			err = w.tryOpen()
		}
	}
	if err != nil {
		w.retry = now.Add(retryTime)
		w.trouble(opOpen, err)
		return false
	}
	return true
}

// there reports whether the file is still the one that was opened. Records that go
// to one that was removed would be lost without a word.
func (w *writer) there() bool {
	now, err := os.Stat(filepath.Join(w.opt.Dir, fileName))
	return err == nil && os.SameFile(now, w.file)
}

func (w *writer) tryOpen() (err error) {
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	ctx := context.Background()
	if w.codec, err = newCodec(true); err != nil {
		return err
	}
	if err := makePrivate(w.opt.Dir); err != nil {
		return err
	}
	if w.db, err = connect(ctx, w.opt.Dir, "immediate"); err != nil {
		return err
	}
	if w.file, err = os.Stat(filepath.Join(w.opt.Dir, fileName)); err != nil {
		return err
	}
	w.policies = make(map[string]int64)
	if err := w.db.QueryRowContext(ctx, "SELECT count(*) FROM decision").Scan(&w.rows); err != nil {
		return err
	}
	w.insert.decision, err = w.db.PrepareContext(ctx, `INSERT INTO decision (time, trace, queue_id, message_id, generation, policies,
		stored, failure, persons, recipients, form, facts, reply, hold, took, stages) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`)
	if err != nil {
		return err
	}
	w.insert.recipient, err = w.db.PrepareContext(ctx, `INSERT INTO recipient (decision, number, address, policy, verdict, points, finding, place, observed,
		findings, softened, forwarder, exceptions, shadow_policy, shadow_verdict, shadow_points, shadow_finding, shadow_place, shadow_observed)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`)
	if err != nil {
		return err
	}
	_, _, err = w.size(ctx)
	return err
}

// close closes the database; it is opened again when there is something to write.
func (w *writer) close() {
	for _, s := range []*sql.Stmt{w.insert.decision, w.insert.recipient} {
		if s != nil {
			_ = s.Close()
		}
	}
	w.insert = statements{}
	if w.db != nil {
		if err := w.db.Close(); err != nil {
			w.opt.Log.Warn("closing the journal", zap.Error(err))
		}
		w.db = nil
	}
	if w.codec != nil {
		w.codec.close()
		w.codec = nil
	}
}

// write commits a batch, or drops it.
func (w *writer) write(batch []*entry) {
	defer func() {
		for _, e := range batch {
			w.waiting.Add(-e.size)
		}
	}()
	if !w.open() {
		w.metrics.drop(dropError, len(batch))
		return
	}
	if err := w.commit(context.Background(), batch); err != nil {
		w.metrics.drop(dropError, len(batch))
		w.trouble(opWrite, err)
		clear(w.policies) // some were inserted in what was rolled back
		if broken(err) {
			w.close() // open sets it aside, if it still is
		}
		return
	}
	w.fine()
	w.metrics.written.Add(float64(len(batch)))
	w.rows += int64(len(batch))
	w.prune()
}

func (w *writer) commit(ctx context.Context, batch []*entry) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	decision, recipient := tx.StmtContext(ctx, w.insert.decision), tx.StmtContext(ctx, w.insert.recipient)
	for _, e := range batch {
		policies, err := w.digest(ctx, tx, e.Policies)
		if err != nil {
			return err
		}
		stages, err := stageText(e.Stages)
		if err != nil {
			return err
		}
		result, err := decision.ExecContext(ctx, e.Time.UnixMicro(), e.Trace, e.QueueID, e.MessageID, int64(e.Generation), policies,
			e.Stored, e.Failure, e.Persons, len(e.Recipients), factsForm, w.codec.pack(e.facts),
			string(e.Reply), e.Hold, e.Took.Microseconds(), stages)
		if err != nil {
			return err
		}
		id, err := result.LastInsertId()
		if err != nil {
			return err
		}
		for i := range e.Recipients {
			if err := addRecipient(ctx, recipient, id, i, &e.Recipients[i]); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

func addRecipient(ctx context.Context, s *sql.Stmt, decision int64, number int, r *Recipient) error {
	var forwarder, exceptions []byte
	var err error
	if r.Forwarder != nil {
		if forwarder, err = json.Marshal(r.Forwarder); err != nil {
			return err
		}
	}
	if len(r.Exceptions) > 0 {
		if exceptions, err = json.Marshal(r.Exceptions); err != nil {
			return err
		}
	}
	_, err = s.ExecContext(ctx, decision, number, r.Address, r.Policy, string(r.Verdict), r.Points, string(r.By), r.Where, string(r.Observed),
		joined(r.Findings), joined(r.Softened), string(forwarder), string(exceptions),
		r.Shadow.Policy, string(r.Shadow.Verdict), r.Shadow.Points, string(r.Shadow.By), r.Shadow.Where, string(r.Shadow.Observed))
	return err
}

// joined writes names with blanks between.
func joined(names []finding.Name) string {
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(n))
	}
	return b.String()
}

// digest returns the id of a digest of policies.
func (w *writer) digest(ctx context.Context, tx *sql.Tx, digest string) (int64, error) {
	if id, ok := w.policies[digest]; ok {
		return id, nil
	}
	var id int64
	err := tx.QueryRowContext(ctx, "SELECT id FROM policies WHERE digest = ?", digest).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		var result sql.Result
		if result, err = tx.ExecContext(ctx, "INSERT INTO policies (digest) VALUES (?)", digest); err == nil {
			id, err = result.LastInsertId()
		}
	}
	if err == nil {
		w.policies[digest] = id
	}
	return id, err
}
