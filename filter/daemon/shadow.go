package daemon

import (
	"strings"

	"go.uber.org/zap"

	"sekisho/filter/config"
	"sekisho/policy"
)

// loadShadow reads the candidate policies that settings name; nil for none. One
// that is broken is no reason to refuse the settings: no message meets its verdict.
func loadShadow(cfg config.Config) (*policy.Set, error) {
	if cfg.Policy.Shadow == "" {
		return nil, nil
	}
	return policy.Load(cfg.Policy.Shadow)
}

// shadow tells of the candidate and returns it.
func (d *Daemon) shadow(s Settings) *policy.Set {
	d.metrics.shadow.Set(0)
	switch {
	case s.ShadowErr != nil:
		d.metrics.shadowRefused.Inc()
		d.log.Error("candidate policies refused, nothing judges in shadow",
			zap.String("dir", s.Config.Policy.Shadow), zap.Strings("problems", strings.Split(s.ShadowErr.Error(), "\n")))
	case s.Shadow != nil:
		d.metrics.shadow.Set(1)
		d.log.Info("candidate policies judge in shadow",
			zap.String("dir", s.Config.Policy.Shadow), zap.Strings("policies", shortened(s.Shadow.Domains())))
	}
	return s.Shadow
}
