package quarantine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/mail"
)

// entry is a message with a body of its own.
func entry(body string, to ...string) Entry {
	e := Entry{
		Envelope: mail.Envelope{
			QueueID: "4AbCdE", Client: netip.MustParseAddr("192.0.2.1"), ClientName: "mail.example.com", Helo: "helo.example.com",
			Sender: "a@example.com", SenderArgs: []string{"BODY=8BITMIME"}, Received: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		Header: mail.Header{
			{Name: "From", Raw: []byte("From: \"\x1b$B3ZE7\x1b(B\" <a@example.com>\r\n")},
			{Name: "Subject", Raw: []byte("Subject:  folded\r\n\tsubject\r\n")},
		},
		Body: []byte(body), Trace: "trace-1", Brand: "rakuten", Why: "claims rakuten, proved example.com",
	}
	for _, a := range to {
		e.Recipients = append(e.Recipients, Recipient{Address: a, Policy: "example.jp", Verdict: "quarantine", Cause: "impersonation"})
	}
	return e
}

const header = "From: \"\x1b$B3ZE7\x1b(B\" <a@example.com>\r\nSubject:  folded\r\n\tsubject\r\n\r\n"

func opened(tb testing.TB, dir string, o Options) *Store {
	tb.Helper()
	s, err := Open(dir, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func TestPutAndShow(t *testing.T) { onEach(t, testPutAndShow) }

func testPutAndShow(t *testing.T, b *backend) {
	reg := prometheus.NewRegistry()
	now := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	s := b.open(t, Options{Registerer: reg, Now: func() time.Time { return now }})
	e := entry("body\r\n", "one@Example.JP", "two@example.org")
	e.Recipients[0].Findings = []string{"impersonation", "lure"}
	e.Recipients[0].Keep, e.Recipients[0].Release = 48*time.Hour, []Role{DomainAdmin, ToRecipient}
	id, err := s.Put(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	items, err := s.Show(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := Item{
		ID: id + "-1", Entry: id, State: Held, Recipient: "one@Example.JP", Policy: "example.jp", Verdict: "quarantine", Cause: "impersonation",
		Stored: now, Changed: now, Trace: "trace-1", Brand: "rakuten", Why: "claims rakuten, proved example.com",
		Sender: "a@example.com", SenderArgs: []string{"BODY=8BITMIME"}, Client: "192.0.2.1", ClientName: "mail.example.com",
		Helo: "helo.example.com", QueueID: "4AbCdE", Received: now.Add(-time.Second), Size: int64(len(header) + len("body\r\n")), SHA256: items[0].SHA256,
		Expires: now.Add(48 * time.Hour), Release: []Role{DomainAdmin, ToRecipient}, Findings: []string{"impersonation", "lure"},
	}
	second := want
	second.Expires, second.Release, second.Findings = time.Time{}, []Role{}, []string{}
	second.ID, second.Recipient = id+"-2", "two@example.org"
	if diff := cmp.Diff([]Item{want, second}, items); diff != "" {
		t.Error(diff)
	}
	one, err := s.Show(t.Context(), id+"-2")
	if err != nil || len(one) != 1 || one[0].ID != id+"-2" {
		t.Errorf("item: %v, %v", one, err)
	}
	for _, id := range []string{id, id + "-1"} {
		message, err := s.Message(t.Context(), id)
		if err != nil || string(message) != header+"body\r\n" {
			t.Errorf("message %q, %v", message, err)
		}
	}
	if _, err := s.Message(t.Context(), "nothing"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such item: %v", err)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("metrics: %v, %v", problems, err)
	}
	if got := testutil.ToFloat64(s.metrics.stored); got != 2 {
		t.Errorf("stored: %v", got)
	}
}

func TestListFilters(t *testing.T) { onEach(t, testListFilters) }

func testListFilters(t *testing.T, b *backend) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := b.open(t, Options{Now: func() time.Time { return now }})
	for i := range 5 {
		now = now.Add(time.Hour)
		if _, err := s.Put(t.Context(), entry(fmt.Sprint(i), fmt.Sprintf("u%d@a.example", i), "u@B.example")); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		f    Filter
		want []string // recipients
	}{
		"domain, newest first": {Filter{To: []string{"A.example"}}, []string{"u4@a.example", "u3@a.example", "u2@a.example", "u1@a.example", "u0@a.example"}},
		"limit":                {Filter{To: []string{"a.example"}, Limit: 2}, []string{"u4@a.example", "u3@a.example"}},
		"since":                {Filter{To: []string{"a.example"}, Since: now.Add(-time.Hour)}, []string{"u4@a.example", "u3@a.example"}},
		"state":                {Filter{State: Released}, nil},
		"all":                  {Filter{Limit: 3}, []string{"u@B.example", "u4@a.example", "u@B.example"}},
		"no such domain":       {Filter{To: []string{"' OR 1=1 --"}}, nil},
	} {
		items, err := s.List(t.Context(), tc.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, it := range items {
			got = append(got, it.Recipient)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestReopenAndShare(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "quarantine")
	if _, err := Open(dir, Options{Existing: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a store that is not there: %v", err)
	}
	first, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := first.Put(t.Context(), entry("x", "a@b"))
	if err != nil {
		t.Fatal(err)
	}
	// What one process is writing must survive that another opens the store.
	writing := filepath.Join(dir, "tmp", "writing")
	if err := os.WriteFile(writing, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := Open(dir, Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Message(t.Context(), id); err != nil {
		t.Error(err)
	}
	if _, err := second.Put(t.Context(), entry("y", "a@b")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(writing); err != nil {
		t.Error("a file in use was removed")
	}
	if err := errors.Join(second.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	third := opened(t, dir, Options{})
	if _, err := os.Stat(writing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a crash left is still there: %v", err)
	}
	if items, err := third.List(t.Context(), Filter{}); err != nil || len(items) != 2 {
		t.Errorf("%d items, %v", len(items), err)
	}
}

func TestParallelPut(t *testing.T) { onEach(t, testParallelPut) }

func testParallelPut(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	var wg sync.WaitGroup
	var ids sync.Map
	for w := range 16 {
		wg.Go(func() {
			for i := range 8 {
				body := fmt.Sprint(w*8 + i/2) // each message twice, perhaps at once
				id, err := s.Put(t.Context(), entry(body, "a@b", "c@d"))
				if err != nil {
					t.Error(err)
					return
				}
				ids.Store(id, body)
			}
		})
	}
	wg.Wait()
	n := 0
	ids.Range(func(id, body any) bool {
		n++
		message, err := s.Message(t.Context(), id.(string))
		if err != nil || string(message) != header+body.(string) {
			t.Errorf("%v: %q, %v", id, message, err)
		}
		return true
	})
	if n != 128 {
		t.Errorf("%d entries", n)
	}
}

func TestPutRefuses(t *testing.T) { onEach(t, testPutRefuses) }

func testPutRefuses(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	if _, err := s.Put(t.Context(), entry("x")); err == nil {
		t.Error("an entry without recipients was stored")
	}
	if _, err := s.Put(t.Context(), entry("x", make([]string, MaxRecipients+1)...)); err == nil {
		t.Error("an entry with too many recipients was stored")
	}
	s.most = 2*maxRows + 1 // more than one statement takes, and fewer than a test has the time for
	if _, err := s.Put(t.Context(), entry("x", make([]string, s.most)...)); err != nil {
		t.Error(err)
	}
	if _, err := s.Put(t.Context(), entry("x", make([]string, s.most+1)...)); err == nil {
		t.Error("an entry with one recipient too many was stored")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, entry("x", "a@b")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := testutil.ToFloat64(s.metrics.errors.WithLabelValues("put")); got != 4 {
		t.Errorf("errors counted: %v", got)
	}
}

func TestMessageSizeLimit(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	e := entry("", "a@b")
	over := make([]byte, MaxMessage-len(header)+1)
	e.Body = over
	if _, err := s.Put(t.Context(), e); !errors.Is(err, ErrTooLarge) {
		t.Errorf("one byte past: %v", err)
	}
	if testing.Short() {
		t.Skip("a quarter of a gigabyte")
	}
	e.Body = over[1:]
	id, err := s.Put(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if message, err := s.Message(t.Context(), id); err != nil || len(message) != MaxMessage {
		t.Errorf("%d bytes, %v", len(message), err)
	}
}

func TestDamageIsSeen(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	big := strings.Repeat("compressible ", 1000)
	for name, damage := range map[string]func(path string) error{
		"missing":   os.Remove,
		"empty":     func(p string) error { return os.Truncate(p, 0) },
		"cut":       func(p string) error { return os.Truncate(p, 40) },
		"no zstd":   func(p string) error { return os.WriteFile(p, []byte("plain"), 0o600) },
		"other":     func(p string) error { return copyBlob(s, p, entry("other", "a@b")) },
		"longer":    func(p string) error { return copyBlob(s, p, entry(big+big, "a@b")) },
		"bit flips": flipBits,
	} {
		t.Run(name, func(t *testing.T) {
			e := entry(big+name, "a@b")
			id, err := s.Put(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			items, err := s.Show(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(pathOf(s, items[0].SHA256)); err != nil {
				t.Fatal(err)
			}
			if message, err := s.Message(t.Context(), id); !errors.Is(err, ErrCorrupt) || message != nil {
				t.Errorf("%d bytes, %v", len(message), err)
			}
			// The same message, put again, mends it.
			if _, err := s.Put(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			if message, err := s.Message(t.Context(), id); err != nil || !bytes.HasSuffix(message, e.Body) {
				t.Errorf("after mending: %d bytes, %v", len(message), err)
			}
		})
	}
}

// pathOf is the file of a name in a store of files.
func pathOf(s *Store, name string) string { return s.blobs.shelf.(*folder).path(name) }

func copyBlob(s *Store, path string, e Entry) error {
	sum, err := hashOf(e.Header, e.Body)
	if err != nil {
		return err
	}
	if err := s.blobs.put(context.Background(), sum, e.Header, e.Body); err != nil {
		return err
	}
	b, err := os.ReadFile(pathOf(s, sum))
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

func flipBits(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i := 20; i < len(b); i += 10 {
		b[i] ^= 0x10
	}
	return os.WriteFile(path, b, 0o600)
}

// TestModes: what is held is other people's mail.
func TestModes(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range []string{"index.db", "index.db-wal", "index.db-shm"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", name, mode)
		}
	}
}
