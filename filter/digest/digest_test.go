package digest

import (
	"context"
	"net/mail"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/fact"
	"sekisho/filter/gate"
	"sekisho/filter/link"
	sekishomail "sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/policy/brand"
)

// builtIn is the built-in set, which never changes, read once for all tests.
var builtIn = sync.OnceValues(func() (*gate.Set, error) { return gate.LoadSet(1, "", nil) })

// lab is a keeper on a store of its own, at a time of its own.
type lab struct {
	*Keeper
	t     *testing.T
	store *quarantine.Store
	sink  *smtpsink.Sink
	now   time.Time
	set   Settings
	dir   string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, sink: smtpsink.Start(t), dir: t.TempDir(), now: time.Date(2026, 11, 28, 7, 0, 0, 0, tokyo)}
	l.set = Settings{
		Domains: []Domain{{"kaisha.test", Both}, {"nihon.test", Japanese}, {"world.test", English}},
		From:    mail.Address{Name: "メール保留のお知らせ", Address: "gate@kaisha.test"},
		At:      []Clock{{8, 0}, {17, 30}}, Zone: tokyo, URL: "https://gate.kaisha.test:8443", Life: 7 * 24 * time.Hour,
	}
	l.open()
	t.Cleanup(func() { l.store.Close() })
	return l
}

// open opens the store and makes the keeper, as a start of the daemon does.
func (l *lab) open() {
	l.t.Helper()
	now := func() time.Time { return l.now }
	var err error
	if l.store, err = quarantine.Open(l.dir+"/q", quarantine.Options{Now: now}); err != nil {
		l.t.Fatal(err)
	}
	keys, err := link.Open(filepath.Join(l.dir, "link.key"))
	if err != nil {
		l.t.Fatal(err)
	}
	set, err := builtIn()
	if err != nil {
		l.t.Fatal(err)
	}
	l.Keeper, err = New(Options{Store: l.store, Links: keys, Brands: func() *brand.Catalogue { return set.Brands }, Now: now,
		Meaning: func(lang, name string) string { return lang + " meaning of " + name },
		Facts: func(_ context.Context, trace string) (*fact.Facts, error) {
			if trace == "gone" {
				return nil, nil
			}
			return &fact.Facts{Proof: fact.Proof{Identities: []fact.Identity{{Domain: "mgu.ac.jp"}, {Domain: "st.mgu.ac.jp", Aligned: true}}}}, nil
		}})
	if err != nil {
		l.t.Fatal(err)
	}
}

// hold puts a message into the store.
func (l *lab) hold(header string, to ...string) {
	l.t.Helper()
	h, body, err := sekishomail.ReadFile(strings.NewReader(header + "\r\n\r\nhttp://rakuten.account-check.example/login\r\n"))
	if err != nil {
		l.t.Fatal(err)
	}
	e := quarantine.Entry{Envelope: sekishomail.Envelope{Sender: "en-13201@st.mgu.ac.jp", Client: netip.MustParseAddr("192.0.2.7")}, Header: h, Body: body, Trace: "TRACE", Brand: "rakuten"}
	for _, r := range to {
		e.Recipients = append(e.Recipients, quarantine.Recipient{Address: r, Policy: "default", Verdict: "quarantine", Cause: "impersonation", Keep: 30 * 24 * time.Hour})
	}
	if _, err := l.store.Put(l.t.Context(), e); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) round() (done, waiting int, err error) {
	return l.Round(l.t.Context(), l.set, quarantine.ReleaseOptions{Addr: l.sink.Addr, Helo: "gate.kaisha.test", Timeout: time.Minute})
}

// want runs a round that has to go well.
func (l *lab) want(sent int) {
	l.t.Helper()
	done, waiting, err := l.round()
	if err != nil || done != sent || waiting != 0 {
		l.t.Errorf("%d sent, %d waiting, %v; want %d", done, waiting, err, sent)
	}
}

const fake = "From: =?utf-8?B?5qW95aSp?= <en-13201@st.mgu.ac.jp>\r\nSubject: =?utf-8?B?44CQ5qW95aSp44CR44Ki44Kr44Km44Oz44OI44Gv5YGc5q2i44GV44KM44Gm44GE44G+44GZ?="

// TestRounds: digests go out at their times, to those for whom there is news, once;
// after a restart too.
func TestRounds(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.hold(fake, "hanako@kaisha.test", "taro@nihon.test", "nobody@elsewhere.test")
	l.want(0) // 7:00
	l.now = l.now.Add(70 * time.Minute)
	l.want(2)
	l.want(0)
	l.hold(fake, "hanako@kaisha.test")
	l.want(0) // due in the afternoon
	if err := l.store.Close(); err != nil {
		t.Fatal(err)
	}
	l.open()
	l.want(0)
	l.now = l.now.Add(10 * time.Hour)
	l.want(1)
	l.now = l.now.Add(48 * time.Hour)
	l.want(0)
	var to []string
	for _, m := range l.sink.Messages() {
		to = append(to, m.Recipients...)
		if m.Sender != "" {
			t.Errorf("sender %q", m.Sender)
		}
	}
	if !slices.Equal(to, []string{"hanako@kaisha.test", "taro@nihon.test", "hanako@kaisha.test"}) {
		t.Errorf("to %q", to)
	}
}

// TestServerDown: nothing is lost while the server is away, and who is refused waits
// longer than the others.
func TestServerDown(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.hold(fake, "hanako@kaisha.test", "taro@kaisha.test")
	l.now = l.now.Add(2 * time.Hour)
	o := quarantine.ReleaseOptions{Addr: "127.0.0.1:1", Timeout: time.Minute}
	if done, waiting, err := l.Round(t.Context(), l.set, o); done != 0 || waiting != 2 || err == nil {
		t.Errorf("%d %d %v", done, waiting, err)
	}
	if n := testutil.ToFloat64(l.metrics.waiting); n != 2 {
		t.Errorf("%v wait by the metric", n)
	}
	l.sink.Answer(func(verb, arg string) string {
		if verb == "RCPT" && strings.Contains(arg, "taro") {
			return "550 5.1.1 no such user"
		}
		return ""
	})
	if done, waiting, err := l.round(); done != 1 || waiting != 1 || err == nil || strings.Contains(err.Error(), "taro@") {
		t.Errorf("%d %d %v", done, waiting, err)
	}
	for range 10 { // of which some are pauses
		l.now = l.now.Add(time.Minute)
		_, _, _ = l.round()
	}
	if n := testutil.ToFloat64(l.metrics.digests.WithLabelValues(string(failed))); n < 3 || n > 6 {
		t.Errorf("%v failures", n)
	}
	l.sink.Answer(nil)
	l.now = l.now.Add(lastPause)
	l.want(1)
}

func TestDue(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{At: []Clock{{2, 30}, {8, 0}}, Zone: berlin}
	for now, want := range map[string]string{
		"2026-11-28T07:00:00Z": "2026-11-28T07:00:00Z",
		"2026-11-28T06:59:59Z": "2026-11-28T01:30:00Z",
		"2026-11-28T01:29:59Z": "2026-11-27T07:00:00Z",
		"2026-03-29T01:45:00Z": "2026-03-29T01:30:00Z", // 2:30 does not exist there on that day
		"2026-10-25T00:45:00Z": "2026-10-24T06:00:00Z", // 2:30 comes twice, and counts once
		"2026-10-25T01:45:00Z": "2026-10-25T01:30:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Due(at).UTC().Format(time.RFC3339); got != want {
			t.Errorf("at %s due %s, want %s", now, got, want)
		}
	}
	if s = (Settings{}); !s.Due(time.Now()).IsZero() {
		t.Error("never is due")
	}
}
