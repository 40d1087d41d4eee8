package daemon

import (
	"slices"

	"sekisho/filter/config"
	"sekisho/filter/gate"
)

// Settings are settings, policies and brands that were read and checked as one.
type Settings struct {
	Config config.Config
	Set    *gate.Set
}

// Load reads the settings of a file ("" is the defaults), and the policies and
// brands that they name. The error tells where the mistakes are, all of a file's
// at once.
func Load(path string) (Settings, error) { return load(path, 1) }

func load(path string, generation uint64) (Settings, error) {
	s := Settings{Config: config.Default()}
	var err error
	if path != "" {
		if s.Config, err = config.Load(path); err != nil {
			return Settings{}, err
		}
	}
	if s.Set, err = gate.LoadSet(generation, s.Config.Policy.Dir, s.Config.Brands.Files, s.Config.Brands.Lists...); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// needRestart names the settings that differ and that a reload does not apply.
func needRestart(started, now config.Config) []string {
	var names []string
	add := func(name string, same bool) {
		if !same {
			names = append(names, name)
		}
	}
	// The mode of a unix socket is part of listen.
	add("listen", slices.Equal(started.Listen, now.Listen))
	add("state_dir", started.StateDir == now.StateDir)
	add("message_time", started.MessageTime == now.MessageTime)
	add("dns.servers", slices.Equal(started.DNS.Servers, now.DNS.Servers))
	add("dns.timeout", started.DNS.Timeout == now.DNS.Timeout)
	add("dns.trust_ad", started.DNS.TrustAD == now.DNS.TrustAD)
	add("quarantine.dir", started.Quarantine.Dir == now.Quarantine.Dir)
	add("admin.listen", started.Admin.Listen == now.Admin.Listen)
	add("log.format", started.Log.Format == now.Log.Format)
	add("limits", started.Limits == now.Limits)
	return names
}
