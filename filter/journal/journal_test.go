package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"sekisho/filter/act"
	"sekisho/filter/finding"
	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
	"sekisho/filter/record"
	"sekisho/policy"
)

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// desk is a journal with what a test asks of it.
type desk struct {
	*journal.Journal
	t    *testing.T
	dir  string
	reg  *prometheus.Registry
	logs *observer.ObservedLogs
	now  time.Time
}

func open(t *testing.T, change func(o *journal.Options)) *desk {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	d := &desk{t: t, dir: filepath.Join(t.TempDir(), "journal"), reg: prometheus.NewPedanticRegistry(), logs: logs, now: noon}
	o := journal.Options{Dir: d.dir, Keep: 24 * time.Hour, MaxBytes: 1 << 30, Persons: true, Log: zap.New(core), Registerer: d.reg, Now: func() time.Time { return d.now }}
	if change != nil {
		change(&o)
	}
	d.Journal = journal.New(o)
	return d
}

// flush writes what was recorded.
func (d *desk) flush() { journaltest.Flush(d.Journal) }

func (d *desk) reader() *journal.Reader {
	d.t.Helper()
	r, err := journal.Open(d.t.Context(), d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if err := r.Close(); err != nil {
			d.t.Error(err)
		}
	})
	return r
}

func (d *desk) all(within journal.Range) []*journal.Record {
	d.t.Helper()
	var all []*journal.Record
	for rec, err := range d.reader().Records(d.t.Context(), within) {
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, rec)
	}
	return all
}

func (d *desk) metric(text string) {
	d.t.Helper()
	if all := d.metrics(); !strings.Contains(all, text+"\n") {
		d.t.Errorf("no %s in\n%s", text, all)
	}
}

// metrics lists all series with the values of their labels alone.
func (d *desk) metrics() string {
	d.t.Helper()
	families, err := d.reg.Gather()
	if err != nil {
		d.t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range families {
		for _, m := range f.Metric {
			labels := ""
			for _, l := range m.Label {
				labels += l.GetValue()
			}
			fmt.Fprintf(&b, "%s{%s} %v\n", f.GetName(), labels, m.GetCounter().GetValue()+m.GetGauge().GetValue())
		}
	}
	return b.String()
}

func builtIn(t testing.TB) *policy.Set {
	t.Helper()
	set, err := policy.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestKept: what is read is what was recorded.
func TestKept(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(3)
	var want []*record.Decision
	for i := range 300 { // more than a page of a reader

		dec := m.Decision(set, set, i, noon.Add(time.Duration(i)*time.Minute-10*time.Hour))
		switch {
		case i%5 == 0:
			dec.Recipients[0].Shadow = nil
		case i%7 == 0:
			dec.Recipients[0].Forwarder = &finding.Forwarder{Kind: finding.ByList, Domain: "club.test", Where: "policies/d1.test.yaml:3", Reason: "会員"}
		case i%11 == 0:
			dec.Plan, dec.Took = act.Plan{Reply: act.Continue, Hold: "held"}, 12345*time.Microsecond
			dec.StageTook = map[record.Stage]time.Duration{record.StageRead: time.Millisecond, record.StageStore: 3 * time.Microsecond}
			dec.Stored, dec.Failure, dec.Policies = "held-1", "disk", "other"
		case i%13 == 0:
			r := &dec.Recipients[0]
			r.Observed, r.Softened = policy.Reject, []finding.Name{finding.Lure, finding.LinksLeaveBrand}
			r.Exceptions = []policy.Used{{ID: "a1", Where: "policies/d1.test.yaml:9", Lifted: []finding.Name{finding.Lure}}}
			r.Shadow.Observed = policy.Tag
		}
		want = append(want, dec)
		d.Record(dec)
	}
	d.flush()
	got := d.all(journal.Range{})
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i, rec := range got {
		compare(t, want[i], rec)
	}
	d.metric("sekisho_journal_written_total{} 300")
	d.metric("sekisho_journal_rows{} 300")

	within := d.all(journal.Range{Since: want[100].Judged, Until: want[200].Judged})
	if len(within) != 100 || within[0].Trace != want[100].Trace || within[99].Trace != want[199].Trace {
		t.Errorf("a range of time: %d records", len(within))
	}
	if n := len(d.all(journal.Range{Since: noon.Add(time.Hour)})); n != 0 {
		t.Errorf("%d records of the future", n)
	}
	info, err := os.Stat(filepath.Join(d.dir, "journal.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func compare(t *testing.T, want *record.Decision, got *journal.Record) {
	t.Helper()
	facts, err := got.Facts()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Facts, facts, cmpopts.EquateEmpty(), cmpopts.EquateComparable(want.Facts.Detour.Client)); diff != "" {
		t.Errorf("facts of %s (-want +got)\n%s", want.Trace, diff)
	}
	outcome := func(d *policy.Decision) journal.Outcome {
		if d == nil {
			return journal.Outcome{}
		}
		return journal.Outcome{Policy: d.Policy, Verdict: d.Verdict, Points: d.Points, By: d.By, Where: d.Where, Observed: d.Observed}
	}
	head := journal.Record{Time: want.Judged, Trace: want.Trace, QueueID: want.Envelope.QueueID, MessageID: want.Facts.Message.MessageID,
		Generation: want.Generation, Policies: want.Policies, Stored: want.Stored, Failure: want.Failure, Persons: true,
		Reply: want.Plan.Reply, Hold: want.Plan.Hold != "", Took: want.Took, Stages: want.StageTook}
	for _, r := range want.Recipients {
		rcpt := journal.Recipient{Address: r.Address, Outcome: outcome(&r.Decision), Shadow: outcome(r.Shadow), Softened: r.Softened, Exceptions: r.Exceptions}
		for _, f := range r.Findings {
			rcpt.Findings = append(rcpt.Findings, f.Name)
		}
		if f := r.Forwarder; f != nil {
			rcpt.Forwarder = &record.LineForwarder{Kind: f.Kind, Domain: f.Domain, Where: f.Where, Reason: f.Reason}
		}
		head.Recipients = append(head.Recipients, rcpt)
	}
	if diff := cmp.Diff(&head, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(journal.Record{})); diff != "" {
		t.Errorf("%s (-want +got)\n%s", want.Trace, diff)
	}
}

// TestFind: a record is found by each of its names.
func TestFind(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(4)
	var last *record.Decision
	for i := range 50 {
		last = m.Decision(set, nil, i, noon)
		d.Record(last)
	}
	last.Trace = "SECOND" // the same message, deferred and sent again
	d.Record(last)
	d.flush()
	r := d.reader()
	for id, want := range map[string]int{
		"SECOND": 1, "TRACE00000000007": 1, last.Envelope.QueueID: 2, "<" + last.Facts.Message.MessageID + ">": 2, "nothing": 0, "": 0, "<>": 0,
	} {
		got, err := r.Find(t.Context(), id)
		if err != nil || len(got) != want {
			t.Errorf("%q: %d records, %v", id, len(got), err)
		}
	}
	if _, err := journal.Open(t.Context(), t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no journal: %v", err)
	}
	// What was known is there by the trace alone: other names are of the sender's choosing.
	if f, err := r.Facts(t.Context(), "SECOND"); err != nil || f == nil || f.Message.MessageID != last.Facts.Message.MessageID {
		t.Errorf("facts: %+v, %v", f, err)
	}
	for _, id := range []string{last.Envelope.QueueID, last.Facts.Message.MessageID, "nothing", ""} {
		if f, err := r.Facts(t.Context(), id); err != nil || f != nil {
			t.Errorf("facts of %q: %+v, %v", id, f, err)
		}
	}
}

// TestWithoutPersons: no name, local part or subject is in the file, and verdicts
// that rest on findings are the same.
func TestWithoutPersons(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, func(o *journal.Options) { o.Persons = false }), builtIn(t), journaltest.New(5)
	f := m.Facts()
	f.Message.From[0].Name, f.Message.From[0].Address, f.Message.From[0].Local = "SECRET", "SECRET@a.test", "SECRET"
	f.Message.Sender, f.Message.ReplyTo = f.Message.From, f.Message.From
	f.Message.Subject, f.Envelope.Sender, f.Envelope.User = "SECRET", "SECRET@a.test", "SECRET"
	f.Message.Attachments = append(f.Message.Attachments, f.Message.Attachments...)
	f.Found = []finding.Finding{{Name: finding.NameAddress, Why: "SECRET"}, {Name: finding.DMARCReject, Why: "SECRET"}}
	f.Detour.Vouched = f.Found
	f.Links = append(f.Links, f.Links...)
	for i := range f.Links {
		f.Links[i].URL = "https://a.test/?to=SECRET"
	}
	dec := journaltest.Decide(set, nil, f, noon, "SECRET@kaisha.test", "SECRET", "")
	dec.Envelope.QueueID = "4d1"
	d.Record(dec)
	d.flush()
	rec := d.all(journal.Range{})[0]
	facts, err := rec.Facts()
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v %+v", facts, rec.Recipients); strings.Contains(text, "SECRET") {
		t.Errorf("kept: %s", text)
	}
	if rec.Persons || rec.Recipients[0].Address != "@kaisha.test" || rec.Recipients[1].Address != "" {
		t.Errorf("%+v", rec)
	}
	hearing := set.Hear(facts, rec.Time)
	for i, r := range rec.Recipients {
		if now := hearing.For(r.Address); now.Verdict != dec.Recipients[i].Verdict || now.Points != dec.Recipients[i].Points {
			t.Errorf("%s: %s, was %s", r.Address, now.Verdict, dec.Recipients[i].Verdict)
		}
	}
	if dec.Facts.Message.From[0].Name != "SECRET" || dec.Facts.Found[0].Why != "SECRET" {
		t.Error("the decision itself was changed")
	}
}

// TestAge: records end, a step at a time.
func TestAge(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(6)
	for i := range 60 {
		d.Record(m.Decision(set, nil, i, noon.Add(time.Duration(i-60)*time.Minute)))
	}
	d.flush()
	d.now = noon.Add(24*time.Hour - 20*time.Minute)
	d.Record(m.Decision(set, nil, 1000, d.now))
	d.flush()
	if got := d.all(journal.Range{}); len(got) != 21 || got[0].Trace != "TRACE00000000040" {
		t.Errorf("%d records, the first %s", len(got), got[0].Trace)
	}
	d.metric("sekisho_journal_pruned_total{age} 40")
	d.metric("sekisho_journal_rows{} 21")
}

// TestSize: the database stays below its size, and the newest records are in it.
func TestSize(t *testing.T) {
	t.Parallel()
	const limit = 192 << 10
	d, set, m := open(t, func(o *journal.Options) { o.MaxBytes = limit }), builtIn(t), journaltest.New(8)
	for i := range 600 {
		d.Record(m.Decision(set, nil, i, noon))
		if i%100 == 99 {
			d.flush()
		}
	}
	info, err := os.Stat(filepath.Join(d.dir, "journal.db"))
	if err != nil || info.Size() > limit*3/2 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	got := d.all(journal.Range{})
	if len(got) < 40 || got[len(got)-1].Trace != "TRACE00000000599" {
		t.Errorf("%d records", len(got))
	}
	for i := range got[1:] {
		if got[i].Trace >= got[i+1].Trace {
			t.Fatal("not in order")
		}
	}
	d.metric(fmt.Sprintf("sekisho_journal_pruned_total{size} %d", 600-len(got)))
}

// BenchmarkRecord is what a message pays for its record.
func BenchmarkRecord(b *testing.B) {
	set, m := builtIn(b), journaltest.New(14)
	dec := m.Decision(set, nil, 1, noon)
	j := journal.New(journal.Options{Dir: b.TempDir(), Keep: time.Hour, MaxBytes: 1 << 30, Persons: true})
	for i := 0; b.Loop(); i++ {
		if i%4000 == 3999 {
			b.StopTimer()
			journaltest.Flush(j)
			b.StartTimer()
		}
		j.Record(dec)
	}
}

// BenchmarkWrite is what the writer pays for a record, on another core.
func BenchmarkWrite(b *testing.B) {
	set, m := builtIn(b), journaltest.New(15)
	dec := m.Decision(set, set, 1, noon)
	j := journal.New(journal.Options{Dir: b.TempDir(), Keep: time.Hour, MaxBytes: 1 << 30, Persons: true, Now: func() time.Time { return noon }})
	for b.Loop() {
		b.StopTimer()
		for range 1000 {
			j.Record(dec)
		}
		b.StartTimer()
		journaltest.Flush(j)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/record")
}

// TestQueueTold: how full the queue is can be seen before it drops anything.
func TestQueueTold(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(5)
	for i := range 3 {
		d.Record(m.Decision(set, nil, i, noon))
	}
	d.metric("sekisho_journal_queue_decisions{} 3")
	d.metric("sekisho_journal_queue_limit_decisions{} 4096")
	if strings.Contains(d.metrics(), "sekisho_journal_queue_bytes{} 0\n") {
		t.Error("what waits has no size")
	}
	d.flush()
	d.metric("sekisho_journal_queue_decisions{} 0")
	d.metric("sekisho_journal_queue_bytes{} 0")
}
