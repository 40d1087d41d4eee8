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

// again does work again and again, one time after the other, with a pause before
// each, until ctx ends. The channel is closed when it has stopped. A panic of work
// is counted, and not its last time.
func (d *Daemon) again(ctx context.Context, name goroutine, pause func(n int) time.Duration, work func(context.Context)) (stopped <-chan struct{}) {
	done := make(chan struct{})
	d.spawn(name, func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-time.After(pause(n)):
			case <-ctx.Done():
				return
			}
			_ = d.guard(name, func() { work(ctx) })
		}
	})
	return done
}

// sweep erases what policies keep no longer.
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
