package budget_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"sekisho/filter/budget"
	"sekisho/filter/finding"
	"sekisho/filter/quarantine"
	"sekisho/policy"
)

// alarms are false alarms at their times.
type alarms []struct {
	finding, policy string
	at              time.Time
}

func (a *alarms) add(n int, name finding.Name, policy string, at time.Time) {
	for range n {
		*a = append(*a, struct {
			finding, policy string
			at              time.Time
		}{string(name), policy, at})
	}
}

func (a *alarms) FalseAlarms(_ context.Context, since time.Time) ([]quarantine.FalseAlarms, error) {
	var list []quarantine.FalseAlarms
next:
	for _, one := range *a {
		if one.at.Before(since) {
			continue
		}
		for i := range list {
			if list[i].Finding == one.finding && list[i].Policy == one.policy {
				list[i].Items++
				continue next
			}
		}
		list = append(list, quarantine.FalseAlarms{Finding: one.finding, Policy: one.policy, Items: 1})
	}
	return list, nil
}

// shop is a keeper with a clock.
type shop struct {
	*budget.Keeper
	t    *testing.T
	now  time.Time
	said alarms
	file string
	set  *policy.Set
	reg  *prometheus.Registry
	logs *observer.ObservedLogs
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), file: filepath.Join(t.TempDir(), "budget.json")}
	s.policies(map[string]string{"x.jp.yaml": "budget: {false_positives: 3, days: 7}\n", "off.jp.yaml": "budget: {false_positives: off}\n"})
	s.reopen()
	return s
}

func (s *shop) policies(files map[string]string) {
	s.t.Helper()
	dir := s.t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	var err error
	if s.set, err = policy.Load(dir); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) reopen() {
	s.t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	s.reg, s.logs = prometheus.NewPedanticRegistry(), logs
	var err error
	s.Keeper, err = budget.Open(budget.Options{Source: &s.said, File: s.file, Clock: func() time.Time { return s.now }, Log: zap.New(core), Registerer: s.reg})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) count() []budget.Entry {
	s.t.Helper()
	list, err := s.Count(s.t.Context(), s.set)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func (s *shop) want(soft string) {
	s.t.Helper()
	if got := fmt.Sprint(map[string][]finding.Name(s.Softened())); got != soft {
		s.t.Errorf("softened %s, want %s", got, soft)
	}
}

// TestStepDown: at its budget a finding stands, one past it it steps down, and it
// stays so over time and a restart until somebody looks.
func TestStepDown(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.said.add(3, finding.Lure, "x.jp", s.now)
	s.count()
	s.want("map[]")
	s.said.add(1, finding.Lure, "x.jp", s.now)
	s.count()
	s.want("map[x.jp:[lure]]")
	if s.logs.Len() != 1 || !strings.Contains(s.logs.All()[0].Message, "steps down") {
		t.Errorf("%v", s.logs.All())
	}
	if got := testutil.ToFloat64(gauge(t, s.reg)); got != 1 {
		t.Errorf("%v", got)
	}

	s.now = s.now.AddDate(0, 0, 30) // the days are over; nobody has looked
	s.reopen()
	s.want("map[x.jp:[lure]]")
	list := s.count()
	if len(list) != 1 || list[0].FalseAlarms != 0 || list[0].Down.IsZero() {
		t.Errorf("%+v", list)
	}
	s.want("map[x.jp:[lure]]")

	s.said.add(4, finding.Lure, "x.jp", s.now)
	s.now = s.now.Add(time.Hour)
	if err := s.Look("x.jp", finding.Lure); err != nil {
		t.Fatal(err)
	}
	s.want("map[]")
	s.count() // what was before somebody looked counts no more
	s.want("map[]")
	s.reopen()
	s.said.add(4, finding.Lure, "x.jp", s.now.Add(time.Minute))
	s.now = s.now.Add(time.Hour)
	s.count()
	s.want("map[x.jp:[lure]]")
}

func gauge(t *testing.T, reg *prometheus.Registry) prometheus.Collector {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "sekisho_budget_stepped_down" && len(f.GetMetric()) == 1 {
			g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "x"})
			g.Set(f.GetMetric()[0].GetGauge().GetValue())
			return g
		}
	}
	t.Fatal("nothing has stepped down")
	return nil
}

// TestWho: only findings that may step down do, under the policy that people
// complained about, where it has a budget.
func TestWho(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.said.add(50, finding.DMARCReject, "x.jp", s.now)      // proof
	s.said.add(50, finding.Lure, "off.jp", s.now)           // switched off
	s.said.add(50, finding.Lure, "gone.jp", s.now)          // no such policy any more
	s.said.add(11, finding.Impersonation, "default", s.now) // one past the ten of the built-in default
	s.said.add(3, finding.Lure, "x.jp", s.now)
	s.said.add(9, finding.Lure, "x.jp", s.now.AddDate(0, 0, -8)) // too long ago
	var got []string
	for _, e := range s.count() {
		got = append(got, fmt.Sprintf("%s %s %d/%d %t", e.Policy, e.Finding, e.FalseAlarms, e.Budget, e.Down.IsZero()))
	}
	want := []string{"default impersonation 11/10 false", "x.jp dmarc-reject 50/3 true", "x.jp lure 3/3 true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	s.want("map[default:[impersonation]]")

	// Switched off later, it is forgotten.
	s.policies(map[string]string{"default.yaml": "budget: {false_positives: off}\n"})
	s.count()
	s.want("map[]")
}

// TestLookAtNothing: an operator who mistypes hears so.
func TestLookAtNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.Look("x.jp", finding.Lure); !errors.Is(err, budget.ErrNotDown) {
		t.Errorf("%v", err)
	}
}

// TestBrokenState: a file that cannot be understood is told, and stops a start.
func TestBrokenState(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "budget.json")
	for _, text := range []string{"{", `{"down": {"lure": "2026-06-01T00:00:00Z"}}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := budget.Open(budget.Options{File: file}); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestDiskFails: what has stepped down is so in memory; the failure is counted.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.said.add(4, finding.Lure, "x.jp", s.now)
	if err := os.Mkdir(s.file, 0o700); err != nil { // a folder in the file's place
		t.Fatal(err)
	}
	s.count()
	s.want("map[x.jp:[lure]]")
	if err := s.Look("x.jp", finding.Lure); err == nil {
		t.Error("a state that could not be written was taken")
	}
	s.want("map[x.jp:[lure]]")
}

// TestManyEntries: the metrics tell a thousand entries at most, and what has stepped
// down among them.
func TestManyEntries(t *testing.T) {
	list := &alarms{}
	reg := prometheus.NewRegistry()
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for i := range 1500 {
		list.add(1, finding.Name(fmt.Sprintf("rule:r%04d", i)), "default", now)
	}
	list.add(20, "rule:z", "default", now)
	k, err := budget.Open(budget.Options{Source: list, File: filepath.Join(t.TempDir(), "budget.json"), Registerer: reg, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Count(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if n, err := testutil.GatherAndCount(reg, "sekisho_budget_false_alarms"); err != nil || n != 1000 {
		t.Errorf("%d entries, %v", n, err)
	}
	if n, err := testutil.GatherAndCount(reg, "sekisho_budget_stepped_down"); err != nil || n != 1 {
		t.Errorf("%d have stepped down, %v", n, err)
	}
}
