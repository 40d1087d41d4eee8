package quarantine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ReportKind says to whom a report goes.
type ReportKind string

const (
	ToBrand ReportKind = "brand" // whose name is misused: their published address
	ToAbuse ReportKind = "abuse" // abuse desk of who is proved to have sent it
)

// ReportState says where a report stands.
type ReportState string

const (
	Draft    ReportState = "draft"    // waits for a person
	Approved ReportState = "approved" // waits for its turn
	Sending  ReportState = "sending"  // being sent, or was when we stopped
	Sent     ReportState = "sent"     // taken, or nobody knows: it is not sent again
	Refused  ReportState = "refused"  // by the server, or given up
	Dropped  ReportState = "dropped"  // by a person, or nothing is left to show
)

// Errors of reports that callers tell apart.
var (
	ErrNoReport    = errors.New("no such report")
	ErrReportMoved = errors.New("the report is not one that this can be decided about")
)

// Report is one report of a message to somebody who can do something about it. It has
// no copy of the message: that is read again when the report is written. Its JSON form
// is an interface.
type Report struct {
	ID       string      `json:"id"`
	Item     string      `json:"item"`   // whose message is the evidence
	Domain   string      `json:"domain"` // of its recipient
	Kind     ReportKind  `json:"kind"`
	Target   string      `json:"target"` // address
	About    string      `json:"about"`  // two reports to one target that say the same have the same
	State    ReportState `json:"state"`
	Note     string      `json:"note,omitempty"` // why it was not sent, or what is not known
	Made     time.Time   `json:"made"`
	Changed  time.Time   `json:"changed"`            // when State was reached
	Asked    string      `json:"asked"`              // by whom
	Approved string      `json:"approved,omitempty"` // by whom
	Items    int         `json:"items"`              // that it stands for: of how many it was asked

	sum   string // of what was approved
	tries int
}

// ReportDraft is what a report is made of. All but By are required.
type ReportDraft struct {
	Item   Item
	Kind   ReportKind
	Target string
	About  string
	By     string
}

// Report makes a draft, unless one that says the same to the same target was made in
// the last week and was not dropped: then that one stands for this item, too, whatever
// has become of it. fresh tells which.
func (s *Store) Report(ctx context.Context, d ReportDraft) (r Report, fresh bool, err error) {
	id, now := strings.ToLower(rand.Text()[:16]), s.now()
	err = s.index.change(ctx, func(ctx context.Context, tx handle) error {
		if err := takeReports(ctx, tx); err != nil {
			return err
		}
		same, err := texts(ctx, tx, "SELECT id, '', '' FROM report WHERE target = ? AND about = ? AND made > ? AND state <> 'dropped' ORDER BY made DESC LIMIT 1",
			d.Target, d.About, now.Add(-reportWindow).UnixMicro())
		if err != nil {
			return err
		}
		if fresh = len(same) == 0; !fresh {
			id = same[0][0]
		} else if _, err := tx.exec(ctx, `INSERT INTO report (id, item, domain, kind, target, about, state, note, made, changed, asked, approved, sum, gate, tries, due, sent, nonce, expires, used)
			VALUES (?,?,?,?,?,?,'draft','',?,?,?,'','','',0,0,0,'',0,0)`,
			id, d.Item.ID, domain(d.Item.Recipient), string(d.Kind), d.Target, d.About, now.UnixMicro(), now.UnixMicro(), d.By); err != nil {
			return err
		}
		_, err = tx.exec(ctx, "INSERT INTO report_item (report, item) VALUES (?,?) ON CONFLICT DO NOTHING", id, d.Item.ID)
		return err
	})
	if err == nil {
		r, err = s.ReportOf(ctx, id)
	}
	return r, fresh, s.metrics.count(opReport, err)
}

// takeReports has all others who count reports before they write one wait until the
// transaction ends.
func takeReports(ctx context.Context, tx handle) error {
	n, err := tx.exec(ctx, "UPDATE report_key SET one = 1")
	if err != nil || n == 1 {
		return err
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	_, err = tx.exec(ctx, "INSERT INTO report_key (one, key) VALUES (1, ?) ON CONFLICT DO NOTHING", hex.EncodeToString(key[:]))
	if err == nil {
		_, err = tx.exec(ctx, "UPDATE report_key SET one = 1")
	}
	return err
}

// ReportKey is the key of the words that stand for addresses in reports: the same on
// all hosts that share the store.
func (s *Store) ReportKey(ctx context.Context) (key []byte, err error) {
	text := ""
	err = s.index.change(ctx, func(ctx context.Context, tx handle) error {
		if err := takeReports(ctx, tx); err != nil {
			return err
		}
		return tx.value(ctx, &text, "SELECT key FROM report_key")
	})
	if err == nil {
		key, err = hex.DecodeString(text)
	}
	return key, s.metrics.count(opReport, err)
}

// ReportFilter chooses reports. The zero value chooses the newest ones.
type ReportFilter struct {
	State   ReportState
	Domains []string // of recipients; empty is all
	Item    string   // only reports that stand for this item
	Limit   int      // 0 is 100, and more than MaxList is MaxList
}

const selectReports = `SELECT r.id, r.item, r.domain, r.kind, r.target, r.about, r.state, r.note, r.made, r.changed, r.asked, r.approved, r.sum, r.tries,
	(SELECT count(*) FROM report_item b WHERE b.report = r.id) FROM report r`

// Reports returns reports, newest first.
func (s *Store) Reports(ctx context.Context, f ReportFilter) ([]Report, error) {
	var c clauses
	c.add("1 = 1")
	if f.State != "" {
		c.add("r.state = ?", string(f.State))
	}
	if f.Item != "" {
		c.add("r.id IN (SELECT report FROM report_item WHERE item = ?)", f.Item)
	}
	if len(f.Domains) > 0 {
		var args []any
		for _, d := range f.Domains {
			args = append(args, domain(d))
		}
		c.add("r.domain IN (?"+strings.Repeat(",?", len(args)-1)+")", args...)
	}
	limit := (&Filter{Limit: f.Limit}).limit()
	all, err := s.index.reports(ctx, selectReports+" WHERE "+c.String()+" ORDER BY r.made DESC, r.id DESC LIMIT ?", append(c.args, limit)...)
	return all, s.metrics.count(opRead, err)
}

// ReportOf is the report with an id. ErrNoReport.
func (s *Store) ReportOf(ctx context.Context, id string) (Report, error) {
	all, err := s.index.reports(ctx, selectReports+" WHERE r.id = ?", id)
	if err == nil && len(all) == 0 {
		return Report{}, fmt.Errorf("%w: %q", ErrNoReport, id)
	}
	if err != nil {
		return Report{}, s.metrics.count(opRead, err)
	}
	return all[0], nil
}

func (x *index) reports(ctx context.Context, query string, args ...any) ([]Report, error) {
	rows, err := x.reading().query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Report
	for rows.Next() {
		var r Report
		var made, changed int64
		var kind, state string
		if err := rows.Scan(&r.ID, &r.Item, &r.Domain, &kind, &r.Target, &r.About, &state, &r.Note, &made, &changed, &r.Asked, &r.Approved, &r.sum, &r.tries, &r.Items); err != nil {
			return nil, err
		}
		r.Kind, r.State = ReportKind(kind), ReportState(state)
		r.Made, r.Changed = time.UnixMicro(made).UTC(), time.UnixMicro(changed).UTC()
		all = append(all, r)
	}
	return all, rows.Err()
}

// Waiting tells how many reports have not come to an end, by their state.
func (s *Store) Waiting(ctx context.Context) (map[ReportState]int, error) {
	rows, err := s.index.reading().query(ctx, "SELECT state, count(*) FROM report WHERE state IN ('draft', 'approved', 'sending') GROUP BY state")
	if err != nil {
		return nil, s.metrics.count(opRead, err)
	}
	defer rows.Close()
	waiting := map[ReportState]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, s.metrics.count(opRead, err)
		}
		waiting[ReportState(state)] = n
	}
	return waiting, s.metrics.count(opRead, rows.Err())
}

// ApproveReport lets a draft be sent, or once more one that was refused: what refused it
// may be mended. sum is the hash of the report that the person by has looked at, at a
// gate: nothing else is sent, and by that gate, since others know another name of theirs
// and do not have its record of the message. ErrNoReport, ErrReportMoved.
func (s *Store) ApproveReport(ctx context.Context, id, sum, gate, by string) (Report, error) {
	return s.decide(ctx, id, "UPDATE report SET state = 'approved', note = '', changed = ?1, approved = ?2, sum = ?3, gate = ?4, tries = 0, due = ?1 WHERE id = ?5 AND state IN ('draft', 'refused')", by, sum, gate, id)
}

// DropReport ends a report that was not sent: a draft, or one that waits for its turn.
func (s *Store) DropReport(ctx context.Context, id, by string) (Report, error) {
	return s.decide(ctx, id, "UPDATE report SET state = 'dropped', note = ?2, changed = ?1 WHERE id = ?3 AND state IN ('draft', 'approved')", "dropped by "+by, id)
}

// decide runs a statement whose first argument is the time, and which has to change
// something.
func (s *Store) decide(ctx context.Context, id, statement string, args ...any) (Report, error) {
	ok, err := s.index.affects(ctx, statement, slices.Insert(args, 0, any(s.now().UnixMicro()))...)
	if err != nil {
		return Report{}, s.metrics.count(opReport, err)
	}
	r, err := s.ReportOf(ctx, id)
	if err == nil && !ok {
		err = fmt.Errorf("report %s is %s: %w", id, r.State, ErrReportMoved)
	}
	return r, err
}

// forgetReports removes what nobody asks about any more.
func (x *index) forgetReports(ctx context.Context, before int64) error {
	return x.change(ctx, func(ctx context.Context, tx handle) error {
		_, err1 := tx.exec(ctx, "DELETE FROM report WHERE changed <= ? AND state <> 'sending'", before)
		_, err2 := tx.exec(ctx, "DELETE FROM report_item WHERE report NOT IN (SELECT id FROM report)")
		return errors.Join(err1, err2)
	})
}
