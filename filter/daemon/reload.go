package daemon

import (
	"fmt"
	"slices"

	"go.uber.org/zap"

	"sekisho/filter/config"
	"sekisho/filter/gate"
)

// Reload reads settings, policies and brands again, as one set. On an error the
// old set goes on; the error says what to mend.
func (d *Daemon) Reload() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notifyReloading()
	defer d.notifyReady()
	if err := d.reload(); err != nil {
		d.metrics.reloads.WithLabelValues("refused").Inc()
		d.log.Error("reload refused, the old settings go on", zap.Error(err))
		return err
	}
	d.metrics.reloads.WithLabelValues("done").Inc()
	return nil
}

func (d *Daemon) reload() error {
	cfg := d.cfg
	if d.opt.ConfigPath != "" {
		var err error
		if cfg, err = config.Load(d.opt.ConfigPath); err != nil {
			return err
		}
	}
	generation := d.judge.gate.Load().Set().Generation + 1
	set, err := gate.LoadSet(generation, cfg.Policy.Dir, cfg.Brands.Files)
	if err != nil {
		return err
	}
	if fixed := needRestart(d.cfg, cfg); len(fixed) > 0 {
		d.log.Warn("changed settings that wait for a restart", zap.Strings("settings", fixed))
	}
	d.install(cfg, set)
	d.cfg = cfg
	d.log.Info("reloaded", zap.Uint64("generation", generation),
		zap.Strings("policies", shortened(set.Policies.Domains())), zap.Int("brands", set.Brands.Len()))
	return nil
}

// shortened keeps a log line readable where there are thousands of domains.
func shortened(domains []string) []string {
	const show = 20
	if len(domains) <= show {
		return domains
	}
	return append(slices.Clone(domains[:show]), fmt.Sprintf("and %d more", len(domains)-show))
}

// needRestart names the settings that differ and are bound at start.
func needRestart(old, now config.Config) []string {
	var names []string
	add := func(name string, same bool) {
		if !same {
			names = append(names, name)
		}
	}
	add("listen", slices.Equal(old.Listen, now.Listen))
	add("admin", old.Admin == now.Admin)
	add("dns", slices.Equal(old.DNS.Servers, now.DNS.Servers) && old.DNS.Timeout == now.DNS.Timeout)
	add("state_dir", old.StateDir == now.StateDir)
	add("quarantine.dir", old.Quarantine.Dir == now.Quarantine.Dir)
	add("limits", old.Limits == now.Limits)
	add("message_time", old.MessageTime == now.MessageTime)
	add("log.format", old.Log.Format == now.Log.Format)
	return names
}
