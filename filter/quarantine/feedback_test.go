package quarantine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/quarantine/smtpsink"
)

// found is an entry for which findings counted, under a policy for each recipient.
func found(findings []string, to ...string) Entry {
	e := entry("x\r\n", to...)
	for i := range e.Recipients {
		e.Recipients[i].Findings, e.Recipients[i].Policy = findings, domain(to[i])
	}
	return e
}

func TestFeedback(t *testing.T) { onEach(t, testFeedback) }

func testFeedback(t *testing.T, b *backend) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := b.open(t, Options{Now: func() time.Time { return now }})
	sink := smtpsink.Start(t)
	both := stored(t, s, found([]string{"lure", "impersonation", "lure"}, "u@a", "u@b"))
	one := stored(t, s, found([]string{"lure"}, "v@a"))
	none := stored(t, s, found(nil, "w@a"))

	for range 2 { // the second time changes nothing
		if _, err := s.Release(t.Context(), both+"-1", ReleaseOptions{Addr: sink.Addr, By: "hanako"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Release(t.Context(), none, ReleaseOptions{Addr: sink.Addr}); err != nil {
			t.Fatal(err)
		}
		items, err := s.Mark(t.Context(), both, KindNotPhishing, "taro")
		if err != nil || len(items) != 2 {
			t.Fatalf("%v, %v", items, err)
		}
		now = now.Add(time.Hour)
	}
	begin := now
	if _, err := s.Mark(t.Context(), one, KindNotPhishing, "taro"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Second)
	if _, err := s.Mark(t.Context(), one, KindPhishing, "jiro"); err != nil { // takes it back
		t.Fatal(err)
	}
	want := []FeedbackCount{
		{"impersonation", "a", KindNotPhishing, 1}, {"impersonation", "a", KindReleased, 1}, {"impersonation", "b", KindNotPhishing, 1},
		{"lure", "a", KindNotPhishing, 1}, {"lure", "a", KindPhishing, 1}, {"lure", "a", KindReleased, 1}, {"lure", "b", KindNotPhishing, 1},
	}
	check := func(since time.Time, want []FeedbackCount) {
		t.Helper()
		got, err := s.Feedback(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	at0, day0 := begin.Add(-2*time.Hour), 24*time.Hour
	check(time.Time{}, want)
	check(at0, want)
	check(at0.Add(3*time.Microsecond), []FeedbackCount{{"lure", "a", KindPhishing, 1}})
	check(at0.Add(-day0), want)
	check(begin, []FeedbackCount{{"lure", "a", KindPhishing, 1}})
	check(now.Add(time.Microsecond), nil)

	items, err := s.Show(t.Context(), both)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Feedback{{KindNotPhishing, at0, "taro"}, {KindReleased, at0.Add(2 * time.Microsecond), "hanako"}}, items[0].Feedback); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Feedback{{KindNotPhishing, at0, "taro"}}, items[1].Feedback); diff != "" {
		t.Error(diff)
	}

	// What people said outlives what they said it about.
	for _, domain := range []string{"a", "b"} {
		if _, err := s.EraseDomain(t.Context(), domain); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(2 * traceOfErased)
	if _, err := s.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mark(t.Context(), both, KindPhishing, "x"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	check(time.Time{}, want)

	var table strings.Builder
	if err := WriteFeedback(&table, want); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(table.String()), " "); got !=
		"FINDING POLICY RELEASED NOT PHISHING PHISHING impersonation a 1 1 0 impersonation b 0 1 0 lure a 1 1 1 lure b 0 1 0" {
		t.Error(got)
	}
}

func TestMarkRefuses(t *testing.T) { onEach(t, testMarkRefuses) }

func testMarkRefuses(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	id := stored(t, s, entry("x", "a@b"))
	for _, kind := range []Kind{KindReleased, "", "nonsense"} {
		if _, err := s.Mark(t.Context(), id, kind, "x"); err == nil {
			t.Errorf("%q was taken for a mark", kind)
		}
	}
	if _, err := s.Mark(t.Context(), "nothing", KindPhishing, "x"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// TestReleaseRefusedIsNoFeedback: only what was delivered counts.
func TestReleaseRefusedIsNoFeedback(t *testing.T) { onEach(t, testReleaseRefusedIsNoFeedback) }

func testReleaseRefusedIsNoFeedback(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	sink.Answer(func(verb, _ string) string { return map[string]string{"RCPT": "550 no"}[verb] })
	id := stored(t, s, found([]string{"lure"}, "a@b"))
	if _, err := s.Release(t.Context(), id, ReleaseOptions{Addr: sink.Addr}); err == nil {
		t.Fatal("released")
	}
	if got, err := s.Feedback(t.Context(), time.Time{}); err != nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestReleaseByRole(t *testing.T) { onEach(t, testReleaseByRole) }

func testReleaseByRole(t *testing.T, b *backend) {
	s, sink := b.open(t, Options{}), smtpsink.Start(t)
	for _, tc := range []struct {
		may []Role
		as  Role
		ok  bool
	}{
		{nil, "", true}, {nil, Admin, true}, {nil, DomainAdmin, false}, {nil, ToRecipient, false},
		{[]Role{Admin, DomainAdmin}, "", true}, {[]Role{Admin, DomainAdmin}, DomainAdmin, true}, {[]Role{Admin, DomainAdmin}, ToRecipient, false},
		{[]Role{ToRecipient}, ToRecipient, true}, {[]Role{ToRecipient}, Admin, false}, {nil, "nonsense", false},
	} {
		e := entry("x\r\n", "a@b")
		e.Recipients[0].Release = tc.may
		before := len(sink.Messages())
		items, err := s.Release(t.Context(), stored(t, s, e), ReleaseOptions{Addr: sink.Addr, As: tc.as})
		if (err == nil) != tc.ok || !tc.ok && !errors.Is(err, ErrRole) {
			t.Errorf("%v as %q: %v", tc.may, tc.as, err)
		}
		if sent := len(sink.Messages()) - before; tc.ok != (sent == 1) || tc.ok != (items[0].State == Released) {
			t.Errorf("%v as %q: %s, %d sent", tc.may, tc.as, items[0].State, sent)
		}
	}
}

// BenchmarkFeedback counts the last day of a million rows, and all of them.
func BenchmarkFeedback(b *testing.B) {
	s := opened(b, b.TempDir(), Options{})
	_, err := s.index.write.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
		INSERT INTO feedback_finding (at, item, kind, finding, policy)
		SELECT i * 2592000, 'item-' || i, 'released', 'finding-' || (i % 40), 'domain-' || (i % 97) FROM n`)
	if err != nil {
		b.Fatal(err)
	}
	const span = 1_000_000 * 2_592_000 // microseconds: 30 days
	for _, days := range []int64{1, 30} {
		b.Run(fmt.Sprintf("days=%d", days), func(b *testing.B) {
			for b.Loop() {
				counts, err := s.Feedback(b.Context(), time.UnixMicro(span-days*span/30+1))
				if err != nil || len(counts) != 40*97 {
					b.Fatal(len(counts), err)
				}
			}
		})
	}
}
