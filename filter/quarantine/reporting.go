package quarantine

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"time"

	"sekisho/filter/stamp"
)

// ReportLimits bound which reports leave, and how many in a day. Zero is none.
type ReportLimits struct {
	Target int    // to one address
	All    int    // to all together
	Gate   string // where they were approved; those of one that has let them wait for a day as well
}

// Reporter writes reports.
type Reporter interface {
	// Compose writes the message of a report, with CRLF line ends, and the hash of all
	// in it that an approval is about.
	Compose(ctx context.Context, r Report) (message []byte, sum string, err error)
}

// reportError is an error after which a report goes on in another state.
type reportError struct {
	to   ReportState
	note string
}

func (e *reportError) Error() string { return e.note }

// SendReport sends the approved report that waits longest, of those that the limits
// let leave now, from an address, and returns it as it is then; false when there is
// none. The limits are those of all hosts that share the store. A report that the
// server does not take now is approved still, and due later; one of which nobody
// knows whether it was taken counts as sent, and its Note says so. The error is why it
// was not sent; with ErrUnproved it was, past our filter.
func (s *Store) SendReport(ctx context.Context, l ReportLimits, from string, o ReleaseOptions, w Reporter) (Report, bool, error) {
	if err := s.settleReports(ctx); err != nil {
		return Report{}, false, s.metrics.count(opReport, err)
	}
	a := s.newAttempt(o)
	r, ok, err := s.nextReport(ctx, l, a)
	if err != nil || !ok {
		return Report{}, false, s.metrics.count(opReport, err)
	}
	sendErr := s.sendReport(ctx, r, from, a, o, w)
	// Whatever happened is written down even when the caller has gone.
	ctx = context.WithoutCancel(ctx)
	var unknown *unknownError
	if errors.As(sendErr, &unknown) && a.proved {
		// Whether our filter let it pass is known when the stamp has expired.
		return r, true, s.metrics.count(opReport, sendErr)
	}
	if sendErr == nil && a.proved {
		used := 0
		if err := s.index.reading().value(ctx, &used, "SELECT count(*) FROM report WHERE id = ? AND nonce = ? AND used > 0", r.ID, a.nonce); err == nil && used == 0 {
			sendErr = ErrUnproved
		}
	}
	err = s.endReport(ctx, r, a, sendErr)
	if now, again := s.ReportOf(ctx, r.ID); again == nil {
		r = now
	}
	return r, true, s.metrics.count(opReport, errors.Join(sendErr, err))
}

// nextReport makes an approved report Sending, when the limits allow. Those who count
// take turns.
func (s *Store) nextReport(ctx context.Context, l ReportLimits, a attempt) (r Report, ok bool, err error) {
	id, now := "", s.now()
	err = s.index.change(ctx, func(ctx context.Context, tx handle) error {
		id = ""
		if err := takeReports(ctx, tx); err != nil {
			return err
		}
		found, err := texts(ctx, tx, `SELECT r.id, '', '' FROM report r WHERE r.state = 'approved' AND r.due <= ?1
			AND (SELECT count(*) FROM report o WHERE o.sent > ?2) < ?3
			AND (SELECT count(*) FROM report o WHERE o.sent > ?2 AND o.target = r.target) < ?4
			AND (r.gate = ?5 OR r.changed <= ?2) ORDER BY r.due, r.id LIMIT 1`,
			now.UnixMicro(), now.Add(-reportDay).UnixMicro(), l.All, l.Target, l.Gate)
		if err != nil || len(found) == 0 {
			return err
		}
		id = found[0][0]
		used := int64(0)
		if !a.proved {
			used = -1 // nobody will say
		}
		_, err = tx.exec(ctx, "UPDATE report SET state = 'sending', sent = ?1, tries = tries + 1, nonce = ?2, expires = ?3, used = ?4 WHERE id = ?5",
			now.UnixMicro(), a.nonce, a.expires.UnixMicro(), used, id)
		return err
	})
	if err != nil || id == "" {
		return r, false, err
	}
	r, err = s.ReportOf(ctx, id)
	return r, err == nil, err
}

func (s *Store) sendReport(ctx context.Context, r Report, from string, a attempt, o ReleaseOptions, w Reporter) error {
	message, sum, err := w.Compose(ctx, r)
	switch {
	case errors.Is(err, ErrErased) || errors.Is(err, ErrNotFound):
		return s.otherEvidence(ctx, r)
	case errors.Is(err, ErrCorrupt):
		return &reportError{Dropped, "the message is damaged"}
	case err != nil:
		return err
	case sum != r.sum:
		return &reportError{Draft, "it is no longer what was approved: look at it again"}
	}
	top := a.stamp(o.Key, stamp.Report, r.ID, r.Target, message)
	return s.send(ctx, Item{Sender: from, Recipient: r.Target}, top, message, o)
}

// otherEvidence has a report whose message is gone show another one that it stands
// for, once somebody has looked at it.
func (s *Store) otherEvidence(ctx context.Context, r Report) error {
	const gone = "the message that it shows is gone"
	left, err := texts(ctx, s.index.reading(), `SELECT i.id, i.domain, '' FROM report_item b JOIN item i ON i.id = b.item
		WHERE b.report = ? AND i.state <> 'erased' ORDER BY i.stored DESC LIMIT 1`, r.ID)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		return &reportError{Dropped, gone}
	}
	if _, err := s.index.affects(ctx, "UPDATE report SET item = ?, domain = ? WHERE id = ?", left[0][0], left[0][1], r.ID); err != nil {
		return err
	}
	return &reportError{Draft, gone + ", another one like it is shown: look at it again"}
}

// endReport writes down how an attempt ended.
func (s *Store) endReport(ctx context.Context, r Report, a attempt, sendErr error) error {
	now := s.now()
	to, note, sent, due := Sent, "", int64(1), now
	var unknown *unknownError
	var other *reportError
	var refused *textproto.Error
	switch {
	case sendErr == nil:
	case errors.Is(sendErr, ErrUnproved):
		note = "sent past our own filter, although it bore a stamp"
	case errors.As(sendErr, &unknown):
		note = "the answer of the server did not come: it may not have been sent"
	case errors.As(sendErr, &other):
		to, note, sent = other.to, other.note, 0
	case errors.As(sendErr, &refused) && refused.Code >= 500:
		to, note, sent = Refused, refused.Error(), 0
	case r.tries >= maxReportTries:
		to, note, sent = Refused, fmt.Sprintf("given up after %d tries: %v", r.tries, sendErr), 0
	default:
		to, note, sent = Approved, sendErr.Error(), 0
		due = now.Add(reportPause * time.Duration(1<<min(r.tries, 8)))
	}
	_, err := s.index.affects(ctx, "UPDATE report SET state = ?, note = ?, changed = ?, due = ?, sent = sent * ?, nonce = '' WHERE id = ? AND nonce = ?",
		string(to), cut(note, maxSubject), now.UnixMicro(), due.UnixMicro(), sent, r.ID, a.nonce)
	return err
}

// settleReports ends those of which nobody wrote down what came, once nothing can come
// any more: our filter let it pass, or did not and it is to be sent; without a stamp
// nobody can know, and a stranger gets nothing twice.
func (s *Store) settleReports(ctx context.Context) error {
	left, err := texts(ctx, s.index.reading(), "SELECT id, nonce, CASE WHEN used > 0 THEN 'sent' WHEN used = 0 THEN 'not' ELSE '' END FROM report WHERE state = 'sending' AND expires <= ? LIMIT ?",
		s.now().UnixMicro(), maxUntold)
	errs := []error{err}
	for _, d := range left {
		end := map[string]error{"sent": nil, "not": errors.New("we stopped before it was sent")}
		how, known := end[d[2]]
		if !known {
			how = &unknownError{errors.New("we stopped while it was sent")}
		}
		errs = append(errs, s.endReport(ctx, Report{ID: d[0]}, attempt{nonce: d[1]}, how))
	}
	return errors.Join(errs...)
}

// redeemReport is Redeem for the stamp of a report.
func (s *Store) redeemReport(ctx context.Context, of stamp.Stamp) (bool, error) {
	return s.index.affects(ctx, "UPDATE report SET used = ?1 WHERE id = ?2 AND nonce = ?3 AND state = 'sending' AND used = 0 AND expires > ?1",
		s.now().UnixMicro(), of.Item, of.Nonce)
}
