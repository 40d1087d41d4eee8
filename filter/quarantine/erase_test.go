package quarantine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/quarantine/smtpsink"
)

// kept is an entry whose items are kept for a time.
func kept(keep time.Duration, body string, to ...string) Entry {
	e := entry(body, to...)
	for i := range e.Recipients {
		e.Recipients[i].Keep = keep
	}
	return e
}

func TestExpire(t *testing.T) { onEach(t, testExpire) }

func testExpire(t *testing.T, b *backend) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := b.open(t, Options{Now: func() time.Time { return now }})
	e := kept(time.Hour, "one", "short@a", "long@b", "ever@c")
	e.Recipients[1].Keep, e.Recipients[2].Keep = 2*time.Hour, 0
	shared := stored(t, s, e)
	alone := stored(t, s, kept(time.Hour, "two", "short@a"))
	same := stored(t, s, kept(2*time.Hour, "two", "other@a"))

	step := func(after time.Duration, due []string, want Erasure, files int) {
		t.Helper()
		now = now.Add(after)
		items, err := s.Expired(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, it := range items {
			got = append(got, it.Recipient)
		}
		slices.Sort(got) // of the same moment, and with ids that nobody knows
		if diff := cmp.Diff(due, got); diff != "" {
			t.Errorf("due %s", diff)
		}
		if e, err := s.Expire(t.Context()); err != nil || e != want {
			t.Errorf("%+v, %v, want %+v", e, err, want)
		}
		if got := len(messageFiles(t, s)); got != files {
			t.Errorf("%d files, want %d", got, files)
		}
	}
	own := 0 // another file, where equal messages do not share one
	if s.index.own {
		own = 1
	}
	step(time.Hour-time.Microsecond, nil, Erasure{}, 2+own)
	step(time.Microsecond, []string{"short@a", "short@a"}, Erasure{Items: 2, Messages: own}, 2)
	for id, want := range map[string]error{shared: nil, same: nil, alone: ErrErased, shared + "-2": nil, shared + "-1": ErrErased} {
		if _, err := s.Message(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("message %s: %v, want %v", id, err, want)
		}
	}
	if items, err := s.Show(t.Context(), shared); err != nil || items[0].Recipient != "" || items[0].State != Erased || items[1].Sender == "" {
		t.Errorf("%+v, %v", items, err)
	}
	step(time.Hour, []string{"long@b", "other@a"}, Erasure{Items: 2, Messages: 1}, 1)
	step(1000*time.Hour, nil, Erasure{}, 1)

	if items, err := s.List(t.Context(), Filter{}); err != nil || len(items) != 1 || items[0].Recipient != "ever@c" {
		t.Errorf("%+v, %v", items, err)
	}
	if items, err := s.List(t.Context(), Filter{State: Erased, To: []string{"a"}}); err != nil || len(items) != 3 || items[0].Note != noteExpired {
		t.Errorf("%+v, %v", items, err)
	}
	// After a while nobody is told of them any more, but of what is held.
	step(traceOfErased, nil, Erasure{}, 1)
	if _, err := s.Show(t.Context(), alone); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if items, err := s.Show(t.Context(), shared); err != nil || len(items) != 3 {
		t.Errorf("%+v, %v", items, err)
	}
	if got := testutil.ToFloat64(s.metrics.expired); got != 4 {
		t.Errorf("expired: %v", got)
	}
}

// TestErasedLeavesNoTrace: no address, name or text is left in any file.
func TestErasedLeavesNoTrace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := opened(t, dir, Options{})
	e := entry("secret-body", "secret-recipient@a.example")
	e.Envelope.Sender, e.Envelope.ClientName, e.Envelope.Helo = "secret-sender@b.example", "secret-client", "secret-helo"
	e.Envelope.AuthUser, e.Envelope.QueueID, e.Why = "secret-login", "secret-queue", "secret-why"
	id := stored(t, s, e)
	if _, err := s.Mark(t.Context(), id, KindPhishing, "op"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(everything(t, dir), "secret") {
		t.Fatal("the search is broken")
	}
	if got, err := s.Erase(t.Context(), id+"-1"); err != nil || got != (Erasure{Items: 1, Messages: 1}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if all := everything(t, dir); strings.Contains(all, "secret") {
		t.Errorf("left: %q", all[strings.Index(all, "secret"):][:40])
	}
	if got := testutil.ToFloat64(s.metrics.erased); got != 1 {
		t.Errorf("erased: %v", got)
	}
}

func everything(tb testing.TB, dir string) string {
	tb.Helper()
	var all bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var text []byte
			text, err = os.ReadFile(path)
			all.Write(text)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all.String()
}

func TestEraseDomain(t *testing.T) { onEach(t, testEraseDomain) }

func testEraseDomain(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	const n = maxErase + 3
	for i := range n {
		stored(t, s, entry(fmt.Sprint(i%40), "u@A.example", "u@b.example"))
	}
	if e, err := s.EraseDomain(t.Context(), "a.EXAMPLE"); err != nil || e != (Erasure{Items: n}) {
		t.Errorf("%+v, %v", e, err)
	}
	if items, err := s.List(t.Context(), Filter{Limit: MaxList}); err != nil || len(items) != n {
		t.Errorf("%d items, %v", len(items), err)
	}
	messages := 40
	if s.index.own {
		messages = n // equal messages do not share a file
	}
	if e, err := s.EraseDomain(t.Context(), "b.example"); err != nil || e != (Erasure{Items: n, Messages: messages}) {
		t.Errorf("%+v, %v", e, err)
	}
	if files := messageFiles(t, s); len(files) != 0 {
		t.Errorf("%d files", len(files))
	}
	if _, err := s.Erase(t.Context(), "nothing"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// TestExpireDuringRelease: an item that is being released is not touched, and
// one whose release has not ended stays pending.
func TestExpireDuringRelease(t *testing.T) { onEach(t, testExpireDuringRelease) }

func testExpireDuringRelease(t *testing.T, b *backend) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var later atomic.Int64
	s := b.open(t, Options{Now: func() time.Time { return now.Add(time.Duration(later.Load())) }})
	sink := smtpsink.Start(t)
	id := stored(t, s, kept(time.Hour, "x\r\n", "a@b"))
	sink.Answer(func(verb, _ string) string {
		if verb != "DATA" {
			return map[string]string{".": smtpsink.Hangup}[verb]
		}
		later.Store(int64(2 * time.Hour))
		if e, err := s.Expire(t.Context()); err != nil || e != (Erasure{}) {
			t.Errorf("during the release: %+v, %v", e, err)
		}
		if e, err := s.Erase(t.Context(), id); !errors.Is(err, ErrPending) || e != (Erasure{Pending: 1}) {
			t.Errorf("on request: %+v, %v", e, err)
		}
		return ""
	})
	items, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr})
	if err == nil || items[0].State != Releasing {
		t.Fatalf("%+v, %v", items, err)
	}
	if e, err := s.Expire(t.Context()); err != nil || e != (Erasure{}) {
		t.Errorf("pending: %+v, %v", e, err)
	}
	sink.Answer(nil)
	if items, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr, Again: true}); err != nil || items[0].State != Released {
		t.Fatalf("%+v, %v", items, err)
	}
	if e, err := s.Expire(t.Context()); err != nil || e != (Erasure{Items: 1, Messages: 1}) {
		t.Errorf("released: %+v, %v", e, err)
	}
	if _, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr}); !errors.Is(err, ErrErased) || len(sink.Messages()) != 1 {
		t.Errorf("after all: %v, %d messages", err, len(sink.Messages()))
	}
}

// TestPutDuringErase: however the same messages are stored and erased at the
// same time, no item is ever without its file.
func TestPutDuringErase(t *testing.T) { onEach(t, testPutDuringErase) }

func testPutDuringErase(t *testing.T, b *backend) {
	s, other := b.open(t, Options{}), b.open(t, Options{})
	ctx, stop := context.WithCancel(t.Context())
	var erasing sync.WaitGroup
	erasing.Go(func() {
		for ctx.Err() == nil {
			if _, err := other.EraseDomain(t.Context(), "short.example"); err != nil {
				t.Error(err)
			}
		}
	})
	var putting sync.WaitGroup
	for w := range 4 {
		putting.Go(func() {
			for i := range 40 {
				to := "u@short.example"
				if w == 0 && i%4 == 0 {
					to = "u@long.example"
				}
				id, err := s.Put(t.Context(), entry(fmt.Sprint(i%2), to))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := s.Message(t.Context(), id); err != nil && !errors.Is(err, ErrErased) {
					t.Error(err)
				}
			}
		})
	}
	putting.Wait()
	stop()
	erasing.Wait()
	if _, err := s.EraseDomain(t.Context(), "short.example"); err != nil {
		t.Fatal(err)
	}
	items, err := s.List(t.Context(), Filter{})
	if err != nil || len(items) != 10 {
		t.Errorf("%d items, %v", len(items), err)
	}
	for _, it := range items {
		if err := whole(t.Context(), s, it); err != nil {
			t.Error(err)
		}
	}
	if n := len(messageFiles(t, s)); n > 2 && !s.index.own || n > 10 {
		t.Errorf("%d files", n)
	}
}

// TestLostFile: a message whose equal is erased between its file and its row is
// written once more, and given up when that happens again and again.
func TestLostFile(t *testing.T) {
	t.Parallel()
	s := opened(t, t.TempDir(), Options{})
	lose := 1
	present := s.index.present
	s.index.present = func(sum string) bool {
		if lose > 0 {
			lose--
			if err := s.blobs.shelf.remove(t.Context(), sum); err != nil {
				t.Error(err)
			}
		}
		return present(sum)
	}
	if _, err := s.Message(t.Context(), stored(t, s, entry("x", "a@b"))); err != nil {
		t.Error(err)
	}
	lose = maxTries
	if _, err := s.Put(t.Context(), entry("x", "a@b")); !errors.Is(err, errLost) {
		t.Error(err)
	}
}

// TestEachStepOfErasureMayFail: wherever the disk fails, no item is without its
// file, and the next erasure ends the work.
func TestEachStepOfErasureMayFail(t *testing.T) {
	t.Parallel()
	for n := int64(1); ; n++ {
		left := &atomic.Int64{}
		left.Store(1 << 40)
		dir := t.TempDir()
		s, err := open(dir, Options{}, faulty{left: left, gone: true, err: syscall.EIO})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			stored(t, s, entry(fmt.Sprint(i), "a@b", "c@d"))
		}
		keep := stored(t, s, entry("0", "keep@e"))
		left.Store(n)
		_, err = s.EraseDomain(t.Context(), "b")
		_, err2 := s.EraseDomain(t.Context(), "d")
		failed := left.Load() <= 0
		if err = errors.Join(err, err2); failed != errors.Is(err, syscall.EIO) {
			t.Fatalf("step %d: %v", n, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = opened(t, dir, Options{})
		if _, err := s.Message(t.Context(), keep); err != nil {
			t.Errorf("step %d: %v", n, err)
		}
		if _, err := s.Expire(t.Context()); err != nil {
			t.Errorf("step %d: %v", n, err)
		}
		if files := messageFiles(t, s); len(files) != 1 {
			t.Errorf("step %d: %d files", n, len(files))
		}
		if !failed {
			break
		}
	}
}
