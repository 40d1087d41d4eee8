package quarantine

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"sekisho/filter/stamp"
)

// Digest is what one recipient is to be told: what is held for them of which they
// have not been told.
type Digest struct {
	ID        string // of these items for this recipient; the same when it has to be sent again
	Recipient string // as the newest item has it
	Items     []Item // newest first; no more than were asked for
	More      int    // items besides
}

// Untold returns the recipients in a domain for whom something is held, since a time
// or longer, of which they have not been told, in lower case: at most
// maxUntold. It first settles digests that a crash, or a connection that was lost,
// has left in the open: those whose stamp our filter has let pass have arrived, the
// others are to be sent again.
func (s *Store) Untold(ctx context.Context, name string, since time.Time) ([]string, error) {
	if err := s.settleDigests(ctx); err != nil {
		return nil, s.metrics.count(opTell, err)
	}
	found, err := texts(ctx, s.index.reading(), "SELECT DISTINCT lower(i.recipient), '', '' FROM item i WHERE i.domain = ? AND "+
		untold+" AND i.stored <= ? ORDER BY 1 LIMIT ?", domain(name), since.UnixMicro(), maxUntold)
	var mailboxes []string
	for _, f := range found {
		mailboxes = append(mailboxes, f[0])
	}
	return mailboxes, s.metrics.count(opRead, err)
}

// untold is the condition for items i that are news to their recipients. The first
// two terms are those of the index item_untold.
const untold = "i.digest = '' AND i.state = 'held' AND i.verdict NOT IN ('accept', 'tag')"

// mailbox is the form in which Untold and Tell compare addresses: ASCII letters in
// lower case, as both databases write it.
func mailbox(address string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, address)
}

// News is the digest that Tell would send now, with at most show items. Nothing
// changes by it.
func (s *Store) News(ctx context.Context, recipient string, since time.Time, show int) (Digest, error) {
	d := Digest{Recipient: recipient}
	args := []any{domain(recipient), mailbox(recipient), since.UnixMicro()}
	const which = " WHERE i.domain = ? AND lower(i.recipient) = ? AND " + untold + " AND i.stored <= ?"
	var all int
	err := s.index.reading().value(ctx, &all, "SELECT count(*) FROM item i"+which, args...)
	if err == nil {
		d.Items, err = s.index.items(ctx, selectItems+which+" ORDER BY i.stored DESC, i.id LIMIT ?", append(args, show)...)
	}
	d.More = max(0, all-len(d.Items))
	return d, s.metrics.count(opRead, err)
}

// Tell sends a recipient the digest of what has been held for them since a time or
// longer, if that is news, and reports whether it was sent. write makes the message,
// with CRLF line ends, of at most show items. The items are the digest's in the index
// before the first byte is sent, so that nobody else, here or on another host, tells
// of them. What the server does not take is news again. What it took without an
// answer is settled by a later Untold. The error is also set when the digest was
// sent past our filter, although it bore a stamp: ErrUnproved.
func (s *Store) Tell(ctx context.Context, recipient string, since time.Time, show int, o ReleaseOptions, write func(Digest) ([]byte, error)) (sent bool, err error) {
	a := s.newAttempt(o)
	d, err := s.claim(ctx, recipient, since, show, a)
	if err != nil || d.ID == "" {
		return false, s.metrics.count(opTell, err)
	}
	message, err := write(d)
	if err == nil {
		a, err = s.renew(ctx, d.ID, a, o)
	}
	if err == nil {
		err = s.sendDigest(ctx, d, message, a, o)
	}
	// Whatever happened is written down even when the caller has gone.
	ctx = context.WithoutCancel(ctx)
	var unknown *unknownError
	switch {
	case errors.As(err, &unknown):
		return false, s.metrics.count(opTell, err)
	case err != nil:
		return false, s.metrics.count(opTell, errors.Join(err, s.index.endDigest(ctx, d.ID, a.nonce, false)))
	}
	used := 1
	if a.proved {
		err = s.index.reading().value(ctx, &used, "SELECT count(*) FROM digest WHERE id = ? AND used <> 0", d.ID)
	}
	if err = errors.Join(err, s.index.endDigest(ctx, d.ID, a.nonce, true)); err == nil && used == 0 {
		err = ErrUnproved
	}
	return true, s.metrics.count(opTell, err)
}

// renew begins the time of an attempt again, once the message is there: to read what it
// tells of may take a while, and a stamp that has expired would have it judged.
func (s *Store) renew(ctx context.Context, id string, old attempt, o ReleaseOptions) (attempt, error) {
	a := s.newAttempt(o)
	ok, err := s.index.affects(ctx, "UPDATE digest SET nonce = ?, expires = ? WHERE id = ? AND nonce = ?", a.nonce, a.expires.UnixMicro(), id, old.nonce)
	if err == nil && !ok {
		err = fmt.Errorf("digest %s took too long to write: it is news again", id)
	}
	if err != nil {
		return old, err
	}
	return a, nil
}

// sendDigest hands a digest to the server, from the null path: nothing may answer it
// (RFC 3834, section 3.3; RFC 5321, section 4.5.5).
func (s *Store) sendDigest(ctx context.Context, d Digest, message []byte, a attempt, o ReleaseOptions) error {
	top := a.stamp(o.Key, stamp.Digest, d.ID, d.Recipient, message)
	return s.send(ctx, Item{Recipient: d.Recipient}, top, message, o)
}

// claim makes the news of a recipient the items of a digest. Without news it has no
// id. Two who do so at once never claim the same item: the second one waits for the
// first, and finds the items taken.
func (s *Store) claim(ctx context.Context, recipient string, since time.Time, show int, a attempt) (d Digest, err error) {
	mine := strings.ToLower(rand.Text())
	all := int64(0)
	err = s.index.change(ctx, func(ctx context.Context, tx handle) (err error) {
		d.ID = ""
		all, err = tx.exec(ctx, `UPDATE item SET digest = ? WHERE domain = ? AND lower(recipient) = ? AND stored <= ?
			AND digest = '' AND state = 'held' AND verdict NOT IN ('accept', 'tag')`, mine, domain(recipient), mailbox(recipient), since.UnixMicro())
		if err != nil || all == 0 {
			return err
		}
		if d.ID, err = digestID(ctx, tx, mine); err != nil {
			return err
		}
		_, err1 := tx.exec(ctx, "UPDATE item SET digest = ? WHERE digest = ? AND digest <> ''", d.ID, mine)
		_, err2 := tx.exec(ctx, "INSERT INTO digest (id, nonce, expires, used) VALUES (?,?,?,0)", d.ID, a.nonce, a.expires.UnixMicro())
		return errors.Join(err1, err2)
	})
	if err != nil || d.ID == "" {
		return Digest{}, err
	}
	d.Items, err = s.index.items(ctx, selectItems+" WHERE i.digest = ? AND i.digest <> '' ORDER BY i.stored DESC, i.id LIMIT ?", d.ID, show)
	if err == nil && len(d.Items) == 0 {
		err = fmt.Errorf("digest %s: its items are gone", d.ID)
	}
	if err != nil {
		return Digest{}, errors.Join(err, s.index.endDigest(context.WithoutCancel(ctx), d.ID, a.nonce, false))
	}
	d.Recipient, d.More = d.Items[0].Recipient, int(all)-len(d.Items)
	return d, nil
}

// digestID is made of the ids of the items, which say whose they are: a digest that
// has to be sent again has the same.
func digestID(ctx context.Context, tx handle, claimed string) (string, error) {
	rows, err := tx.query(ctx, "SELECT id FROM item WHERE digest = ? AND digest <> '' ORDER BY id", claimed)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	h := sha256.New()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return "", err
		}
		h.Write([]byte(id + "\n"))
	}
	sum := h.Sum(nil)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:15])), rows.Err()
}

// endDigest writes down how an attempt ended. What was not sent is news again.
func (x *index) endDigest(ctx context.Context, id, nonce string, sent bool) error {
	return x.change(ctx, func(ctx context.Context, tx handle) error {
		n, err := tx.exec(ctx, "DELETE FROM digest WHERE id = ? AND nonce = ?", id, nonce)
		if err != nil || n == 0 || sent {
			return err
		}
		_, err = tx.exec(ctx, "UPDATE item SET digest = '' WHERE digest = ? AND digest <> ''", id)
		return err
	})
}

// settleDigests ends those of which nobody wrote down what came, once nothing can
// come any more. Without a stamp nobody can know: it is sent again, under the same
// Message-ID, rather than never.
func (s *Store) settleDigests(ctx context.Context) error {
	left, err := texts(ctx, s.index.reading(), "SELECT id, nonce, CASE WHEN used <> 0 THEN 'sent' ELSE '' END FROM digest WHERE expires <= ? LIMIT ?", s.now().UnixMicro(), maxUntold)
	var errs []error
	for _, d := range left {
		errs = append(errs, s.index.endDigest(ctx, d[0], d[1], d[2] == "sent"))
	}
	return errors.Join(append(errs, err)...)
}

// redeemDigest is Redeem for the stamp of a digest.
func (s *Store) redeemDigest(ctx context.Context, of stamp.Stamp) (bool, error) {
	return s.index.affects(ctx, "UPDATE digest SET used = ?1 WHERE id = ?2 AND nonce = ?3 AND used = 0 AND expires > ?1",
		s.now().UnixMicro(), of.Item, of.Nonce)
}
