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

	"sekisho/filter/mail"
	"sekisho/filter/stamp"
)

func TestReportLimits(t *testing.T) { onEach(t, testReportLimits) }

// testReportLimits: of many that may leave, and many gates that send them, no more
// leave in a day than the limits say, at the limit and not one past it.
func testReportLimits(t *testing.T, b *backend) {
	d := newDesk(t, b)
	it := d.hold("hanako@kaisha.test")
	for i := range 9 {
		d.approved(it, "abuse@one.test", fmt.Sprint(i))
	}
	for i := range 15 {
		d.approved(it, fmt.Sprintf("abuse@n%d.test", i), "a")
	}
	d.limit = ReportLimits{Target: 3, All: 7}
	others := []*Store{d.Store, b.open(t, Options{Now: d.clock}), b.open(t, Options{Now: d.clock})}
	day := func() (sent int32) {
		var n atomic.Int32
		var all sync.WaitGroup
		for _, s := range others {
			all.Go(func() {
				for {
					r, some, err := s.SendReport(context.Background(), d.limit, "gate@kaisha.test", d.o, &d.clerk)
					if err != nil {
						t.Error(err)
					}
					if !some {
						return
					}
					if r.State == Sent {
						n.Add(1)
					}
				}
			})
		}
		all.Wait()
		return n.Load()
	}
	if n := day(); n != 7 {
		t.Errorf("%d left on the first day", n)
	}
	d.later(reportDay - time.Second)
	if n := day(); n != 0 {
		t.Errorf("%d left before the day was over", n)
	}
	d.later(2 * time.Second)
	if n := day(); n != 7 {
		t.Errorf("%d left on the second day", n)
	}
	to := map[string]int{}
	for _, m := range d.sink.Messages() {
		to[m.Recipients[0]]++
	}
	if to["abuse@one.test"] > 6 || len(d.sink.Messages()) != 14 {
		t.Errorf("%v", to)
	}
}

func TestReportRefusedAgain(t *testing.T) { onEach(t, testReportRefusedAgain) }

// testReportRefusedAgain: what was refused waits for a person, who may have mended what
// refused it, and not for the clock.
func testReportRefusedAgain(t *testing.T, b *backend) {
	d := newDesk(t, b)
	r := d.approved(d.hold("hanako@kaisha.test"), "abuse@one.test", "a")
	d.sink.Answer(func(verb, _ string) string {
		if verb == "RCPT" {
			return "554 5.7.1 relay access denied"
		}
		return ""
	})
	if now, _, err := d.send(); err == nil || now.State != Refused {
		t.Errorf("%+v %v", now, err)
	}
	d.sink.Answer(nil)
	d.later(48 * time.Hour)
	if _, some, _ := d.send(); some {
		t.Error("sent again by itself")
	}
	if now, err := d.ApproveReport(t.Context(), r.ID, "s", "", "taro"); err != nil || now.State != Approved || now.Note != "" {
		t.Errorf("%+v %v", now, err)
	}
	if now, some, err := d.send(); !some || err != nil || now.State != Sent {
		t.Errorf("%+v %v %v", now, some, err)
	}
}

func TestReportCrash(t *testing.T) { onEach(t, testReportCrash) }

// testReportCrash: a gate that stops while it sends leaves a report of which the stamp
// tells whether our filter let it pass. Without one it counts as sent.
func testReportCrash(t *testing.T, b *backend) {
	d := newDesk(t, b)
	key, err := stamp.Open(t.TempDir() + "/key")
	if err != nil {
		t.Fatal(err)
	}
	it := d.hold("hanako@kaisha.test")
	for i, c := range []struct {
		name           string
		stamped, asked bool
		want           ReportState
		then           bool // it is sent after that
	}{
		{"before our filter was asked", true, false, Approved, true},
		{"after it was asked", true, true, Sent, false},
		{"without a stamp", false, false, Sent, false},
	} {
		o := d.o
		if c.stamped {
			o.Key = key
		}
		r := d.approved(it, "abuse@one.test", fmt.Sprint(i))
		// The gate ends here: what was written down is all there is.
		a := d.newAttempt(o)
		if _, ok, err := d.nextReport(t.Context(), d.limit, a); err != nil || !ok {
			t.Fatalf("%s: %v", c.name, err)
		}
		mark := stamp.Stamp{Kind: stamp.Report, Item: r.ID, Nonce: a.nonce, Expires: a.expires}
		if c.asked {
			for n, want := range []bool{true, false} {
				if ok, err := d.Redeem(t.Context(), mark); err != nil || ok != want {
					t.Errorf("%s: time %d: %v %v", c.name, n, ok, err)
				}
			}
		}
		if _, err := d.DropReport(t.Context(), r.ID, "taro"); !errors.Is(err, ErrReportMoved) {
			t.Errorf("%s: dropped while it is sent: %v", c.name, err)
		}
		if _, some, err := d.send(); some || err != nil {
			t.Errorf("%s: sent while it may be: %v", c.name, err)
		}
		d.later(10 * time.Minute)
		if err := d.settleReports(t.Context()); err != nil {
			t.Error(err)
		}
		if now, err := d.ReportOf(t.Context(), r.ID); err != nil || now.State != c.want || (now.Note == "") != c.asked {
			t.Errorf("%s: %+v %v", c.name, now, err)
		}
		if ok, err := d.Redeem(t.Context(), mark); ok || err != nil {
			t.Errorf("%s: an old stamp is good: %v", c.name, err)
		}
		d.later(time.Hour)
		if _, some, err := d.send(); some != c.then || err != nil {
			t.Errorf("%s: then: %v %v", c.name, some, err)
		}
	}
}

// TestReportStamp: a report passes our own filter by its stamp, to its target alone; one
// that the server took without asking is told.
func TestReportStamp(t *testing.T) { onEach(t, testReportStamp) }

func testReportStamp(t *testing.T, b *backend) {
	d := newDesk(t, b)
	key, err := stamp.Open(t.TempDir() + "/key")
	if err != nil {
		t.Fatal(err)
	}
	d.o.Key = key
	it := d.hold("hanako@kaisha.test")
	d.approved(it, "abuse@one.test", "a")
	d.sink.Answer(func(verb, arg string) string {
		if verb != "." {
			return ""
		}
		h, body, err := mail.ReadFile(strings.NewReader(arg))
		if err != nil {
			return "451 4.0.0 " + err.Error()
		}
		if _, err := key.Check([]string{"abuse@other.test"}, h, body, d.clock()); !errors.Is(err, stamp.ErrForged) {
			t.Errorf("for another: %v", err)
		}
		s, err := key.Check([]string{"abuse@one.test"}, h, body, d.clock())
		if err != nil || s.Kind != stamp.Report {
			t.Errorf("%+v %v", s, err)
		}
		if ok, err := d.Redeem(context.Background(), s); !ok || err != nil {
			t.Errorf("%v %v", ok, err)
		}
		return ""
	})
	if r, some, err := d.send(); !some || err != nil || r.State != Sent || r.Note != "" {
		t.Errorf("%+v %v %v", r, some, err)
	}
	d.sink.Answer(nil)
	d.approved(it, "abuse@one.test", "b")
	if r, some, err := d.send(); !some || !errors.Is(err, ErrUnproved) || r.State != Sent || r.Note == "" {
		t.Errorf("not asked: %+v %v %v", r, some, err)
	}
}
