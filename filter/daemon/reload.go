package daemon

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.uber.org/zap"

	"sekisho/filter/gate"
)

var errStopping = errors.New("daemon: stopping")

// unusable is why files were refused: whoever wrote them can mend it.
type unusable struct{ error }

func (u unusable) Unwrap() error { return u.error }

// Reload reads settings, policies and brands again, as one set. On an error the
// old set goes on; the error says what to mend.
func (d *Daemon) Reload() error {
	_, err := d.swap()
	return err
}

// swap is a Reload that returns the set that judges from now on: a new one, or
// with an error the old one.
func (d *Daemon) swap() (*gate.Set, error) {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	if d.stopping.Load() {
		return d.set(), errStopping
	}
	d.notifyReloading()
	var err error
	if bug := d.guard(inReload, func() { err = d.reload() }); bug != nil {
		err = bug
	}
	if err != nil {
		d.metrics.reloaded(refused)
		generation := d.set().Generation
		d.log.Error("reload refused, the old settings go on",
			zap.Uint64("generation", generation), zap.Strings("problems", strings.Split(err.Error(), "\n")))
		d.notifyReady(fmt.Sprintf("reload refused, set %d goes on", generation))
		return d.set(), err
	}
	d.metrics.reloaded(done)
	d.notifyReady(d.status())
	return d.set(), nil
}

func (d *Daemon) reload() error {
	cfg, err := readConfig(d.opt.ConfigPath)
	if err != nil {
		d.watchOn()
		return unusable{err}
	}
	s := found(cfg)
	d.watch(s)
	if err := s.read(d.set().Generation + 1); err != nil {
		return unusable{err}
	}
	if fixed := needRestart(d.opt.Settings.Config, s.Config); len(fixed) > 0 {
		d.log.Warn("changed settings that wait for a restart", zap.Strings("settings", fixed))
	}
	d.install(s)
	d.log.Info("reloaded", zap.Uint64("generation", s.Set.Generation),
		zap.Strings("policies", shortened(s.Set.Policies.Domains())), zap.Int("brands", s.Set.Brands.Len()))
	return nil
}

// set is what judges at this moment.
func (d *Daemon) set() *gate.Set { return d.judge.gate.Load().Set() }

// status is what the service manager shows of a daemon that judges.
func (d *Daemon) status() string {
	set := d.set()
	return fmt.Sprintf("judging by set %d: %d domains with a policy, %d brands",
		set.Generation, len(set.Policies.Domains()), set.Brands.Len())
}

// shortened keeps a log line readable where there are thousands of domains.
func shortened(domains []string) []string {
	const show = 20
	if len(domains) <= show {
		return domains
	}
	return append(slices.Clone(domains[:show]), fmt.Sprintf("and %d more", len(domains)-show))
}
