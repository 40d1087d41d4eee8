package quarantine

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"sekisho/filter/stamp"
)

// attempt is one try to send an item.
type attempt struct {
	nonce   string
	expires time.Time // to the second, as a stamp says it
	proved  bool      // by a stamp, which our filter in front of the target redeems
}

// newAttempt begins a try that has ended, one way or the other, when it expires:
// a stamp outlives the time limit of the delivery, and nothing comes after it.
func (s *Store) newAttempt(o ReleaseOptions) attempt {
	return attempt{
		nonce:   strings.ToLower(rand.Text()),
		expires: s.now().Add(o.timeout() + stampGrace).Truncate(time.Second).Add(time.Second),
		proved:  o.Key != nil,
	}
}

// stamp is the field that goes on top of a message; nil without a proof.
func (a attempt) stamp(k *stamp.Key, kind stamp.Kind, item, recipient string, message []byte) []byte {
	if !a.proved {
		return nil
	}
	return k.Seal(stamp.Stamp{Kind: kind, Item: item, Nonce: a.nonce, Expires: a.expires}, recipient, message)
}

// begin writes the attempt down, in the transaction that makes its item Releasing.
func (a attempt) begin(it Item, now time.Time) func(context.Context, handle) error {
	return func(ctx context.Context, tx handle) error {
		used := now.UnixMicro()
		if a.proved {
			used = 0
		}
		_, err := tx.exec(ctx, "INSERT INTO attempt (nonce, item, expires, used) VALUES (?,?,?,?)", a.nonce, it.ID, a.expires.UnixMicro(), used)
		return err
	}
}

// end forgets an attempt whose end is known: its stamp is good for nothing.
func (a attempt) end() func(context.Context, handle) error {
	return func(ctx context.Context, tx handle) error {
		_, err := tx.exec(ctx, "DELETE FROM attempt WHERE nonce = ?", a.nonce)
		return err
	}
}

// Redeem uses a stamp up: true once, and only while its item is being sent. With
// an error nobody knows, and the message is to be tried again.
func (s *Store) Redeem(ctx context.Context, of stamp.Stamp) (bool, error) {
	switch of.Kind {
	case stamp.Digest:
		ok, err := s.redeemDigest(ctx, of)
		return ok, s.metrics.count(opRedeem, err)
	case stamp.Report:
		ok, err := s.redeemReport(ctx, of)
		return ok, s.metrics.count(opRedeem, err)
	}
	now := s.now().UnixMicro()
	ok, err := s.index.affects(ctx, `UPDATE attempt SET used = ?1 WHERE nonce = ?2 AND item = ?3 AND used = 0 AND expires > ?1
		AND EXISTS (SELECT 1 FROM item WHERE id = ?3 AND state = 'releasing')`, now, of.Nonce, of.Item)
	return ok, s.metrics.count(opRedeem, err)
}

// expireAttempt uses up an attempt that a target has taken without redeeming its stamp.
// False: it was redeemed.
func (s *Store) expireAttempt(ctx context.Context, a attempt) (unproved bool, err error) {
	return s.index.affects(ctx, "UPDATE attempt SET used = ?1 WHERE nonce = ?2 AND used = 0", s.now().UnixMicro(), a.nonce)
}

// abandoned reports whether all attempts to send an item are known to have come to
// nothing, although nobody wrote that down: their stamps were not used while they
// were good.
func (s *Store) abandoned(ctx context.Context, it Item) (bool, error) {
	var all, perhaps int
	err := s.index.reading().row(ctx, []any{&all, &perhaps}, "SELECT count(*), count(*) FILTER (WHERE used <> 0 OR expires > ?) FROM attempt WHERE item = ?",
		s.now().UnixMicro(), it.ID)
	return all > 0 && perhaps == 0, err
}

// affects runs a statement in a transaction of its own and reports whether it
// changed anything.
func (x *index) affects(ctx context.Context, statement string, args ...any) (bool, error) {
	var n int64
	err := x.change(ctx, func(ctx context.Context, tx handle) (err error) {
		n, err = tx.exec(ctx, statement, args...)
		return err
	})
	return err == nil && n > 0, err
}
