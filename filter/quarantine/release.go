package quarantine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sekisho/filter/stamp"
)

// ReleaseOptions say where released messages go.
type ReleaseOptions struct {
	Addr    string        // host:port of an SMTP server that takes them for delivery
	Key     *stamp.Key    // proves them to our own filter in front of Addr; nil where there is none
	Helo    string        // our name for EHLO; "" is "localhost"
	Timeout time.Duration // for one delivery; 0 is five minutes
	Again   bool          // also send items whose earlier release did not finish: its recipient may get it twice
	As      Role          // of who asks; "" is Admin
	By      string        // who asks, for the record
}

// timeout is that of one delivery.
func (o ReleaseOptions) timeout() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return releaseTimeout
}

// Release sends an item, or each item of an entry, to its recipient and returns
// the items as they are then. An item that was released before is not sent
// again. An item is marked as released only after the server has taken the
// message; when the server refuses it, the item is held as before, with the
// reason in Note. When the connection ends after the message was sent and before
// the answer, nobody knows: the item stays in state Releasing, and a later
// Release answers ErrPending unless Again is set, or the stamp of the attempt has
// expired without being used. With a Key, the answer of a server that has not asked
// us for the proof is not believed: ErrUnproved. What the policy does not let o.As
// release answers ErrRole, and what is erased ErrErased. Errors of several items
// are joined.
func (s *Store) Release(ctx context.Context, id string, o ReleaseOptions) ([]Item, error) {
	items, err := s.Show(ctx, id)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, it := range items {
		if err := s.release(ctx, it, o); err != nil {
			errs = append(errs, fmt.Errorf("release %s: %w", it.ID, s.metrics.count(opRelease, err)))
		}
	}
	items, err = s.Show(context.WithoutCancel(ctx), id)
	return items, errors.Join(append(errs, err)...)
}

// release moves one item from held over releasing to released.
func (s *Store) release(ctx context.Context, it Item, o ReleaseOptions) error {
	switch {
	case it.State == Erased:
		return ErrErased
	case !it.lets(o.As):
		return ErrRole
	case it.State == Released:
		return nil
	}
	if it.State == Releasing && !o.Again {
		if failed, err := s.abandoned(ctx, it); err != nil || !failed {
			return errors.Join(ErrPending, err)
		}
	}
	message, err := s.message(ctx, it)
	if err != nil {
		return err
	}
	a := s.newAttempt(o)
	mine, ok, err := s.index.move(ctx, it, Releasing, "", o.By, a.begin(it, s.now()))
	if err != nil {
		return err
	}
	if !ok {
		return s.overtaken(ctx, it)
	}
	kind := stamp.Release
	if it.isCopy() {
		kind = stamp.Copy
	}
	sendErr := s.send(ctx, it, a.stamp(o.Key, kind, it.ID, it.Recipient, message), message, o)

	// Whatever happened is written down even when the caller has gone.
	ctx = context.WithoutCancel(ctx)
	if sendErr == nil && a.proved {
		if unproved, err := s.expireAttempt(ctx, a); err != nil {
			sendErr = &unknownError{err}
		} else if unproved && it.isCopy() {
			// It was never held, so it is not now. Sent again it would come twice.
			_ = s.metrics.count(opRelease, ErrUnproved)
		} else if unproved {
			sendErr = &unknownError{ErrUnproved}
		}
	}
	to, note := Released, ""
	var unknown *unknownError
	switch {
	case errors.As(sendErr, &unknown):
		to, note = Releasing, sendErr.Error()
	case sendErr != nil:
		to, note = Held, sendErr.Error()
	}
	if err := s.settle(ctx, mine, a, to, note, o.By); err != nil {
		return errors.Join(sendErr, fmt.Errorf("record that it is %s: %w", to, err))
	}
	if sendErr == nil && !it.isCopy() {
		s.metrics.released.Inc()
	}
	return sendErr
}

// overtaken is the error for an item that somebody else has just changed.
func (s *Store) overtaken(ctx context.Context, it Item) error {
	switch now, err := s.index.get(ctx, it.ID); {
	case errors.Is(err, ErrNotFound) || err == nil && now[0].State == Erased:
		return ErrErased
	case err != nil:
		return err
	}
	return ErrPending // has just begun to release it
}

// settle writes down how our own attempt ended.
func (s *Store) settle(ctx context.Context, mine Item, a attempt, to State, note, who string) error {
	var end []func(context.Context, handle) error
	if to != Releasing {
		end = append(end, a.end())
	}
	_, ok, err := s.index.move(ctx, mine, to, note, who, end...)
	if ok || err != nil || to != Released {
		return err
	}
	// Someone began again while we were sending. That ours has arrived is what
	// counts; the other attempt will find the item changed and leave it so.
	now, err := s.index.get(ctx, mine.ID)
	if err == nil {
		_, _, err = s.index.move(ctx, now[0], Released, "", who, end...)
	}
	return err
}

// send delivers one item with a time limit, with a field on top of its message.
func (s *Store) send(ctx context.Context, it Item, top, message []byte, o ReleaseOptions) error {
	ctx, cancel := context.WithTimeout(ctx, o.timeout())
	defer cancel()
	helo := o.Helo
	if helo == "" {
		helo = "localhost"
	}
	return deliver(ctx, o.Addr, delivery{helo: helo, sender: it.Sender, args: it.SenderArgs, recipient: it.Recipient, top: top, message: message})
}
