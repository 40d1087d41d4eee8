package quarantine

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/quarantine/smtpsink"
)

// TestCensus: what another process releases is seen, and a store that cannot be
// counted takes no other metric away.
func TestCensus(t *testing.T) { onEach(t, testCensus) }

func testCensus(t *testing.T, b *backend) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := func() time.Time { return now }
	reg := prometheus.NewPedanticRegistry()
	s, other := b.open(t, Options{Registerer: reg, Now: clock}), b.open(t, Options{Now: clock})
	want := func(held, released, age string) {
		t.Helper()
		text := `
# HELP sekisho_quarantine_items Items in the quarantine by state: held, releasing (a release did not finish), released; those released go down as they are erased.
# TYPE sekisho_quarantine_items gauge
sekisho_quarantine_items{state="held"} ` + held + `
sekisho_quarantine_items{state="released"} ` + released + `
sekisho_quarantine_items{state="releasing"} 0
# HELP sekisho_quarantine_oldest_held_seconds Age of the oldest item that is held; 0 when there is none.
# TYPE sekisho_quarantine_oldest_held_seconds gauge
sekisho_quarantine_oldest_held_seconds ` + age + "\n"
		if err := testutil.GatherAndCompare(reg, strings.NewReader(text), "sekisho_quarantine_items", "sekisho_quarantine_oldest_held_seconds"); err != nil {
			t.Error(err)
		}
	}
	size := func() (n float64) {
		t.Helper()
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "sekisho_quarantine_bytes" {
				n = f.Metric[0].GetGauge().GetValue()
			}
		}
		return n
	}
	want("0", "0", "0")
	first := stored(t, s, entry("one", "a@example.jp"))
	now = now.Add(time.Hour)
	second := stored(t, s, entry("two", "a@example.jp", "b@example.jp"))
	now = now.Add(time.Minute)
	want("3", "0", "3660")
	sum := 0.0
	for _, id := range []string{first, second} {
		items, err := s.Show(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		sum += float64(items[0].Size)
	}
	if got := size(); got != sum || sum == 0 {
		t.Errorf("%v bytes, not %v", got, sum)
	}
	if _, err := s.Erase(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if got := size(); got != sum {
		t.Errorf("%v bytes: they were added up at once", got)
	}
	now = now.Add(5 * time.Minute)
	if got := size(); got <= 0 || got >= sum {
		t.Errorf("%v bytes of %v are left", got, sum)
	}
	if _, err := other.Release(t.Context(), first, ReleaseOptions{Addr: smtpsink.Start(t).Addr}); err != nil {
		t.Fatal(err)
	}
	want("0", "1", "0")

	if s.index.own {
		if _, err := s.index.write.Exec("DROP TABLE item"); err != nil {
			t.Fatal(err)
		}
	} else {
		if err := os.Truncate(b.dir+"/index.db", 0); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(b.dir + "/index.db-wal")
	}
	if _, err := reg.Gather(); err != nil {
		t.Errorf("metrics of a broken store: %v", err)
	}
}
