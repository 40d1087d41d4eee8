package journal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/finding"
	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
)

// TestBroken: a file that is no database is set aside, and the record goes on.
func TestBroken(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(9)
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(d.dir, "journal.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Record(m.Decision(set, nil, 1, noon))
	d.flush()
	if n := len(d.all(journal.Range{})); n != 1 {
		t.Errorf("%d records", n)
	}
	if _, err := os.Stat(path + ".broken"); err != nil {
		t.Error(err)
	}
	if n := d.logs.FilterMessageSnippet("set aside").Len(); n != 1 {
		t.Errorf("told %d times", n)
	}
	d.metric("sekisho_journal_errors_total{open} 1")
}

// TestNoDisk: where nothing can be written the records are dropped and counted, it
// is told once, and the record goes on when the disk does.
func TestNoDisk(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(10)
	if err := os.WriteFile(d.dir, nil, 0o600); err != nil { // where the folder should be
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Run(ctx)
	}()
	for i := range 100 {
		d.Record(m.Decision(set, nil, i, noon))
	}
	cancel()
	<-done
	d.metric("sekisho_journal_dropped_total{error} 100")
	if n := d.logs.FilterMessageSnippet("does not take records").Len(); n != 1 {
		t.Errorf("told %d times", n)
	}
	if err := os.Remove(d.dir); err != nil {
		t.Fatal(err)
	}
	d.Record(m.Decision(set, nil, 1, noon))
	d.flush()
	if n := len(d.all(journal.Range{})); n != 1 {
		t.Errorf("%d records", n)
	}
}

// TestQueue: what does not fit is dropped and counted; one past the limit, too.
func TestQueue(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(11)
	dec := m.Decision(set, nil, 1, noon)
	for range 4096 {
		d.Record(dec)
	}
	d.metric("sekisho_journal_dropped_total{queue} 0")
	d.Record(dec)
	d.metric("sekisho_journal_dropped_total{queue} 1")

	d = open(t, nil)
	// Few large ones fill it, too. One that is larger than all of it goes through.
	big := m.Decision(set, nil, 2, noon)
	big.Facts.Found = []finding.Finding{{Name: finding.Structure, Why: strings.Repeat("x", 12<<20)}}
	for range 4 {
		d.Record(big)
	}
	d.metric("sekisho_journal_dropped_total{queue} 2")
	d.flush()
	big.Facts.Found[0].Why = strings.Repeat("x", 33<<20)
	d.Record(big)
	d.metric("sekisho_journal_dropped_total{queue} 2")
}

// TestNewer: what a newer program wrote is refused, not misread.
func TestNewer(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(12)
	d.Record(m.Decision(set, nil, 1, noon))
	d.flush()
	execute(t, d.dir, "UPDATE decision SET form = 2")
	if _, err := d.all(journal.Range{})[0].Facts(); !errors.Is(err, journal.ErrForm) {
		t.Errorf("facts: %v", err)
	}
	execute(t, d.dir, "UPDATE decision SET form = 1, facts = x'00'")
	if _, err := d.all(journal.Range{})[0].Facts(); err == nil {
		t.Error("facts that are none")
	}
	execute(t, d.dir, "PRAGMA user_version = 99")
	if _, err := journal.Open(t.Context(), d.dir); err == nil || !strings.Contains(err.Error(), "use a newer one") {
		t.Errorf("schema: %v", err)
	}
}

// TestRemoved: who removes the folder under a running daemon begins another one.
func TestRemoved(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(17)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Run(ctx)
	}()
	write := func(n int) {
		d.Record(m.Decision(set, nil, n, noon))
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if strings.Contains(d.metrics(), fmt.Sprintf("sekisho_journal_written_total{} %d\n", n)) {
				return
			}
		}
		t.Fatalf("record %d was not written", n)
	}
	write(1)
	if err := os.RemoveAll(d.dir); err != nil {
		t.Fatal(err)
	}
	write(2)
	cancel()
	<-done
	if got := d.all(journal.Range{}); len(got) != 1 || got[0].Trace != "TRACE00000000002" {
		t.Errorf("%d records", len(got))
	}
}

// TestRelative: a folder may be named from where the program was started.
func TestRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	d, set, m := open(t, func(o *journal.Options) { o.Dir = "var/journal" }), builtIn(t), journaltest.New(16)
	d.dir = "var/journal"
	d.Record(m.Decision(set, nil, 1, noon))
	d.flush()
	if n := len(d.all(journal.Range{})); n != 1 {
		t.Errorf("%d records", n)
	}
}

// TestMetricsLint: names follow the rules.
func TestMetricsLint(t *testing.T) {
	problems, err := testutil.GatherAndLint(open(t, nil).reg)
	if err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

// TestWriteError: a batch that is refused is dropped whole, told once, and the next
// one that is taken ends the trouble.
func TestWriteError(t *testing.T) {
	t.Parallel()
	d, set, m := open(t, nil), builtIn(t), journaltest.New(13)
	d.Record(m.Decision(set, nil, 1, noon))
	d.flush()
	execute(t, d.dir, "CREATE TRIGGER full BEFORE INSERT ON recipient BEGIN SELECT RAISE(ABORT, 'disk full'); END")
	dec := m.Decision(set, nil, 2, noon)
	dec.Policies = "a digest that is rolled back"
	for range 3 {
		d.Record(dec)
		d.flush()
	}
	execute(t, d.dir, "DROP TRIGGER full")
	dec.Trace = "LAST"
	d.Record(dec)
	d.flush()
	if got := d.all(journal.Range{}); len(got) != 2 || got[1].Trace != "LAST" || got[1].Policies != dec.Policies {
		t.Errorf("%d records", len(got))
	}
	d.metric("sekisho_journal_dropped_total{error} 3")
	d.metric("sekisho_journal_errors_total{write} 3")
}
