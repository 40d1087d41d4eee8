package daemon

import (
	"context"
	"errors"
	"slices"
	"time"

	"sekisho/filter/config"
	"sekisho/filter/daemon/watch"
	"sekisho/filter/gate"
	"sekisho/filter/trial"
	"sekisho/policy"
)

// Settings are settings, policies and brands that were read and checked as one.
type Settings struct {
	Config config.Config
	Set    *gate.Set

	Shadow    *policy.Set // candidate policies; nil without any
	ShadowErr error       // why there are none although the settings name them

	print     watch.Print // of what Set was read from, taken before; zero when nobody watches
	overrides []Override  // of Config, for reloads too
	tested    tested      // what came of the tests in the policy directory
}

// Override changes settings after they were read, as a flag does, at start and at
// each reload.
type Override func(*config.Config)

// IgnorePolicyTests takes policies that fail their tests.
func IgnorePolicyTests(c *config.Config) { c.Policy.Tests = config.TestsIgnore }

// Load reads the settings of a file ("" is the defaults), and the policies and
// brands that they name. The error tells where the mistakes are, all of a file's
// at once, and which tests of the policies fail.
func Load(path string, overrides ...Override) (Settings, error) {
	cfg, err := readConfig(path, overrides)
	if err != nil {
		return Settings{}, err
	}
	s := found(cfg, overrides)
	if err := s.read(context.Background(), 1); err != nil {
		return Settings{}, err
	}
	return s, nil
}

func readConfig(path string, overrides []Override) (cfg config.Config, err error) {
	cfg = config.Default()
	if path != "" {
		cfg, err = config.Load(path)
	}
	for _, change := range overrides {
		change(&cfg)
	}
	return cfg, err
}

// found is settings whose set has not been read yet.
func found(cfg config.Config, overrides []Override) Settings {
	return Settings{Config: cfg, print: look(cfg), overrides: overrides}
}

// read reads the policies and brands that the settings name, and has them tested;
// and the candidate against the same brands. A candidate that is broken is no
// reason to refuse the settings: no message meets its verdict.
func (s *Settings) read(ctx context.Context, generation uint64) (err error) {
	suite, wrong := trial.Load(s.Config.Policy.Dir)
	ignore := s.Config.Policy.Tests == config.TestsIgnore
	if ignore {
		s.tested.ignored, wrong = wrong, nil
	}
	s.Set, err = gate.LoadSet(generation, s.Config.Policy.Dir, s.Config.Brands.Files, s.Config.Brands.Lists...)
	if err := errors.Join(err, wrong); err != nil {
		return err
	}
	if dir := s.Config.Policy.Shadow; dir != "" {
		s.Shadow, s.ShadowErr = policy.LoadFor(dir, func(id string) bool {
			_, known := s.Set.Brands.Brand(id)
			return known
		})
	}
	if suite == nil {
		return nil
	}
	s.tested.report = suite.Run(ctx, s.Set, time.Now())
	// An entry that ended overnight is no reason not to start in the morning.
	failed := s.tested.report.Err(true)
	if ignore {
		s.tested.ignored, failed = failed, nil
	}
	return failed
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
	add("policy.single", started.Policy.Single == now.Policy.Single)
	add("quarantine.dir", started.Quarantine.Dir == now.Quarantine.Dir)
	add("quarantine.database", started.Quarantine.Database == now.Quarantine.Database)
	add("quarantine.database_password_file", started.Quarantine.DatabasePasswordFile == now.Quarantine.DatabasePasswordFile)
	add("quarantine.objects", started.Quarantine.Objects == now.Quarantine.Objects)
	add("quarantine.objects_key_file", started.Quarantine.ObjectsKeyFile == now.Quarantine.ObjectsKeyFile)
	add("quarantine.key_file", started.Quarantine.KeyFile == now.Quarantine.KeyFile)
	add("journal.dir", started.Journal.Dir == now.Journal.Dir)
	add("journal.keep", started.Journal.Keep == now.Journal.Keep)
	add("journal.max_bytes", started.Journal.MaxBytes == now.Journal.MaxBytes)
	add("journal.addresses", started.Journal.Addresses == now.Journal.Addresses)
	add("admin.listen", started.Admin.Listen == now.Admin.Listen)
	add("admin.profile", started.Admin.Profile == now.Admin.Profile)
	add("web.listen", started.Web.Listen == now.Web.Listen)
	add("web.certificate", started.Web.Certificate == now.Web.Certificate)
	add("web.key", started.Web.Key == now.Web.Key)
	add("web.oidc.issuer", started.Web.OIDC.Issuer == now.Web.OIDC.Issuer)
	add("web.oidc.client_id", started.Web.OIDC.ClientID == now.Web.OIDC.ClientID)
	add("web.oidc.secret_file", started.Web.OIDC.SecretFile == now.Web.OIDC.SecretFile)
	add("web.oidc.url", started.Web.OIDC.URL == now.Web.OIDC.URL)
	add("log.format", started.Log.Format == now.Log.Format)
	add("limits", started.Limits == now.Limits)
	return names
}
