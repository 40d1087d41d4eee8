package doctor

import (
	"context"
	"fmt"
	"strings"

	"sekisho/filter/config"
	"sekisho/filter/daemon"
)

// settings reads the settings file. Without it there is nothing else to look at.
func (e *examination) settings() bool {
	e.cfg = config.Default()
	if e.opt.Config == "" {
		e.add("settings", OK, "the defaults, no file is named", "")
		return true
	}
	cfg, err := config.Load(e.opt.Config)
	if err != nil {
		e.add("settings", Bad, e.opt.Detail(err), "mend the file; deploy/sekisho.yaml lists every setting")
		return false
	}
	e.cfg = cfg
	e.add("settings", OK, e.opt.Config, "")
	return true
}

// policies loads what the daemon would: policies with their tests, brands, lists.
func (e *examination) policies(context.Context) {
	s, err := daemon.Load(e.opt.Config)
	if err != nil {
		e.add("policies", Bad, e.opt.Detail(err), "mend them; a daemon goes on with what it has loaded, and would not start again")
		return
	}
	e.set = s.Set
	dir := "the built-in policy"
	if s.Config.Policy.Dir != "" {
		dir = s.Config.Policy.Dir
	}
	what := fmt.Sprintf("%s: %d domains, %d brands; no test fails", dir, len(s.Set.Policies.Domains()), s.Set.Brands.Len())
	if s.Config.Policy.Tests == config.TestsIgnore {
		e.add("policies", Warning, what[:strings.LastIndexByte(what, ';')]+"; tests are ignored", "set policy.tests back to enforce")
	} else {
		e.add("policies", OK, what, "")
	}
	if expired := s.Set.Policies.Expired(e.opt.Now()); len(expired) > 0 {
		e.add("policies", Warning, fmt.Sprintf("%d entries have expired and do nothing: %s", len(expired), some(expired)), "renew them or take them out")
	}
	if s.ShadowErr != nil {
		e.add("policies", Warning, "the candidate (policy.shadow): "+e.opt.Detail(s.ShadowErr), "mend it; nothing judges in shadow until then")
	}
}

// some names the first few of a list.
func some(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}
