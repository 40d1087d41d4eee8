package daemon

import (
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

// The service manager hears of each change of state (sd_notify(3)); where there
// is none the calls do nothing.

func (d *Daemon) notifyReady() { d.notify(daemon.SdNotifyReady) }

func (d *Daemon) notifyStopping() { d.notify(daemon.SdNotifyStopping) }

// notifyReloading carries the monotonic time, as Type=notify-reload asks for.
func (d *Daemon) notifyReloading() {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		d.log.Warn("monotonic clock", zap.Error(err))
		return
	}
	d.notify(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", daemon.SdNotifyReloading, now.Nano()/1000))
}

func (d *Daemon) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		d.log.Warn("service manager not told", zap.String("state", state), zap.Error(err))
	}
}

// watchdog tells the service manager that we live, twice as often as it asks
// for. The returned function ends it.
func (d *Daemon) watchdog() (stop func()) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return func() {}
	}
	done := make(chan struct{})
	d.spawn("watchdog", func() {
		tick := time.NewTicker(every / 2)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				d.notify(daemon.SdNotifyWatchdog)
			case <-done:
				return
			}
		}
	})
	return func() { close(done) }
}
