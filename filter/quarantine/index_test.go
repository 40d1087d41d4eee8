package quarantine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
)

func TestMigrations(t *testing.T) { onEach(t, testMigrations) }

func testMigrations(t *testing.T, b *backend) {
	x := b.open(t, Options{}).index
	known, err := x.kind.steps()
	if err != nil {
		t.Fatal(err)
	}
	more, err := migrations(fstest.MapFS{
		"schema/0901.sql": {Data: []byte("CREATE TABLE two (a TEXT)")},
		"schema/0902.sql": {Data: []byte("INSERT INTO two VALUES ('x')")},
		"schema/note.txt": {Data: []byte("not a step")},
	}, "schema/*.sql")
	if err != nil || len(more) != 2 {
		t.Fatalf("%d steps, %v", len(more), err)
	}
	// A step that fails leaves the schema as it was.
	broken := append(append(known, more...), "CREATE TABLE two (a TEXT)")
	if err := x.migrate(t.Context(), broken); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("schema step %d", len(broken))) {
		t.Errorf("broken step: %v", err)
	}
	var n int
	if err := x.read.QueryRow("SELECT count(*) FROM two").Scan(&n); err == nil {
		t.Errorf("after the broken step: %d", n)
	}
	for range 2 { // the second time there is nothing to do
		if err := x.migrate(t.Context(), append(known, more...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.read.QueryRow("SELECT count(*) FROM two").Scan(&n); err != nil || n != 1 {
		t.Errorf("after two runs: %d rows, %v", n, err)
	}
	if err := x.migrate(t.Context(), known); err == nil || !strings.Contains(err.Error(), "use a newer one") {
		t.Errorf("older program: %v", err)
	}
}

// TestSchemasAlike: both databases have the same tables with the same columns, in
// the same order.
func TestSchemasAlike(t *testing.T) {
	t.Parallel()
	columns := func(s *Store, query string) (all []string) {
		found, err := s.index.reading().query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		for found.Next() {
			var c string
			if err := found.Scan(&c); err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
		return all
	}
	shared := newBackend(t, "postgres and files").open(t, Options{})
	alone := newBackend(t, "sqlite and files").open(t, Options{})
	if diff := cmp.Diff(
		columns(alone, "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid"),
		columns(shared, `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name <> 'schema_version' ORDER BY table_name COLLATE "C", ordinal_position`)); diff != "" {
		t.Error(diff)
	}
}

// TestOldDatabase: a store of the first schema is brought up to date and loses
// nothing; its items are kept for ever and are the admin's to release.
func TestOldDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := hashOf(entry("old", "a@b").Header, []byte("old"))
	if err = errors.Join(err, s.blobs.put(t.Context(), sum, entry("old", "a@b").Header, []byte("old"))); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index.db", "index.db-wal", "index.db-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	first, err := schema.ReadFile("schema/0001.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		string(first), "PRAGMA user_version = 1",
		"INSERT INTO entry VALUES ('old', '" + sum + "', " + strconv.Itoa(len(header)+3) + `, 5, 0, 's@x', '["SMTPUTF8"]', '', '', '', '', '', 't', 'rakuten', 'why')`,
		"INSERT INTO item VALUES ('old-1', 'old', 'A@B', 'b', 'default', 'quarantine', 'lure', 'held', 5, 6, '')",
		"INSERT INTO item VALUES ('old-2', 'old', 'c@d', 'd', 'default', 'reject', 'lure', 'released', 5, 7, 'n')",
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%v in %s", err, q)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s = opened(t, dir, Options{})
	items, err := s.Show(t.Context(), "old")
	if err != nil || len(items) != 2 {
		t.Fatalf("%v, %v", items, err)
	}
	want := Item{
		ID: "old-1", Entry: "old", State: Held, Recipient: "A@B", Policy: "default", Verdict: "quarantine", Cause: "lure",
		Stored: time.UnixMicro(5).UTC(), Changed: time.UnixMicro(6).UTC(), Trace: "t", Brand: "rakuten", Why: "why", Sender: "s@x",
		SenderArgs: []string{"SMTPUTF8"}, Size: int64(len(header) + 3), SHA256: sum, Release: []Role{}, Findings: []string{},
	}
	if diff := cmp.Diff(want, items[0]); diff != "" {
		t.Error(diff)
	}
	if items[1].State != Released || items[1].Note != "n" {
		t.Errorf("%+v", items[1])
	}
	if e, err := s.Expire(t.Context()); err != nil || e != (Erasure{}) {
		t.Errorf("%+v, %v", e, err)
	}
	if message, err := s.Message(t.Context(), "old"); err != nil || string(message) != header+"old" {
		t.Errorf("%q, %v", message, err)
	}
	if !items[0].lets(Admin) || items[0].lets(ToRecipient) {
		t.Error("roles of an old item")
	}
	if e, err := s.Erase(t.Context(), "old"); err != nil || e != (Erasure{Items: 2, Messages: 1}) {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestIndexIsDurableAndChecked(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "a folder? with #signs%"), Options{})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "user_version": "7", "secure_delete": "1"} {
		var got string
		if err := s.index.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v", pragma, got, err)
		}
	}
}

// TestWithdraw: what is given up while it waits is not committed later.
func TestWithdraw(t *testing.T) { onEach(t, testWithdraw) }

func testWithdraw(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	s.index.turn <- struct{}{} // someone is committing
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := s.Put(ctx, entry("x", "a@b"))
		result <- err
	}()
	for waiting := 0; waiting == 0; time.Sleep(time.Millisecond) {
		s.index.mu.Lock()
		waiting = len(s.index.pending)
		s.index.mu.Unlock()
	}
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-s.index.turn
	if _, err := s.Put(t.Context(), entry("y", "c@d")); err != nil {
		t.Fatal(err)
	}
	if items, err := s.List(t.Context(), Filter{}); err != nil || len(items) != 1 || items[0].Recipient != "c@d" {
		t.Errorf("%v, %v", items, err)
	}
}

// TestMoreThanABatch: entries beyond one transaction's worth are all committed.
func TestMoreThanABatch(t *testing.T) { onEach(t, testMoreThanABatch) }

func testMoreThanABatch(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	s.index.turn <- struct{}{}
	const n = maxBatch + 1
	results := make(chan error, n)
	for range n {
		go func() {
			_, err := s.Put(t.Context(), entry("x", "a@b"))
			results <- err
		}()
	}
	for waiting := 0; waiting < n; time.Sleep(time.Millisecond) {
		s.index.mu.Lock()
		waiting = len(s.index.pending)
		s.index.mu.Unlock()
	}
	<-s.index.turn
	for range n {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if items, err := s.List(t.Context(), Filter{Limit: 2 * n}); err != nil || len(items) != n {
		t.Errorf("%d items, %v", len(items), err)
	}
}

func TestFullDatabase(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	var pages int
	if err := s.index.write.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.index.write.Exec("PRAGMA max_page_count = 24"); err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	for {
		id, err := s.Put(t.Context(), entry("x", "a@b", "c@d"))
		if err != nil {
			if !strings.Contains(err.Error(), "full") {
				t.Errorf("not the error that was meant: %v", err)
			}
			break
		}
		if stored[id] = true; len(stored) > 10_000 {
			t.Fatal("the database never fills")
		}
	}
	// All that was said to be stored is there, with both items, and no more.
	items, err := s.List(t.Context(), Filter{Limit: MaxList})
	if err != nil || len(items) != 2*len(stored) {
		t.Errorf("%d items of %d entries, %v", len(items), len(stored), err)
	}
	// With room again it goes on.
	if _, err := s.index.write.Exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), entry("x", "a@b")); err != nil {
		t.Error(err)
	}
}

func TestDomain(t *testing.T) {
	for address, want := range map[string]string{`"a@b"@Example.JP`: "example.jp", "postmaster": "postmaster", "": "", "a@": "", "用@例.JP": "xn--fsq.jp"} {
		if got := domain(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 8} {
		for _, kind := range []string{"sqlite and files", "sqlite and sealed files", "postgres and files", "postgres and objects"} {
			b.Run(map[int]string{1: "one/", 8: "eight/"}[writers]+kind, func(b *testing.B) { benchmarkPut(b, kind, writers) })
		}
	}
}

func benchmarkPut(b *testing.B, kind string, writers int) {
	where := newBackend(b, kind)
	if d := os.Getenv("QUARANTINE_BENCH_DIR"); d != "" {
		where.dir = filepath.Join(d, b.Name())
	}
	s := where.open(b, Options{})
	var body strings.Builder
	for i := 0; body.Len() < 41<<10; i++ {
		body.WriteString(time.Duration(i*i*7919).String() + " line of a body\r\n")
	}
	work := make(chan int)
	done := make(chan error)
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	b.ResetTimer()
	for range writers {
		go func() {
			var failed error
			for i := range work {
				e := entry(body.String(), "a@b")
				e.Header = append(e.Header, mail.Field{Name: "N", Raw: []byte("N: " + time.Duration(i).String() + "\r\n")})
				if _, err := s.Put(context.Background(), e); err != nil {
					failed = err
				}
			}
			done <- failed
		}()
	}
	for i := range b.N {
		work <- i
	}
	close(work)
	for range writers {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
}
