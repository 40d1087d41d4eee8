package quarantine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const selectColumns = `SELECT i.id, i.entry, i.state, i.note, i.recipient, i.policy, i.verdict, i.cause, i.stored, i.changed,
	e.trace, e.brand, e.why, e.subject, e.sender, e.sender_args, e.client, e.client_name, e.helo, e.auth_user, e.queue_id,
	e.received, e.size, e.sha256, i.expires, i.release, i.findings`

const selectItems = selectColumns + " FROM item i JOIN entry e ON e.id = i.entry"

// get returns the item of that id, or all items of the entry of that id.
func (x *index) get(ctx context.Context, id string) ([]Item, error) {
	// Items of an entry in the order of its recipients: "-2" before "-10".
	items, err := x.items(ctx, selectItems+" WHERE i.id = ?1 OR i.entry = ?1 ORDER BY length(i.id), i.id", id)
	if err == nil && len(items) == 0 {
		err = fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	return items, err
}

func (x *index) items(ctx context.Context, query string, args ...any) ([]Item, error) {
	rows, err := x.reading().query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var it Item
		var stored, changed, received, expires int64
		var senderArgs, release, findings string
		err := rows.Scan(&it.ID, &it.Entry, &it.State, &it.Note, &it.Recipient, &it.Policy, &it.Verdict, &it.Cause, &stored, &changed,
			&it.Trace, &it.Brand, &it.Why, &it.Subject, &it.Sender, &senderArgs, &it.Client, &it.ClientName, &it.Helo, &it.AuthUser, &it.QueueID,
			&received, &it.Size, &it.SHA256, &expires, &release, &findings)
		if err != nil {
			return nil, err
		}
		err = errors.Join(json.Unmarshal([]byte(senderArgs), &it.SenderArgs), json.Unmarshal([]byte(release), &it.Release),
			json.Unmarshal([]byte(findings), &it.Findings))
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", it.ID, err)
		}
		it.Stored, it.Changed = time.UnixMicro(stored).UTC(), time.UnixMicro(changed).UTC()
		if received != 0 {
			it.Received = time.UnixMicro(received).UTC()
		}
		if expires != 0 {
			it.Expires = time.UnixMicro(expires).UTC()
		}
		items = append(items, it)
	}
	return items, rows.Err()
}

// move takes an item from the state that it was seen in to another and returns
// it as it is then. False: it is no longer as it was seen, someone was faster.
// That it was released, and by whom, is feedback of the same moment; what also does
// is part of it.
func (x *index) move(ctx context.Context, seen Item, to State, note, who string, also ...func(context.Context, handle) error) (Item, bool, error) {
	// A later time each time, so that the time tells two attempts apart.
	changed := max(x.now().UnixMicro(), seen.Changed.UnixMicro()+1)
	moved := false
	err := x.change(ctx, func(ctx context.Context, tx handle) error {
		n, err := tx.exec(ctx, "UPDATE item SET state = ?, note = ?, changed = ? WHERE id = ? AND state = ? AND changed = ?",
			string(to), note, changed, seen.ID, string(seen.State), seen.Changed.UnixMicro())
		if moved = n == 1; err != nil || !moved {
			return err
		}
		for _, do := range also {
			if err := do(ctx, tx); err != nil {
				return err
			}
		}
		if to != Released || seen.isCopy() {
			return nil
		}
		return say(ctx, tx, seen.ID, KindReleased, changed, who)
	})
	if err != nil || !moved {
		return seen, false, err
	}
	seen.State, seen.Note, seen.Changed = to, note, time.UnixMicro(changed).UTC()
	return seen, true, nil
}
