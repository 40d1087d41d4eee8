package daemon

import (
	"slices"

	"sekisho/filter/config"
	"sekisho/filter/daemon/watch"
	"sekisho/filter/gate"
	"sekisho/policy"
)

// Settings are settings, policies and brands that were read and checked as one.
type Settings struct {
	Config config.Config
	Set    *gate.Set

	Shadow    *policy.Set // candidate policies; nil without any
	ShadowErr error       // why there are none although the settings name them

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

// read reads the policies and brands that the settings name, and the candidate
// against the same brands. One that is broken is no reason to refuse the settings:
// no message meets its verdict.
func (s *Settings) read(generation uint64) (err error) {
	s.Set, err = gate.LoadSet(generation, s.Config.Policy.Dir, s.Config.Brands.Files)
	if dir := s.Config.Policy.Shadow; dir != "" && err == nil {
		s.Shadow, s.ShadowErr = policy.LoadFor(dir, func(id string) bool {
			_, known := s.Set.Brands.Brand(id)
			return known
		})
	}
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
	add("journal.dir", started.Journal.Dir == now.Journal.Dir)
	add("journal.keep", started.Journal.Keep == now.Journal.Keep)
	add("journal.max_bytes", started.Journal.MaxBytes == now.Journal.MaxBytes)
	add("journal.addresses", started.Journal.Addresses == now.Journal.Addresses)
	add("admin.listen", started.Admin.Listen == now.Admin.Listen)
	add("log.format", started.Log.Format == now.Log.Format)
	add("limits", started.Limits == now.Limits)
	return names
}
