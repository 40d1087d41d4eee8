package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/record"
)

// Reader reads a journal, also while a daemon writes it.
type Reader struct {
	db    *sql.DB
	codec *codec
}

// Open opens the journal in a folder. os.ErrNotExist where there is none.
func Open(ctx context.Context, dir string) (_ *Reader, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open journal %s: %w", dir, err)
		}
	}()
	if _, err := os.Stat(filepath.Join(dir, fileName)); err != nil {
		return nil, err
	}
	r := &Reader{}
	if r.codec, err = newCodec(false); err != nil {
		return nil, err
	}
	if r.db, err = connect(ctx, dir, ""); err != nil {
		r.codec.close()
		return nil, err
	}
	return r, nil
}

// Close closes the journal. Records that were read lose their facts.
func (r *Reader) Close() error {
	r.codec.close()
	return r.db.Close()
}

// Range chooses records by the time of the decision. Zero times are no bound.
type Range struct {
	Since time.Time
	Until time.Time // not part of the range
}

// Records yields the records of a range in the order in which they were recorded.
// An error is the last thing it yields.
func (r *Reader) Records(ctx context.Context, within Range) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		after, err := r.start(ctx, within.Since)
		for err == nil {
			var page []*Record
			if page, after, err = r.page(ctx, after, "d.id > ?", after); err != nil || len(page) == 0 {
				break
			}
			for _, rec := range page {
				if !within.holds(rec.Time) {
					continue
				}
				if !yield(rec, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(nil, fmt.Errorf("read journal: %w", err))
		}
	}
}

// start returns the id before the first record since then.
func (r *Reader) start(ctx context.Context, since time.Time) (int64, error) {
	if since.IsZero() {
		return 0, nil
	}
	var first sql.NullInt64
	err := r.db.QueryRowContext(ctx, "SELECT min(id) FROM (SELECT id FROM decision WHERE time >= ? ORDER BY time LIMIT ?)",
		since.UnixMicro(), pageRecipients).Scan(&first)
	if err != nil || first.Valid {
		return first.Int64 - 1, err
	}
	err = r.db.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM decision").Scan(&first)
	return first.Int64, err
}

func (g Range) holds(t time.Time) bool {
	return !t.Before(g.Since) && (g.Until.IsZero() || t.Before(g.Until))
}

// Find returns the records of a trace, a queue id or a message id, in the order in
// which they were recorded; MaxFound at most, none when there is none.
func (r *Reader) Find(ctx context.Context, id string) ([]*Record, error) {
	id = strings.Trim(id, "<>")
	if id == "" {
		return nil, nil
	}
	var all []*Record
	for _, column := range [...]string{"trace", "queue_id", "message_id"} {
		after := int64(0)
		for len(all) < MaxFound {
			// SQLite takes a partial index only when its condition is in the query.
			page, last, err := r.page(ctx, after, "d."+column+" = ? AND d."+column+" <> '' AND d.id > ?", id, after)
			if err != nil {
				return nil, fmt.Errorf("read journal: %w", err)
			}
			if len(page) == 0 {
				break
			}
			all, after = append(all, page...), last
		}
		if len(all) > 0 {
			break
		}
	}
	return all[:min(len(all), MaxFound)], nil
}

// page reads some records with their recipients, and returns the id of the last.
// One transaction holds both together: the writer may remove them at any time.
func (r *Reader) page(ctx context.Context, after int64, where string, args ...any) ([]*Record, int64, error) {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, 0, err
	}
	defer tx.Rollback()
	records, ids, err := r.decisions(ctx, tx, where, args)
	if err != nil || len(records) == 0 {
		return nil, after, err
	}
	s, err := tx.PrepareContext(ctx, `SELECT address, policy, verdict, points, finding, place, observed, findings, softened, forwarder, exceptions,
		shadow_policy, shadow_verdict, shadow_points, shadow_finding, shadow_place, shadow_observed FROM recipient WHERE decision = ? ORDER BY number`)
	if err != nil {
		return nil, 0, err
	}
	defer s.Close()
	for i, rec := range records {
		if rec.Recipients, err = recipients(ctx, s, ids[i]); err != nil {
			return nil, 0, fmt.Errorf("recipients of %s: %w", rec.Trace, err)
		}
	}
	return records, ids[len(ids)-1], nil
}

func (r *Reader) decisions(ctx context.Context, tx *sql.Tx, where string, args []any) (records []*Record, ids []int64, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT d.id, d.time, d.trace, d.queue_id, d.message_id, d.generation, p.digest, d.stored, d.failure,
		d.persons, d.recipients, d.form, d.facts, d.reply, d.hold, d.took, d.stages FROM decision d JOIN policies p ON p.id = d.policies WHERE `+where+" ORDER BY d.id LIMIT ?",
		append(args, pageDecisions)...)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for total := 0; rows.Next(); {
		rec := &Record{codec: r.codec}
		var id, at, generation, took int64
		var stages string
		var count int
		err := rows.Scan(&id, &at, &rec.Trace, &rec.QueueID, &rec.MessageID, &generation, &rec.Policies, &rec.Stored, &rec.Failure,
			&rec.Persons, &count, &rec.form, &rec.packed, (*string)(&rec.Reply), &rec.Hold, &took, &stages)
		if err != nil {
			return nil, nil, err
		}
		if total += count; total > pageRecipients && len(records) > 0 {
			break
		}
		rec.Took = time.Duration(took) * time.Microsecond
		if rec.Stages, err = stageTimes(stages); err != nil {
			return nil, nil, fmt.Errorf("stages of %s: %w", rec.Trace, err)
		}
		rec.Time, rec.Generation = time.UnixMicro(at).UTC(), uint64(generation)
		records, ids = append(records, rec), append(ids, id)
	}
	return records, ids, rows.Err()
}

func recipients(ctx context.Context, s *sql.Stmt, decision int64) (_ []Recipient, err error) {
	rows, err := s.QueryContext(ctx, decision)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []Recipient
	for rows.Next() {
		var r Recipient
		var found, softened, forwarder, exceptions string
		err := rows.Scan(&r.Address, &r.Policy, (*string)(&r.Verdict), &r.Points, (*string)(&r.By), &r.Where, (*string)(&r.Observed),
			&found, &softened, &forwarder, &exceptions,
			&r.Shadow.Policy, (*string)(&r.Shadow.Verdict), &r.Shadow.Points, (*string)(&r.Shadow.By), &r.Shadow.Where, (*string)(&r.Shadow.Observed))
		if err != nil {
			return nil, err
		}
		r.Findings, r.Softened = parted(found), parted(softened)
		if forwarder != "" {
			r.Forwarder = &record.LineForwarder{}
			if err := json.Unmarshal([]byte(forwarder), r.Forwarder); err != nil {
				return nil, fmt.Errorf("forwarder: %w", err)
			}
		}
		if exceptions != "" {
			if err := json.Unmarshal([]byte(exceptions), &r.Exceptions); err != nil {
				return nil, fmt.Errorf("exceptions: %w", err)
			}
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// parted reads names with blanks between.
func parted(text string) []finding.Name {
	var names []finding.Name
	for n := range strings.FieldsSeq(text) {
		names = append(names, finding.Name(n))
	}
	return names
}

// Last returns the time of the newest decision; zero when there is none.
func (r *Reader) Last(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	if err := r.db.QueryRowContext(ctx, "SELECT max(time) FROM decision").Scan(&at); err != nil || !at.Valid {
		return time.Time{}, err
	}
	return time.UnixMicro(at.Int64).UTC(), nil
}

// Facts returns what was known when the message with a trace was judged; nil when
// the journal no longer has it.
func (r *Reader) Facts(ctx context.Context, trace string) (*fact.Facts, error) {
	if trace == "" {
		return nil, nil
	}
	// Lists of held messages ask this for each line: the recipients are not for them.
	one := &Record{codec: r.codec, Trace: trace}
	err := r.db.QueryRowContext(ctx, "SELECT form, facts FROM decision WHERE trace = ? ORDER BY id LIMIT 1", trace).Scan(&one.form, &one.packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return one.Facts()
}
