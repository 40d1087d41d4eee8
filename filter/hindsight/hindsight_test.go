package hindsight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sekisho/filter/finding"
	"sekisho/filter/hindsight"
	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
	"sekisho/filter/replay"
	"sekisho/policy"
)

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// folder writes policy files.
func folder(tb testing.TB, name string, files map[string]string) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

var live = map[string]string{
	"default.yaml": "thresholds: {tag: 3}\n",
	"d1.test.yaml": "thresholds: {reject: 11}\nforwarders: [{list_id: club.test, reason: members, expires: 2026-06-15}]\n",
	"d2.test.yaml": "findings: {lure: {action: reject}}\nfail: {dns: continue}\n",
}

func load(tb testing.TB, dir string) *policy.Set {
	tb.Helper()
	set, err := policy.Load(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// kept returns a journal of n decisions by the policies of a folder.
func kept(tb testing.TB, dir, shadow string, n int) *journal.Reader {
	tb.Helper()
	at := filepath.Join(tb.TempDir(), "journal")
	var candidate *policy.Set
	if shadow != "" {
		candidate = load(tb, shadow)
	}
	journaltest.Write(tb, at, load(tb, dir), candidate, n, noon.Add(12*time.Hour)) // over midnight, when an entry ends
	r, err := journal.Open(tb.Context(), at)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	return r
}

// TestReproduced: the same policies come to the very same verdicts, points and
// causes, and two loaded alike agree as well.
func TestReproduced(t *testing.T) {
	t.Parallel()
	dir := folder(t, "policies", live)
	from := kept(t, dir, "", 300)
	for _, against := range []string{"", hindsight.Recorded, dir} {
		var out bytes.Buffer
		s, err := hindsight.Run(t.Context(), from, hindsight.Options{Policies: dir, Against: against, JSON: &out})
		if err != nil {
			t.Fatal(err)
		}
		if s.Decisions != 300 || s.Changed != 0 || s.Shifted != 0 || s.Unread != 0 {
			t.Errorf("against %q: %+v", against, s)
		}
		lines := 0
		last := ""
		for text := range strings.Lines(out.String()) {
			var l hindsight.Line
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				t.Fatal(err)
			}
			if l.Was != l.Is || l.Changed || l.Trace < last {
				t.Fatalf("%s", text)
			}
			lines, last = lines+1, l.Trace
		}
		if lines != s.Recipients {
			t.Errorf("%d lines for %d recipients", lines, s.Recipients)
		}
	}
}

// TestChanged: what another policy would do is counted for whom and why.
func TestChanged(t *testing.T) {
	t.Parallel()
	dir := folder(t, "policies", live)
	from := kept(t, dir, "", 200)
	next := folder(t, "next", map[string]string{
		"default.yaml": live["default.yaml"], "d1.test.yaml": live["d1.test.yaml"], "d2.test.yaml": "fail: {dns: continue}\n",
	})
	var out bytes.Buffer
	report := replay.NewSummary("journal", next, "recorded")
	s, err := hindsight.Run(t.Context(), from, hindsight.Options{Policies: next, JSON: &out, Report: report})
	if err != nil {
		t.Fatal(err)
	}
	report.Finish(s.Took, s.Workers)
	if s.Changed == 0 || len(s.Domains) != 1 || s.Domains[0].Name != "d2.test" || s.Causes[0].Name != "lure" {
		t.Errorf("%+v", s)
	}
	if n := strings.Count(out.String(), `"changed":true`); n != s.Changed || report.Changes.All != n || report.Judged != s.Recipients {
		t.Errorf("%d lines and %d in the report, want %d", n, report.Changes.All, s.Changed)
	}
	all := 0
	for move, n := range s.Moves {
		all += n
		if move.Was != move.Is && move.Was != policy.Reject {
			t.Errorf("%v", move)
		}
	}
	if all != s.Recipients {
		t.Errorf("%d moves of %d recipients", all, s.Recipients)
	}
	var table bytes.Buffer
	if err := s.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"was \\ is", "d2.test", "lure", "reject -> quarantine", s.Listed[0].Trace, s.Listed[0].QueueID, "アカウント"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, table.String())
		}
	}

	s, err = hindsight.Run(t.Context(), from, hindsight.Options{Policies: next, Against: dir, Domain: "d2.test", Within: journal.Range{Since: noon.Add(12*time.Hour - 100*time.Second)}})
	if err != nil || s.Decisions == 0 || s.Decisions > 50 || s.Changed == 0 || s.Changed == s.Recipients || s.First.Before(noon.Add(12*time.Hour-100*time.Second)) {
		t.Errorf("one domain, some minutes: %+v, %v", s, err)
	}
}

// TestShadowed: the report tells what the candidate said then.
func TestShadowed(t *testing.T) {
	t.Parallel()
	dir := folder(t, "policies", live)
	next := folder(t, "next", map[string]string{"d3.test.yaml": "thresholds: {quarantine: off}\n", "default.yaml": live["default.yaml"],
		"d1.test.yaml": live["d1.test.yaml"], "d2.test.yaml": live["d2.test.yaml"]})
	from := kept(t, dir, next, 150)
	s, err := hindsight.Shadowed(t.Context(), from, journal.Range{}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Decisions != 150 || s.Changed == 0 || len(s.Domains) != 1 || s.Domains[0].Name != "d3.test" {
		t.Errorf("%+v", s)
	}
	again, err := hindsight.Run(t.Context(), from, hindsight.Options{Policies: next, Domain: "d3.test"})
	if err != nil || again.Changed != s.Changed {
		t.Errorf("in shadow %d, judged again %d, %v", s.Changed, again.Changed, err)
	}
	only, err := hindsight.Shadowed(t.Context(), from, journal.Range{}, "d4.test", nil)
	if err != nil || only.Changed != 0 || only.Recipients == 0 {
		t.Errorf("%+v, %v", only, err)
	}
	none, err := hindsight.Shadowed(t.Context(), kept(t, dir, "", 10), journal.Range{}, "", nil)
	if err != nil || none.Decisions != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

// TestSoftened: findings that had stepped down when the decision was made do so
// again, though no policy file says it.
func TestSoftened(t *testing.T) {
	t.Parallel()
	dir, at := folder(t, "policies", live), filepath.Join(t.TempDir(), "journal")
	set := load(t, dir)
	j := journal.New(journal.Options{Dir: at, Keep: time.Hour, MaxBytes: 1 << 30, Persons: true, Now: func() time.Time { return noon }})
	m, softer := journaltest.New(2), 0
	for i := range 60 {
		d := m.Decision(set, nil, i, noon)
		hearing := set.Hear(d.Facts, d.Judged).Soften(policy.Softened{"default": {finding.Impersonation, finding.Lure}, "d2.test": {finding.Lure}})
		for i := range d.Recipients {
			r := &d.Recipients[i]
			was := r.Verdict
			if r.Decision = hearing.For(r.Address); r.Verdict != was {
				softer++
			}
		}
		j.Record(d)
	}
	journaltest.Flush(j)
	from, err := journal.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	s, err := hindsight.Run(t.Context(), from, hindsight.Options{Policies: dir})
	if err != nil || s.Changed != 0 || s.Shifted != 0 || softer == 0 {
		t.Errorf("%d were softer; %+v, %v", softer, s, err)
	}
}

// TestMistakes: policies that cannot be loaded, an end before the end.
func TestMistakes(t *testing.T) {
	t.Parallel()
	dir := folder(t, "policies", live)
	from := kept(t, dir, "", 20)
	bad := folder(t, "bad", map[string]string{"a.test.yaml": "thresholdss: 1\n"})
	for _, opt := range []hindsight.Options{{Policies: bad}, {Policies: dir, Against: bad}, {Policies: "nowhere"}} {
		if s, err := hindsight.Run(t.Context(), from, opt); s != nil || err == nil {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := hindsight.Run(ctx, from, hindsight.Options{Policies: dir}); s == nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

var decisions = flag.Int("decisions", 2000, "size of the journal of BenchmarkRun")

// BenchmarkRun judges a journal again. For the figure of a site's days:
//
//	go test ./filter/hindsight -run '^$' -bench Run -benchtime 1x -decisions 100000
func BenchmarkRun(b *testing.B) {
	dir := folder(b, "policies", live)
	from := kept(b, dir, "", *decisions)
	for b.Loop() {
		s, err := hindsight.Run(b.Context(), from, hindsight.Options{Policies: dir, Workers: 2})
		if err != nil || s.Changed != 0 || s.Decisions != *decisions {
			b.Fatalf("%+v, %v", s, err)
		}
		b.ReportMetric(float64(s.Decisions)/s.Took.Seconds(), "decisions/s")
	}
}
