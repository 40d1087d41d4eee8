package daemon

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/shipped"
	"sekisho/filter/suite"
)

// vocabulary is what an expression may name: for each series its labels, and for
// each label the values that are known of it.
type vocabulary struct {
	labels map[string][]string
	values map[string][]string
}

// known is the vocabulary of a real daemon, of Prometheus itself, and of the
// recording rules.
func known(t *testing.T) vocabulary {
	t.Helper()
	h := busy(t)
	v := vocabulary{
		labels: map[string][]string{"up": {}, "ALERTS": {"alertname", "alertstate", "severity", "policy", "brand", "why"}},
		values: map[string][]string{"job": {"sekisho"}, "alertstate": {"firing", "pending"}},
	}
	for _, d := range described(t, h.registry) {
		labels := strings.FieldsFunc(d.labels, func(r rune) bool { return r == ',' || r == ' ' })
		v.labels[d.name] = labels
		if d.kind == "histogram" {
			v.labels[d.name+"_bucket"] = append([]string{"le"}, labels...)
			v.labels[d.name+"_sum"], v.labels[d.name+"_count"] = labels, labels
			if d.name != "sekisho_message_seconds" && d.name != "sekisho_stage_seconds" { // those have native buckets, too
				delete(v.labels, d.name)
			}
		}
	}
	families, err := h.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if foreign.MatchString(f.GetName()) {
			v.labels[f.GetName()] = nil
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				v.values[l.GetName()] = append(v.values[l.GetName()], l.GetValue())
			}
		}
	}
	for _, r := range shipped.Rules(t) {
		if r.Record != "" {
			e, err := shipped.Parse(r.Expr)
			if err != nil {
				t.Fatal(err)
			}
			v.labels[r.Record] = slices.DeleteFunc(e.Labels, func(l string) bool { return l == "le" })
		} else {
			v.values["alertname"] = append(v.values["alertname"], r.Alert)
		}
	}
	for name := range v.labels {
		v.labels[name] = append([]string{"job", "instance"}, v.labels[name]...)
	}
	return v
}

// check returns what an expression names that is not there.
func (v vocabulary) check(expr string) (wrong []string) {
	e, err := shipped.Parse(expr)
	if err != nil {
		return []string{err.Error()}
	}
	if len(e.Selectors) == 0 {
		wrong = append(wrong, "it asks for nothing")
	}
	var all []string
	for _, s := range e.Selectors {
		labels, ok := v.labels[s.Metric]
		if !ok {
			wrong = append(wrong, "no metric "+s.Metric)
		}
		all = append(all, labels...)
		for _, m := range s.Matchers {
			if !slices.Contains(labels, m.Label) {
				wrong = append(wrong, s.Metric+" has no label "+m.Label)
			}
			if !v.has(m) {
				wrong = append(wrong, fmt.Sprintf("label %s is never %s", m.Label, m.Value))
			}
		}
	}
	for _, l := range e.Labels {
		if !slices.Contains(all, l) {
			wrong = append(wrong, "no label "+l+" to group by")
		}
	}
	return wrong
}

// has reports whether each word of a matcher is a value of its label: of a
// misspelt one nobody would ever see that it fits nothing.
func (v vocabulary) has(m shipped.Matcher) bool {
	if m.Op == "=~" || m.Op == "!~" {
		for alternative := range strings.SplitSeq(m.Value, "|") {
			pattern, err := regexp.Compile("^(?:" + alternative + ")$")
			if err != nil || alternative != ".*" && !slices.ContainsFunc(v.values[m.Label], pattern.MatchString) {
				return false
			}
		}
		return true
	}
	return slices.Contains(v.values[m.Label], m.Value)
}

// TestShippedExpressions: dashboards and rules name only what a daemon has.
func TestShippedExpressions(t *testing.T) {
	v := known(t)
	for _, r := range shipped.Rules(t) {
		for _, wrong := range v.check(r.Expr) {
			t.Errorf("%s: %s%s: %s", r.File, r.Record, r.Alert, wrong)
		}
	}
	n := 0
	for _, d := range shipped.Dashboards(t) {
		for _, q := range d.Queries() {
			n++
			for _, wrong := range v.check(q.Expr) {
				t.Errorf("%s: %s", q.Where, wrong)
			}
		}
	}
	if n < 50 {
		t.Errorf("%d expressions found: the search is broken", n)
	}
	// The check itself.
	for _, expr := range []string{
		`rate(sekisho_message_total[5m])`, `sekisho_generation{policy="x"}`, `sum by (brand) (sekisho_generation)`,
		`sekisho_dns_lookups_total{outcome="time_out"}`, `sekisho_dns_lookups_total{outcome=~"timeout|servfial"}`, `sekisho_dns_lookup_seconds`,
	} {
		if len(v.check(expr)) == 0 {
			t.Errorf("%s passes", expr)
		}
	}
}

var heading = regexp.MustCompile(`(?m)^## (\w+)$`)

// TestShippedAlerts: each alert says what it is in two languages, has its section of
// the runbook, and is tried by promtool.
func TestShippedAlerts(t *testing.T) {
	dir := filepath.Join(suite.Root(t), "deploy", "prometheus")
	sections := map[string]bool{}
	for _, found := range heading.FindAllStringSubmatch(string(shipped.Read(t, filepath.Join(dir, "RUNBOOK.md"))), -1) {
		sections[found[1]] = true
	}
	tests, err := filepath.Glob(filepath.Join(dir, "tests", "*.test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var tried strings.Builder
	for _, file := range tests {
		tried.Write(shipped.Read(t, file))
	}
	fires := regexp.MustCompile(`alertname="(\w+)"[^\n]*value: [1-9]|alertname: (\w+)\n +eval_time: \w+\n +exp_alerts:\n`)
	fired := map[string]bool{}
	for _, found := range fires.FindAllStringSubmatch(tried.String(), -1) {
		fired[found[1]+found[2]] = true
	}
	for _, r := range shipped.Rules(t) {
		if r.Alert == "" {
			continue
		}
		if !sections[r.Alert] {
			t.Errorf("%s has no section in the runbook", r.Alert)
		}
		delete(sections, r.Alert)
		if !fired[r.Alert] {
			t.Errorf("%s fires in no test of promtool", r.Alert)
		}
		if want := "RUNBOOK.md#" + strings.ToLower(r.Alert); r.Annotations["runbook"] != want {
			t.Errorf("%s: runbook %q, want %q", r.Alert, r.Annotations["runbook"], want)
		}
		for _, a := range []string{"summary", "summary_ja", "description"} {
			if r.Annotations[a] == "" {
				t.Errorf("%s has no %s", r.Alert, a)
			}
		}
		if s := r.Labels["severity"]; s != "page" && s != "ticket" {
			t.Errorf("%s: severity %q", r.Alert, s)
		}
	}
	for _, left := range slices.Sorted(maps.Keys(sections)) {
		t.Errorf("the runbook has %s, which is no alert", left)
	}
}
