package daemon

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"sekisho/filter/config"
	"sekisho/filter/daemon/watch"
)

// look takes the print of the files that settings name; none when they are not to
// be watched.
func look(cfg config.Config) watch.Print {
	if cfg.Policy.Watch == 0 {
		return watch.Print{}
	}
	return watch.Take(watched(cfg)...)
}

// watched is what a set is read from.
func watched(cfg config.Config) []string {
	files := slices.Concat(cfg.Brands.Files, cfg.Brands.Lists)
	if cfg.Policy.Dir != "" {
		files = append(files, cfg.Policy.Dir)
	}
	return files
}

// watch says that the set of s is loaded, or refused, now: the files that it names
// are watched from here on, as its settings say. A directory that is refused is the
// one in which somebody will mend something.
func (d *Daemon) watch(s Settings) {
	d.watching.Store(&s.Config)
	d.watcher.Tried(s.print)
	select {
	case d.rewatch <- struct{}{}:
	default: // keepWatch has not yet seen the change before this one, and will see both
	}
}

// watchOn says that a reload was refused before any of the files was read.
func (d *Daemon) watchOn() { d.watcher.Tried(look(*d.watching.Load())) }

// keepWatch reloads when the files have changed and stand still, until ctx ends.
func (d *Daemon) keepWatch(ctx context.Context) {
	for {
		cfg := *d.watching.Load()
		var next <-chan time.Time // never, when nobody is to watch
		if cfg.Policy.Watch > 0 {
			next = time.After(cfg.Policy.Watch)
		}
		select {
		case <-ctx.Done():
			return
		case <-d.rewatch:
		case <-next:
			changed := d.watcher.Look(look(cfg))
			d.log.Debug("watched files looked at", zap.Bool("changed", changed))
			if changed {
				d.log.Info("watched files have changed", zap.Strings("files", watched(cfg)))
				_ = d.Reload() // logged and counted there
			}
		}
	}
}
