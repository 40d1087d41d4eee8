package daemon

import (
	"context"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"
)

const (
	sweepEvery  = time.Hour
	sweepJitter = 10 * time.Minute // so that gates on one disk do not sweep together
	firstSweep  = 5 * time.Minute  // at most, after the start: also who restarts every hour sweeps
)

// sweepPause is the time before the sweep after n others.
func sweepPause(n int) time.Duration {
	if n == 0 {
		return rand.N(firstSweep)
	}
	return sweepEvery - sweepJitter/2 + rand.N(sweepJitter)
}

// sweeper erases what policies keep no longer, again and again, one sweep after
// the other, until ctx ends. The channel is closed when it has stopped.
func (d *Daemon) sweeper(ctx context.Context, pause func(n int) time.Duration) (stopped <-chan struct{}) {
	done := make(chan struct{})
	d.spawn(inSweeper, func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-time.After(pause(n)):
			case <-ctx.Done():
				return
			}
			_ = d.guard(inSweeper, func() { d.sweep(ctx) })
		}
	})
	return done
}

func (d *Daemon) sweep(ctx context.Context) {
	erased, err := d.store.Expire(ctx)
	log := d.log.Debug
	switch {
	case err != nil && ctx.Err() == nil:
		log = d.log.Error
	case erased.Items > 0:
		log = d.log.Info
	}
	log("quarantine swept", zap.Int("items", erased.Items), zap.Int("messages", erased.Messages), zap.Error(err))
}
