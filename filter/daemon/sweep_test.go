package daemon

import (
	"context"
	"testing"
	"time"

	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
)

// TestSweep: what is past its time goes, the rest stays, and a sweep that fails
// is not the last.
func TestSweep(t *testing.T) {
	h := start(t, "")
	for _, keep := range []time.Duration{time.Nanosecond, time.Hour, 0} {
		_, err := h.store.Put(t.Context(), quarantine.Entry{
			Header:     mail.Header{{Name: "Subject", Raw: []byte("Subject: " + keep.String() + "\r\n")}},
			Recipients: []quarantine.Recipient{{Address: "hanako@kaisha.test", Keep: keep}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	sweeps := make(chan int)
	stopped := h.again(ctx, inSweeper, func(n int) time.Duration {
		select {
		case sweeps <- n:
		case <-ctx.Done():
		}
		return 0
	}, h.sweep)
	for want := range 3 {
		if n := <-sweeps; n != want {
			t.Errorf("sweep %d, want %d", n, want)
		}
	}
	cancel()
	<-stopped
	items, err := h.store.List(t.Context(), quarantine.Filter{})
	if err != nil || len(items) != 2 {
		t.Errorf("%d items, %v", len(items), err)
	}
	if !h.metric("sekisho_quarantine_expired_total", 1) {
		t.Error("not counted")
	}
	if logs := h.logs.FilterMessage("quarantine swept").All(); len(logs) != 1 || logs[0].ContextMap()["items"] != int64(1) {
		t.Errorf("%v", logs)
	}
}

func TestSweepPause(t *testing.T) {
	for range 1000 {
		if p := sweepPause(0); p < 0 || p > firstSweep {
			t.Fatal(p)
		}
		if p := sweepPause(7); p < sweepEvery-sweepJitter || p > sweepEvery+sweepJitter {
			t.Fatal(p)
		}
	}
}
