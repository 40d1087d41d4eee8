package quarantine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Kind is what somebody said about an item.
type Kind string

const (
	KindReleased    Kind = "released"     // by releasing it
	KindNotPhishing Kind = "not-phishing" // by marking it
	KindPhishing    Kind = "phishing"     // by marking it
)

// opposite is the mark that a mark takes back; "" when it takes back none.
func (k Kind) opposite() Kind {
	switch k {
	case KindNotPhishing:
		return KindPhishing
	case KindPhishing:
		return KindNotPhishing
	}
	return ""
}

// Feedback is what somebody said about one item.
type Feedback struct {
	Kind Kind      `json:"kind"`
	At   time.Time `json:"at"`
	By   string    `json:"by"`
}

// FeedbackCount tells about how many items something was said that a finding
// counted for under a policy.
type FeedbackCount struct {
	Finding string `json:"finding"`
	Policy  string `json:"policy"`
	Kind    Kind   `json:"kind"`
	Items   int    `json:"items"`
}

// Mark writes down what the person by thinks of an item, or of each item of an
// entry, and returns the items. An item counts once for each kind; a mark takes
// the opposite one back.
func (s *Store) Mark(ctx context.Context, id string, k Kind, by string) ([]Item, error) {
	if k.opposite() == "" {
		return nil, fmt.Errorf("quarantine: %q is no mark", k)
	}
	items, err := s.Show(ctx, id)
	if err != nil {
		return nil, err
	}
	now := s.now().UnixMicro()
	err = s.index.change(ctx, func(ctx context.Context, tx handle) error {
		for _, it := range items {
			if err := unsay(ctx, tx, it.ID, k.opposite()); err != nil {
				return err
			}
			if err := say(ctx, tx, it.ID, k, now, by); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, s.metrics.count(opMark, fmt.Errorf("mark %s: %w", id, err))
	}
	return s.Show(ctx, id)
}

// Feedback counts what was said since a time, by finding, policy and kind, in
// this order. It knows no addresses, and counts items that are erased too.
func (s *Store) Feedback(ctx context.Context, since time.Time) ([]FeedbackCount, error) {
	counts, err := s.index.feedback(ctx, since)
	return counts, s.metrics.count(opRead, err)
}

func (x *index) feedback(ctx context.Context, since time.Time) ([]FeedbackCount, error) {
	from := int64(0)
	if !since.IsZero() {
		from = max(since.UnixMicro(), 0)
	}
	// What is left of the first day by rows, the days behind it by sums.
	next := (from + day - 1) / day
	rows, err := x.reading().query(ctx, `SELECT finding, policy, kind, CAST(sum(items) AS BIGINT) FROM (
		SELECT finding, policy, kind, 1 AS items FROM feedback_finding WHERE at >= ? AND at < ?
		UNION ALL SELECT finding, policy, kind, items FROM feedback_day WHERE day >= ? AND items > 0) AS said
		GROUP BY finding, policy, kind ORDER BY finding, policy, kind`, from, next*day, next)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var counts []FeedbackCount
	for rows.Next() {
		var c FeedbackCount
		if err := rows.Scan(&c.Finding, &c.Policy, &c.Kind, &c.Items); err != nil {
			return nil, err
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}

// FalseAlarms tells how many items a finding counted for under a policy that turned
// out to be honest.
type FalseAlarms struct {
	Finding string
	Policy  string
	Items   int
}

// FalseAlarms counts the items that were released, or marked as not phishing, since
// a time, each once, by finding and policy. Items that somebody marked as phishing
// do not count: releasing those was the mistake.
func (s *Store) FalseAlarms(ctx context.Context, since time.Time) ([]FalseAlarms, error) {
	counts, err := s.index.falseAlarms(ctx, since)
	return counts, s.metrics.count(opRead, err)
}

func (x *index) falseAlarms(ctx context.Context, since time.Time) ([]FalseAlarms, error) {
	rows, err := x.reading().query(ctx, `SELECT finding, policy, count(DISTINCT item) FROM feedback_finding
		WHERE at >= ? AND kind IN (?, ?) AND NOT EXISTS (SELECT 1 FROM feedback f WHERE f.item = feedback_finding.item AND f.kind = ?)
		GROUP BY finding, policy ORDER BY finding, policy`,
		max(since.UnixMicro(), 0), string(KindReleased), string(KindNotPhishing), string(KindPhishing))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var counts []FalseAlarms
	for rows.Next() {
		var c FalseAlarms
		if err := rows.Scan(&c.Finding, &c.Policy, &c.Items); err != nil {
			return nil, err
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}

// day is what the schema takes for a day, in microseconds.
const day = int64(24 * time.Hour / time.Microsecond)

// say writes down one item's feedback; the first of a kind is what counts.
func say(ctx context.Context, tx handle, item string, k Kind, at int64, by string) error {
	n, err := tx.exec(ctx, `INSERT INTO feedback (item, kind, domain, policy, at, who)
		SELECT id, ?, domain, policy, ?, ? FROM item WHERE id = ? ON CONFLICT DO NOTHING`, string(k), at, by, item)
	if err != nil || n == 0 {
		return err
	}
	var text string
	if err := tx.value(ctx, &text, "SELECT findings FROM item WHERE id = ?", item); err != nil {
		return err
	}
	var findings []string
	if err := json.Unmarshal([]byte(text), &findings); err != nil {
		return fmt.Errorf("item %s: %w", item, err)
	}
	// In one order, so that of two who count the same findings one waits for the other.
	slices.Sort(findings)
	for _, f := range slices.Compact(findings) {
		_, err := tx.exec(ctx, `INSERT INTO feedback_finding (at, item, kind, finding, policy)
			SELECT ?, id, ?, ?, policy FROM item WHERE id = ?`, at, string(k), f, item)
		if err != nil {
			return err
		}
	}
	return nil
}

// unsay takes one item's feedback of a kind back.
func unsay(ctx context.Context, tx handle, item string, k Kind) error {
	_, err := tx.exec(ctx, `DELETE FROM feedback_finding WHERE item = ?1 AND kind = ?2
		AND at = (SELECT at FROM feedback WHERE item = ?1 AND kind = ?2)`, item, string(k))
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "DELETE FROM feedback WHERE item = ? AND kind = ?", item, string(k))
	return err
}

// heard adds to items what was said about them.
func (x *index) heard(ctx context.Context, items []Item) error {
	if len(items) == 0 {
		return nil
	}
	rows, err := x.reading().query(ctx, `SELECT f.item, f.kind, f.at, f.who FROM feedback f JOIN item i ON i.id = f.item
		WHERE i.entry = ? ORDER BY f.at, f.kind`, items[0].Entry)
	if err != nil {
		return err
	}
	defer rows.Close()
	said := map[string][]Feedback{}
	for rows.Next() {
		var item string
		var at int64
		var f Feedback
		if err := rows.Scan(&item, &f.Kind, &at, &f.By); err != nil {
			return err
		}
		f.At = time.UnixMicro(at).UTC()
		said[item] = append(said[item], f)
	}
	for i := range items {
		items[i].Feedback = said[items[i].ID]
	}
	return rows.Err()
}
