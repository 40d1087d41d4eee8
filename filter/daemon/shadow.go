package daemon

import (
	"strings"

	"go.uber.org/zap"

	"sekisho/policy"
)

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
