package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"sekisho/filter/config"
	"sekisho/filter/quarantine"
)

const (
	copiesEvery = time.Minute // how soon a copy that could not be handed over is tried again
	copyTime    = time.Minute // to hand one over; what we die under is tried again a minute after
)

// releaseTo is where the settings send copies.
func (d *Daemon) releaseTo(cfg config.Config) *quarantine.ReleaseOptions {
	o := &quarantine.ReleaseOptions{Addr: cfg.Quarantine.ReleaseTo, Helo: cfg.Hostname, Timeout: copyTime}
	if cfg.Quarantine.ReleaseBy == config.ByStamp {
		o.Key = d.key
	}
	return o
}

// copied wakes whoever sends copies.
func (d *Daemon) copied() {
	select {
	case d.copies <- struct{}{}:
	default: // is awake, or will be
	}
}

// sendCopies hands copies to the MTA until ctx ends: those that a stop or a crash
// left, those that come in, and again those that it did not take. The channel is
// closed when it has stopped. It goes on where copies are no longer made, since some
// may be left.
func (d *Daemon) sendCopies(ctx context.Context) (stopped <-chan struct{}) {
	done := make(chan struct{})
	d.spawn(inCopies, func() {
		defer close(done)
		for {
			_ = d.guard(inCopies, func() { d.deliverCopies(ctx) })
			select {
			case <-d.copies:
			case <-time.After(copiesEvery):
			case <-ctx.Done():
				return
			}
		}
	})
	return done
}

func (d *Daemon) deliverCopies(ctx context.Context) {
	o := d.release.Load()
	if o.Addr == "" {
		return
	}
	sent, err := d.store.Deliver(ctx, *o)
	if err != nil && ctx.Err() == nil {
		d.log.Error("copies wait", zap.Int("sent", sent.Sent), zap.Int("waiting", sent.Waiting), zap.Error(err))
	}
}
