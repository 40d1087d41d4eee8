package gate

import (
	"context"
	"errors"
	"strings"

	"sekisho/filter/act"
	"sekisho/filter/mail"
	"sekisho/filter/proof/authres"
	"sekisho/filter/record"
	"sekisho/filter/stamp"
)

// Redeemer uses up a stamp that is genuine: true once for each, and only while its
// message is being sent.
type Redeemer interface {
	Redeem(ctx context.Context, s stamp.Stamp) (bool, error)
}

// released makes the plan for a message that we send ourselves. False: it is none,
// and has to be judged. A stamp that is not good counts for nothing but a number;
// like all fields of its prefix it is removed.
func (g *Gate) released(ctx context.Context, env mail.Envelope, h mail.Header, body []byte) (act.Plan, bool) {
	if g.opt.Key == nil || g.opt.Redeemer == nil || !bearsStamp(h) {
		return act.Plan{}, false
	}
	s, err := g.opt.Key.Check(env.Recipients, h, body, g.opt.Clock())
	result := stampResult(err)
	if err == nil {
		ok, err := g.opt.Redeemer.Redeem(ctx, s)
		switch {
		case err != nil:
			// Judged, it would be held once more. Who sends it tries again.
			result = record.StampFailed
		case !ok:
			result = record.StampUsed
		}
	}
	if g.opt.Metrics != nil {
		g.opt.Metrics.Stamp(result)
	}
	if g.opt.Logger != nil {
		g.opt.Logger.Stamp(env.QueueID, s.Item, string(s.Kind), result)
	}
	switch result {
	case record.StampPassed:
		return act.Pass(h, authres.Own(h, g.opt.AuthservID), s.Kind == stamp.Release, stamp.Field), true
	case record.StampFailed:
		return act.StoreFailed(""), true
	}
	return act.Plan{}, false
}

// bearsStamp keeps the cost for all other mail at a look at its names.
func bearsStamp(h mail.Header) bool {
	for _, f := range h {
		if len(f.Name) >= len(stamp.Field) && strings.EqualFold(f.Name[:len(stamp.Field)], stamp.Field) {
			return true
		}
	}
	return false
}

// stampResult is what is counted about a check.
func stampResult(err error) record.StampResult {
	switch {
	case err == nil:
		return record.StampPassed
	case errors.Is(err, stamp.ErrExpired):
		return record.StampExpired
	case errors.Is(err, stamp.ErrAltered):
		return record.StampAltered
	}
	return record.StampForged
}
