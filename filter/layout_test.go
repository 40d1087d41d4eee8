// Package filter_test holds the house together: which room may import which.
package filter_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms lists, for each package of the program, the packages of ours that it may
// import, test helpers aside. A package that is not listed fails the test: give
// it a place here, and a line in CONTRIBUTING.
var rooms = map[string][]string{
	"cmd/sekisho/completion": {},
	"cmd/sekisho": {"cmd/sekisho/completion", "filter/budget", "filter/campaign", "filter/check", "filter/config", "filter/control", "filter/daemon", "filter/digest", "filter/doctor", "filter/explain", "filter/finding", "filter/gate", "filter/web/account", "filter/hindsight", "filter/journal",
		"filter/mail", "filter/proof", "filter/quarantine", "filter/replay", "filter/replay/report", "filter/report", "filter/stamp", "filter/tally", "filter/trial", "policy", "policy/brand", "policy/brand/show", "policy/listed",
		"policy/promote", "policy/rule"},

	"filter/daemon": {"filter/act", "filter/budget", "filter/campaign", "filter/config", "filter/control", "filter/daemon/watch", "filter/digest", "filter/dns", "filter/fact", "filter/gate", "filter/journal", "filter/link", "filter/load", "filter/mail",
		"filter/proof", "filter/quarantine", "filter/record", "filter/report", "filter/session", "filter/stamp", "filter/tally", "filter/trial", "filter/web", "filter/wire", "policy", "policy/brand", "policy/listed"},
	"filter/web": {"filter/campaign", "filter/explain", "filter/fact", "filter/finding", "filter/gate", "filter/journal", "filter/link", "filter/mail", "filter/mail/charset", "filter/mail/weburl", "filter/quarantine", "filter/report",
		"filter/web/account", "policy", "policy/brand"},
	"filter/link":         {},
	"filter/digest":       {"filter/fact", "filter/link", "filter/mail", "filter/mail/transfer", "filter/quarantine", "policy/brand"},
	"filter/web/account":  {"filter/mail", "filter/quarantine", "filter/wholefile"},
	"filter/tally":        {"filter/wholefile"},
	"filter/report":       {"filter/fact", "filter/finding", "filter/mail", "filter/mail/transfer", "filter/quarantine", "filter/redact", "policy/brand", "policy/strictyaml"},
	"filter/redact":       {"filter/mail", "filter/mail/charset", "filter/mail/entity", "filter/mail/transfer"},
	"filter/wholefile":    {},
	"filter/budget":       {"filter/finding", "filter/quarantine", "filter/wholefile", "policy"},
	"filter/daemon/watch": {},
	"filter/load":         {},
	"filter/control":      {"filter/budget", "filter/finding", "policy/strictyaml"},
	"filter/campaign":     {"filter/claim/canon", "filter/finding", "filter/mail", "filter/proof", "filter/wholefile", "policy/brand"},
	"filter/doctor":       {"filter/config", "filter/control", "filter/daemon", "filter/dns", "filter/gate", "filter/journal", "filter/quarantine"},
	"filter/check":        {"filter/dns", "filter/fact", "filter/gate", "filter/mail", "filter/proof"},
	"filter/trial": {"filter/fact", "filter/finding", "filter/gate", "filter/mail", "filter/proof", "filter/proof/authres", "filter/proof/dkim",
		"filter/proof/dmarc", "filter/proof/iprev", "filter/proof/spf", "policy", "policy/strictyaml"},
	"filter/replay": {"filter/claim", "filter/dns", "filter/finding", "filter/gate", "filter/mail", "filter/proof", "filter/record",
		"filter/replay/archive", "policy"},
	"filter/hindsight":      {"filter/claim", "filter/fact", "filter/finding", "filter/journal", "filter/record", "filter/replay", "policy"},
	"filter/explain":        {"filter/act", "filter/fact", "filter/finding", "filter/journal", "filter/record", "policy", "policy/brand"},
	"filter/replay/archive": {},
	"filter/replay/report":  {"filter/replay", "policy"},
	"filter/session":        {"filter/act", "filter/mail", "filter/wire"},
	"filter/wire":           {},
	"filter/gate": {"filter/act", "filter/act/banner", "filter/claim", "filter/fact", "filter/finding", "filter/load", "filter/mail", "filter/proof", "filter/proof/authres",
		"filter/quarantine", "filter/record", "filter/stamp", "policy", "policy/brand", "policy/listed", "policy/rule"},

	"filter/act":           {"filter/act/banner", "filter/finding", "filter/mail", "policy"},
	"filter/act/banner":    {"filter/mail", "filter/mail/charset", "filter/mail/entity", "filter/mail/transfer"},
	"filter/quarantine":    {"filter/mail", "filter/quarantine/s3", "filter/stamp"},
	"filter/quarantine/s3": {},
	"filter/stamp":         {"filter/mail"},
	"filter/journal":       {"filter/act", "filter/fact", "filter/finding", "filter/record", "policy"},
	"filter/record": {"policy/rule", "filter/act", "filter/claim", "filter/fact", "filter/finding", "filter/mail", "filter/proof", "filter/proof/spf",
		"policy"},
	"filter/config": {"filter/session", "filter/wire", "policy/strictyaml"},

	"policy":            {"filter/fact", "filter/finding", "filter/mail", "policy/rule", "policy/strictyaml"},
	"policy/promote":    {"policy"},
	"policy/rule":       {"filter/claim/canon", "filter/fact", "filter/finding", "filter/mail", "filter/proof", "policy/strictyaml"},
	"policy/brand/show": {"policy/brand"},
	"policy/brand":      {"filter/claim/canon", "policy/strictyaml"},
	"policy/listed":     {"filter/claim/canon", "policy/brand", "policy/strictyaml"},
	"policy/strictyaml": {},

	"filter/fact": {"filter/claim", "filter/finding", "filter/mail", "filter/proof"},
	"filter/finding": {"filter/claim", "filter/claim/canon", "filter/mail", "filter/proof", "filter/proof/arc", "filter/proof/dkim",
		"filter/proof/dmarc", "filter/proof/iprev", "filter/proof/spf", "policy/brand", "policy/listed"},
	"filter/claim":       {"filter/claim/canon", "filter/mail", "policy/brand"},
	"filter/claim/canon": {},

	"filter/proof": {"filter/dns", "filter/mail", "filter/proof/arc", "filter/proof/authres", "filter/proof/dkim", "filter/proof/dmarc",
		"filter/proof/internal/signature", "filter/proof/internal/task", "filter/proof/iprev", "filter/proof/spf"},
	"filter/proof/authres":            {"filter/mail"},
	"filter/proof/arc":                {"filter/mail", "filter/proof/authres", "filter/proof/internal/signature", "filter/proof/internal/taglist"},
	"filter/proof/dkim":               {"filter/mail", "filter/proof/internal/signature", "filter/proof/internal/taglist"},
	"filter/proof/internal/signature": {"filter/mail", "filter/proof/internal/task", "filter/proof/internal/taglist"},
	"filter/proof/internal/taglist":   {},
	"filter/proof/dmarc":              {"filter/dns"},
	"filter/proof/iprev":              {},
	"filter/proof/spf":                {},
	"filter/proof/internal/task":      {},
	"filter/dns":                      {},

	"filter/mail": {"filter/mail/calendar", "filter/mail/charset", "filter/mail/entity", "filter/mail/htmltext", "filter/mail/pdflink", "filter/mail/qr", "filter/mail/transfer",
		"filter/mail/weburl", "filter/mail/word"},
}

// helpers are for tests only: no package of the program may import them.
var helpers = []string{"filter/suite", "filter/cases", "filter/e2e", "filter/freeport", "filter/dns/dnstest", "filter/wire/wiretest", "filter/quarantine/servers", "filter/quarantine/smtpsink", "filter/replay/letters",
	"filter/journal/journaltest", "policy/mutation", "filter/shipped"}

func TestImportsGoOneWay(t *testing.T) {
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, "sekisho/")
		if slices.Contains(helpers, name) || p.ImportPath == "sekisho/filter" || strings.HasPrefix(name, "testdata/") {
			continue
		}
		allowed, known := rooms[name]
		if !known && !strings.HasPrefix(name, "filter/mail/") {
			t.Errorf("package %s has no place in the house", name)
			continue
		}
		for _, imp := range p.Imports {
			of, ours := strings.CutPrefix(imp, "sekisho/")
			if !ours || strings.HasPrefix(name, "filter/mail/") && strings.HasPrefix(of, "filter/mail/") {
				continue
			}
			if !slices.Contains(allowed, of) {
				t.Errorf("%s imports %s", name, of)
			}
		}
	}
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "sekisho/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
