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
	s := found(cfg)
	if err := s.read(1); err != nil {
		return Settings{}, err
	}
	return s, nil
}

func readConfig(path string) (config.Config, error) {
	if path == "" {
		return config.Default(), nil
	}
	return config.Load(path)
}

// found is settings whose set has not been read yet.
func found(cfg config.Config) Settings { return Settings{Config: cfg, print: look(cfg)} }

// read reads the policies and brands that the settings name.
func (s *Settings) read(generation uint64) (err error) {
	s.Set, err = gate.LoadSet(generation, s.Config.Policy.Dir, s.Config.Brands.Files, s.Config.Brands.Lists...)
	return err
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
