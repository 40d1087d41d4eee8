package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-milter"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zapcore"

	"sekisho/filter/config"
	"sekisho/filter/wire/wiretest"
)

// TestReload: what a reload applies holds from the next message on.
func TestReload(t *testing.T) {
	h := start(t, "")
	if r := h.deliver(friend()); !strings.Contains(edits(r), h.opt.Settings.Config.AuthservID) {
		t.Errorf("before: %s", edits(r))
	}
	policies := filepath.Join(h.dir, "policies")
	h.write("policies/kaisha.test.yaml", "thresholds: {reject: 10}\n")
	h.write("brands.yaml", `version: 1
brands:
- {id: kaisha-payroll, name: Kaisha Payroll, category: corporate, aliases: [Kaisha Payroll], domains: [kaisha.test]}
`)
	h.set(fmt.Sprintf(`authserv_id: new.kaisha.test
policy: {dir: %s}
brands: {files: [%s]}
shutdown_time: 7s
log: {level: debug, personal_data: true}
trusted_results: [{authserv_id: gw.kaisha.test, networks: [192.0.2.0/24]}]
`, policies, filepath.Join(h.dir, "brands.yaml")))
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if r := h.deliver(phish("hanako@kaisha.test")); r.Code != milter.ActReplyCode || !strings.HasPrefix(r.Text, "550 5.7.1 ") {
		t.Errorf("policy: %+v", r)
	}
	if r := h.deliver(friend()); !strings.Contains(edits(r), "new.kaisha.test;") {
		t.Errorf("authserv_id: %s", edits(r))
	}
	h.deliver(message("a@friend.test", "From: \"Kaisha Payroll\" <a@friend.test>\n\nHello.\n", "hanako@kaisha.test"))
	if !h.metric("sekisho_proof_gateway_total", 3) {
		t.Error("trusted_results: not counted")
	}
	if !h.metric(`sekisho_claims_total{brand="kaisha-payroll",place="from-name"}`, 1) {
		t.Error("brands: not claimed")
	}
	if got := time.Duration(h.shutdownTime.Load()); got != 7*time.Second {
		t.Errorf("shutdown_time: %v", got)
	}
	if h.opt.Level.Level() != zapcore.DebugLevel {
		t.Error("log.level")
	}
	last := h.logs.FilterMessage("message").All()
	if line := fmt.Sprint(last[len(last)-1].ContextMap()); !strings.Contains(line, "hanako@kaisha.test") || !strings.Contains(line, "generation:2") {
		t.Errorf("log line: %s", line)
	}
	if n := h.logs.FilterMessage("changed settings that wait for a restart").Len(); n != 0 {
		t.Error("something waits for a restart")
	}
}

func edits(r wiretest.Reply) string {
	var all strings.Builder
	for _, e := range r.Edits {
		fmt.Fprintf(&all, "%s:%s\n", e.Name, e.Value)
	}
	return all.String()
}

// TestReloadRefused: a mistake anywhere leaves everything as it was.
func TestReloadRefused(t *testing.T) {
	for name, spoil := range map[string]func(h *house){
		"settings": func(h *house) { h.set("lissten: 1\n") },
		"policies": func(h *house) { h.write("policies/kaisha.test.yaml", "thresholds: {tag: soon}\n") },
		"brands": func(h *house) {
			h.write("brands.yaml", "nonsense")
			h.set("brands: {files: [" + filepath.Join(h.dir, "brands.yaml") + "]}\n")
		},
		"no file": func(h *house) {
			if err := os.Remove(h.settings); err != nil {
				h.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := prepare(t)
			dir := filepath.Dir(h.write("policies/default.yaml", ""))
			h.set("policy: {dir: " + dir + "}\nauthserv_id: old.kaisha.test\n")
			h.start()
			before := h.judge.gate.Load()
			h.write("sekisho.yaml", strings.ReplaceAll(h.read("sekisho.yaml"), "old.", "new."))
			spoil(h)
			if err := h.Reload(); err == nil {
				t.Fatal("not refused")
			}
			if h.judge.gate.Load() != before {
				t.Error("another set judges")
			}
			if r := h.deliver(friend()); !strings.Contains(edits(r), "old.kaisha.test;") {
				t.Errorf("answer: %s", edits(r))
			}
			if !h.metric(`sekisho_reloads_total{result="refused"}`, 1) || !h.metric("sekisho_last_reload_successful", 0) || !h.metric("sekisho_generation", 1) {
				t.Error("not counted")
			}
			if h.logs.FilterMessage("reload refused, the old settings go on").Len() != 1 {
				t.Error("not logged")
			}
		})
	}
}

// applied lists the settings that a reload applies; TestReload shows it for each, and
// TestTests for policy.tests, TestDigest for those of digests and pages, TestReport for those of reports.
// The last three are not the daemon's: sekisho quarantine and policy promote read them.
var applied = []string{"authserv_id", "trusted_results", "shutdown_time", "policy.dir", "policy.watch", "policy.tests", "policy.split", "brands.files", "brands.lists", "log.level",
	"log.personal_data", "hostname", "quarantine.release_to", "quarantine.release_by", "policy.shadow",
	"digest.domains", "digest.from", "digest.at", "digest.time_zone", "digest.link_life", "web.url",
	"report.from", "report.approval", "report.per_day", "report.per_target", "report.abuse"}

// TestNeedRestart: each setting is either applied by a reload or named as one that
// waits for a restart.
func TestNeedRestart(t *testing.T) {
	for _, key := range keys("", reflect.TypeFor[config.Config]()) {
		started, now := config.Default(), config.Default()
		change(t, reflect.ValueOf(&now).Elem(), key)
		var want []string
		switch {
		case slices.Contains(applied, key):
		case key == "socket_mode": // is the mode of each unix socket
			now.Listen = append(now.Listen, config.Listen{Network: "unix", Address: "/s", Mode: 0o600})
			started.Listen = append(started.Listen, config.Listen{Network: "unix", Address: "/s", Mode: 0o660})
			want = []string{"listen"}
		case strings.HasPrefix(key, "limits."):
			want = []string{"limits"}
		default:
			want = []string{key}
		}
		if diff := cmp.Diff(want, needRestart(started, now)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", key, diff)
		}
	}
}

// keys returns the paths of all settings below a struct.
func keys(prefix string, kind reflect.Type) []string {
	var all []string
	for i := range kind.NumField() {
		key, field := prefix+kind.Field(i).Tag.Get("yaml"), kind.Field(i).Type
		if field.Kind() == reflect.Struct {
			all = append(all, keys(key+".", field)...)
			continue
		}
		all = append(all, key)
	}
	return all
}

// change gives a setting another value.
func change(t *testing.T, v reflect.Value, key string) {
	t.Helper()
	name, rest, nested := strings.Cut(key, ".")
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("yaml") != name {
			continue
		}
		field := v.Field(i)
		switch {
		case nested:
			change(t, field, rest)
		case field.Kind() == reflect.String:
			field.SetString(field.String() + "x")
		case field.Kind() == reflect.Bool:
			field.SetBool(!field.Bool())
		case field.CanInt():
			field.SetInt(field.Int() + 1)
		case field.CanUint():
			field.SetUint(field.Uint() + 1)
		case field.Kind() == reflect.Slice:
			field.Set(reflect.Append(field, reflect.Zero(field.Type().Elem())))
		default:
			t.Fatalf("%s: no other value for a %v", key, field.Type())
		}
		return
	}
	t.Fatalf("no setting %s", key)
}

// TestReloadLists: a list is in force from the next reload on, and a line in it
// against a brand's own mail is left out, told and counted.
func TestReloadLists(t *testing.T) {
	h := start(t, "")
	lists := filepath.Join(h.dir, "fakes.csv")
	h.set("brands: {lists: [" + lists + "]}\n")
	h.write("fakes.csv", "entry,brand,kind\n")
	listed := func() {
		h.deliver(message("a@friend.test", "From: a@friend.test\n\nHello.\n", "hanako@kaisha.test"))
	}
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	listed()
	if h.metric(`sekisho_findings_total{finding="listed-sender",policy="default"}`, 1) {
		t.Error("found before it was listed")
	}
	h.write("fakes.csv", "entry,brand,kind\nfriend.test,rakuten,attacker\nrakuten.co.jp,rakuten,attacker\n")
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	listed()
	if !h.metric(`sekisho_findings_total{finding="listed-sender",policy="default"}`, 1) {
		t.Error("listed, and not found")
	}
	if !h.metric(`sekisho_list_entries{state="in force"}`, 1) || !h.metric(`sekisho_list_entries{state="refused"}`, 1) {
		t.Error("entries are not counted")
	}
	if told := fmt.Sprint(h.logs.FilterMessage("entries of lists are refused").All()); !strings.Contains(told, "fakes.csv:3: rakuten.co.jp: rakuten.co.jp is a domain of 楽天") {
		t.Errorf("not told: %s", told)
	}
	h.write("fakes.csv", "nonsense\n")
	if err := h.Reload(); err == nil {
		t.Error("a list that cannot be read is loaded")
	}
	listed()
	if !h.metric(`sekisho_findings_total{finding="listed-sender",policy="default"}`, 2) {
		t.Error("the old list does not go on")
	}
}
