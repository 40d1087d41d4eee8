package journal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sekisho/policy"
)

// Count is how many recipients had a verdict in a slot of time.
type Count struct {
	At         time.Time // begin of the slot
	Verdict    policy.Verdict
	Recipients int
}

// Verdicts counts the verdicts of a range by slots of time, for recipients in some
// domains, or for all where none is named, in the order of time.
func (r *Reader) Verdicts(ctx context.Context, within Range, slot time.Duration, domains []string) (counts []Count, err error) {
	step := slot.Microseconds()
	query, args := "d.time >= ?", []any{within.Since.UnixMicro()}
	if within.Since.IsZero() {
		args[0] = 0
	}
	if !within.Until.IsZero() {
		query, args = query+" AND d.time < ?", append(args, within.Until.UnixMicro())
	}
	var of []string
	for _, d := range domains {
		of, args = append(of, "lower(substr(r.address, ?)) = ?"), append(args, -len(d)-1, "@"+strings.ToLower(d))
	}
	if len(of) > 0 {
		query += " AND (" + strings.Join(of, " OR ") + ")"
	}
	rows, err := r.db.QueryContext(ctx, fmt.Sprintf(`SELECT d.time / %d AS slot, r.verdict, count(*) FROM decision d JOIN recipient r ON r.decision = d.id
		WHERE %s GROUP BY slot, r.verdict ORDER BY slot, r.verdict`, step, query), args...)
	if err != nil {
		return nil, fmt.Errorf("count verdicts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Count
		var n int64
		if err := rows.Scan(&n, (*string)(&c.Verdict), &c.Recipients); err != nil {
			return nil, err
		}
		c.At = time.UnixMicro(n * step).UTC()
		counts = append(counts, c)
	}
	return counts, rows.Err()
}
