package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

// The service manager hears of each change of state (sd_notify(3)); where there
// is none the calls do nothing.

// notifyReady is not for a daemon that stops, as at the end of a late reload.
func (d *Daemon) notifyReady(status string) {
	if d.stopping.Load() {
		return
	}
	d.notify(daemon.SdNotifyReady + "\nSTATUS=" + status)
}

func (d *Daemon) notifyStopping() {
	d.notify(daemon.SdNotifyStopping + "\nSTATUS=running messages may finish")
}

// notifyReloading carries the monotonic time, as Type=notify-reload of systemd 253
// asks for. The unit that we ship is for older ones, too, and reloads by a command.
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
// for, until ctx ends.
func (d *Daemon) watchdog(ctx context.Context) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		d.log.Warn("watchdog of the service manager", zap.Error(err))
	}
	if every < 2 { // none is asked for, or one that no timer can serve
		return
	}
	d.spawn(inWatchdog, func() {
		tick := time.NewTicker(every / 2)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				d.notify(daemon.SdNotifyWatchdog)
			case <-ctx.Done():
				return
			}
		}
	})
}
