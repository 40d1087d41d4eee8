package quarantine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sekisho/filter/quarantine/smtpsink"
)

// clerk writes reports of which the message is the id.
type clerk struct {
	sum string // of all
	err error
}

func (c *clerk) Compose(_ context.Context, r Report) ([]byte, string, error) {
	return []byte("From: gate@kaisha.test\r\nMessage-ID: <" + r.ID + "@gate.test>\r\n\r\nfraud\r\n"), c.sum, c.err
}

// desk is a store with a message in it, at a time of its own.
type desk struct {
	*Store
	tb    testing.TB
	now   time.Time
	mu    sync.Mutex
	sink  *smtpsink.Sink
	clerk clerk
	o     ReleaseOptions
	limit ReportLimits
}

func newDesk(t *testing.T, b *backend) *desk {
	d := &desk{tb: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), sink: smtpsink.Start(t), clerk: clerk{sum: "s"}, limit: ReportLimits{Target: 100, All: 100}}
	d.Store = b.open(t, Options{Now: d.clock})
	d.o = ReleaseOptions{Addr: d.sink.Addr, Timeout: time.Minute}
	return d
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) later(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// hold puts a message into the store.
func (d *desk) hold(to ...string) Item {
	d.tb.Helper()
	id, err := d.Put(d.tb.Context(), entry("one", to...))
	if err != nil {
		d.tb.Fatal(err)
	}
	items, err := d.Show(d.tb.Context(), id)
	if err != nil {
		d.tb.Fatal(err)
	}
	return items[0]
}

// approved makes a report that may leave.
func (d *desk) approved(it Item, target, about string) Report {
	d.tb.Helper()
	r, fresh, err := d.Report(d.tb.Context(), ReportDraft{Item: it, Kind: ToAbuse, Target: target, About: about, By: "hanako"})
	if err != nil || !fresh || r.State != Draft {
		d.tb.Fatalf("%+v %v %v", r, fresh, err)
	}
	if r, err = d.ApproveReport(d.tb.Context(), r.ID, d.clerk.sum, "", "taro"); err != nil || r.State != Approved {
		d.tb.Fatalf("%+v %v", r, err)
	}
	return r
}

func (d *desk) send() (Report, bool, error) {
	return d.SendReport(d.tb.Context(), d.limit, "gate@kaisha.test", d.o, &d.clerk)
}

func TestReport(t *testing.T) { onEach(t, testReport) }

// testReport: a report leaves once, from a draft that was approved, to its target alone.
func testReport(t *testing.T, b *backend) {
	d := newDesk(t, b)
	it, other := d.hold("hanako@kaisha.test", "taro@kaisha.test"), d.hold("jiro@nihon.test")
	draft := ReportDraft{Item: it, Kind: ToBrand, Target: "abuse@rakuten.test", About: "rakuten at evil.test", By: "hanako"}
	r, fresh, err := d.Report(t.Context(), draft)
	if err != nil || !fresh || r.State != Draft || r.Items != 1 || r.Domain != "kaisha.test" || r.Asked != "hanako" {
		t.Fatalf("%+v %v %v", r, fresh, err)
	}
	if _, some, err := d.send(); some || err != nil {
		t.Errorf("a draft left: %v", err)
	}
	again, fresh, err := d.Report(t.Context(), draft)
	if err != nil || fresh || again.ID != r.ID || again.Items != 1 {
		t.Errorf("asked twice: %+v %v %v", again, fresh, err)
	}
	draft.Item, draft.By = other, "jiro"
	if again, fresh, err = d.Report(t.Context(), draft); err != nil || fresh || again.ID != r.ID || again.Items != 2 {
		t.Errorf("of another message: %+v %v %v", again, fresh, err)
	}
	if _, err := d.ApproveReport(t.Context(), r.ID, "s", "", "taro"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ApproveReport(t.Context(), r.ID, "s", "", "taro"); !errors.Is(err, ErrReportMoved) {
		t.Errorf("approved twice: %v", err)
	}
	if _, err := d.ApproveReport(t.Context(), "nosuch", "s", "", "taro"); !errors.Is(err, ErrNoReport) {
		t.Errorf("no such report: %v", err)
	}
	if r, some, err := d.send(); !some || err != nil || r.State != Sent || r.Approved != "taro" {
		t.Errorf("%+v %v %v", r, some, err)
	}
	if _, some, err := d.send(); some || err != nil {
		t.Errorf("sent twice: %v", err)
	}
	got := d.sink.Messages()
	if len(got) != 1 || got[0].Sender != "gate@kaisha.test" || len(got[0].Recipients) != 1 || got[0].Recipients[0] != "abuse@rakuten.test" {
		t.Errorf("%+v", got)
	}
	// A week later the same may be said again.
	d.later(reportWindow + time.Second)
	if _, fresh, err := d.Report(t.Context(), draft); err != nil || !fresh {
		t.Errorf("after a week: %v %v", fresh, err)
	}
	for _, c := range []struct {
		f    ReportFilter
		want int
	}{{ReportFilter{}, 2}, {ReportFilter{State: Sent}, 1}, {ReportFilter{Domains: []string{"nihon.test"}}, 1}, {ReportFilter{Item: other.ID}, 2}, {ReportFilter{Item: it.ID}, 1}, {ReportFilter{Limit: 1}, 1}} {
		if got, err := d.Reports(t.Context(), c.f); err != nil || len(got) != c.want {
			t.Errorf("%+v: %d %v", c.f, len(got), err)
		}
	}
	if w, err := d.Waiting(t.Context()); err != nil || w[Draft] != 1 || w[Approved] != 0 {
		t.Errorf("%v %v", w, err)
	}
	d.later(traceOfErased + time.Hour)
	if _, err := d.Expire(t.Context()); err != nil {
		t.Error(err)
	}
	if got, err := d.Reports(t.Context(), ReportFilter{}); err != nil || len(got) != 0 {
		t.Errorf("forgotten: %+v %v", got, err)
	}
}

func TestReportOutcomes(t *testing.T) { onEach(t, testReportOutcomes) }

// testReportOutcomes: what the server does, and what becomes of the report.
func testReportOutcomes(t *testing.T, b *backend) {
	d := newDesk(t, b)
	it := d.hold("hanako@kaisha.test")
	at := func(verb, answer string) func(string, string) string {
		return func(v, _ string) string {
			if v == verb {
				return answer
			}
			return ""
		}
	}
	for i, c := range []struct {
		name   string
		answer func(string, string) string
		addr   string
		clerk  clerk
		want   ReportState
	}{
		{"refused", at("RCPT", "550 5.1.1 no such desk"), "", d.clerk, Refused},
		{"refused at the end", at(".", "554 5.7.1 spam"), "", d.clerk, Refused},
		{"not now", at(".", "451 4.3.0 not now"), "", d.clerk, Approved},
		{"nobody there", nil, "127.0.0.1:1", d.clerk, Approved},
		{"answer lost", at(".", smtpsink.Hangup), "", d.clerk, Sent},
		{"changed", nil, "", clerk{sum: "another"}, Draft},
		{"damaged", nil, "", clerk{err: ErrCorrupt}, Dropped},
		{"not written", nil, "", clerk{err: errors.New("no journal")}, Approved},
	} {
		before := len(d.sink.Messages())
		want := d.approved(it, "abuse@one.test", fmt.Sprint(i))
		d.sink.Answer(c.answer)
		d.o.Addr, d.clerk = d.sink.Addr, c.clerk
		if c.addr != "" {
			d.o.Addr = c.addr
		}
		r, some, err := d.send()
		if !some || r.ID != want.ID || r.State != c.want || r.Note == "" || err == nil {
			t.Errorf("%s: %+v %v %v", c.name, r, some, err)
		}
		if again, some, err := d.send(); some {
			t.Errorf("%s: at once again: %+v %v", c.name, again, err)
		}
		d.sink.Answer(nil)
		d.o.Addr, d.clerk = d.sink.Addr, clerk{sum: "s"}
		d.later(time.Hour)
		again, some, err := d.send()
		if wanted := c.want == Approved; some != wanted || err != nil || wanted && (again.ID != r.ID || again.State != Sent || again.Note != "") {
			t.Errorf("%s: later: %+v %v %v", c.name, again, some, err)
		}
		if got := len(d.sink.Messages()) - before; got > 1 {
			t.Errorf("%s: it came %d times", c.name, got)
		}
	}
}

func TestReportGivenUp(t *testing.T) { onEach(t, testReportGivenUp) }

// testReportGivenUp: who is never there is not tried for ever.
func testReportGivenUp(t *testing.T, b *backend) {
	d := newDesk(t, b)
	r := d.approved(d.hold("hanako@kaisha.test"), "abuse@one.test", "a")
	d.o.Addr = "127.0.0.1:1"
	for n := 1; ; n++ {
		now, some, _ := d.send()
		if !some {
			t.Fatalf("try %d: none", n)
		}
		if now.State == Refused {
			if n != maxReportTries {
				t.Errorf("given up after %d tries", n)
			}
			break
		}
		d.later(24 * time.Hour)
	}
	if now, err := d.ReportOf(t.Context(), r.ID); err != nil || !strings.HasPrefix(now.Note, "given up") {
		t.Errorf("%+v %v", now, err)
	}
}

func TestReportEvidenceGone(t *testing.T) { onEach(t, testReportEvidenceGone) }

// testReportEvidenceGone: where the message was erased another one is shown, to be
// looked at; where none is left nobody is told.
func testReportEvidenceGone(t *testing.T, b *backend) {
	d := newDesk(t, b)
	first, second := d.hold("hanako@kaisha.test"), d.hold("jiro@nihon.test")
	r := d.approved(first, "abuse@one.test", "a")
	if _, _, err := d.Report(t.Context(), ReportDraft{Item: second, Kind: ToAbuse, Target: r.Target, About: r.About}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Erase(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	d.clerk.err = ErrErased
	now, some, err := d.send()
	if !some || err == nil || now.State != Draft || now.Item != second.ID || now.Domain != "nihon.test" {
		t.Errorf("%+v %v %v", now, some, err)
	}
	if _, err := d.ApproveReport(t.Context(), r.ID, "s", "", "taro"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Erase(t.Context(), second.ID); err != nil {
		t.Fatal(err)
	}
	if now, _, err = d.send(); err == nil || now.State != Dropped {
		t.Errorf("%+v %v", now, err)
	}
	if len(d.sink.Messages()) != 0 {
		t.Error("something was sent")
	}
}

// TestReportKey is made once, whoever asks first.
func TestReportKey(t *testing.T) { onEach(t, testReportKey) }

func testReportKey(t *testing.T, b *backend) {
	stores := []*Store{b.open(t, Options{}), b.open(t, Options{}), b.open(t, Options{})}
	keys := make([]string, len(stores))
	var all sync.WaitGroup
	for i, s := range stores {
		all.Go(func() {
			key, err := s.ReportKey(context.Background())
			if err != nil || len(key) != 32 {
				t.Errorf("%d bytes, %v", len(key), err)
			}
			keys[i] = string(key)
		})
	}
	all.Wait()
	if keys[0] != keys[1] || keys[1] != keys[2] {
		t.Error("several keys")
	}
}

// TestReportByMany: of many who ask for the same, one makes the report.
func TestReportByMany(t *testing.T) { onEach(t, testReportByMany) }

func testReportByMany(t *testing.T, b *backend) {
	d := newDesk(t, b)
	it := d.hold("hanako@kaisha.test")
	stores := []*Store{d.Store, b.open(t, Options{Now: d.clock})}
	var made atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, fresh, err := stores[i%2].Report(context.Background(), ReportDraft{Item: it, Kind: ToAbuse, Target: "abuse@one.test", About: "a"})
			if err != nil {
				t.Error(err)
			}
			if fresh {
				made.Add(1)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("%d reports", made.Load())
	}
}
