package daemon

import (
	"slices"

	"sekisho/filter/config"
	"sekisho/filter/daemon/watch"
	"sekisho/filter/gate"
)

// Settings are settings, policies and brands that were read and checked as one.
type Settings struct {
	Config config.Config
	Set    *gate.Set

	print watch.Print // of what Set was read from, taken before; zero when nobody watches
}

// Load reads the settings of a file ("" is the defaults), and the policies and
// brands that they name. The error tells where the mistakes are, all of a file's
// at once.
func Load(path string) (Settings, error) {
	cfg, err := readConfig(path)
	if err != nil {
		return Settings{}, err
	}
	return readSet(cfg, 1)
}

func readConfig(path string) (config.Config, error) {
	if path == "" {
		return config.Default(), nil
	}
	return config.Load(path)
}

// readSet reads what the settings name. The print is there after an error, too.
func readSet(cfg config.Config, generation uint64) (Settings, error) {
	s := Settings{Config: cfg, print: look(cfg)}
	var err error
	s.Set, err = gate.LoadSet(generation, cfg.Policy.Dir, cfg.Brands.Files)
	return s, err
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
	add("control", started.Control == now.Control)
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
