package report

import (
	"context"
	"net/mail"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/gate"
	sekishomail "sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/policy/brand"
)

// brands is the catalogue with a brand that takes reports, read once for all tests.
var brands = sync.OnceValues(func() (*gate.Set, error) { return gate.LoadSet(1, "", []string{"testdata/brands.yaml"}) })

// lab is a keeper on a store of its own.
type lab struct {
	*Keeper
	t     *testing.T
	store *quarantine.Store
	sink  *smtpsink.Sink
	now   time.Time
	set   Settings
	facts map[string]*fact.Facts // by trace
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, sink: smtpsink.Start(t), now: time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC), facts: map[string]*fact.Facts{}}
	l.set = Settings{From: mail.Address{Name: "迷惑メール担当", Address: "abuse@kaisha.test"}, Approval: Everybody, PerDay: 100, ToOne: 10}
	var err error
	if l.store, err = quarantine.Open(filepath.Join(t.TempDir(), "q"), quarantine.Options{Now: func() time.Time { return l.now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.store.Close() })
	set, err := brands()
	if err != nil {
		t.Fatal(err)
	}
	l.Keeper, err = New(Options{
		Store: l.store, Brands: func() *brand.Catalogue { return set.Brands }, Settings: func() Settings { return l.set }, Now: func() time.Time { return l.now },
		Facts:    func(_ context.Context, trace string) (*fact.Facts, error) { return l.facts[trace], nil },
		Hostname: "mx.kaisha.test", Version: "1.2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// storyFacts are those of a message that a broken-into account of a university sent.
func storyFacts() *fact.Facts {
	return &fact.Facts{
		Proof: fact.Proof{
			FromDomain: "st.mgu.ac.jp", FromOrg: "mgu.ac.jp", SPF: fact.SPF{Result: "pass", Domain: "st.mgu.ac.jp"},
			DKIM: []fact.Signature{{Result: "pass", Domain: "st.mgu.ac.jp"}}, DMARC: fact.DMARC{Result: "pass"}, Aligned: true,
			Identities: []fact.Identity{
				{Domain: "mailer.test", Org: "mailer.test", Method: "dkim"},
				{Domain: "st.mgu.ac.jp", Org: "mgu.ac.jp", Method: "dkim", Aligned: true},
			},
		},
		Links: []fact.Link{{Kind: "anchor", Host: "mihon-ichiba.account-check.example", Org: "account-check.example", URL: "http://mihon-ichiba.account-check.example/login?u=hanako%40kaisha.test"}},
		Found: []finding.Finding{{Name: finding.LookalikeHost, Why: `the host "mihon-ichiba.account-check.example" bears the name of 見本市場`}},
	}
}

const story = "From: =?utf-8?B?6KaL5pys5biC5aC0?= <en-13201@st.mgu.ac.jp>\r\nTo: hanako@kaisha.test\r\nSubject: =?utf-8?B?44CQ6KaL5pys5biC5aC044CR44Ki44Kr44Km44Oz44OI44Gv5YGc5q2i44GV44KM44Gm44GE44G+44GZ?="

// hold puts a message into the store and returns its first item.
func (l *lab) hold(header, body, brand string, f *fact.Facts, to ...string) quarantine.Item {
	l.t.Helper()
	h, raw, err := sekishomail.ReadFile(strings.NewReader(header + "\r\n\r\n" + body))
	if err != nil {
		l.t.Fatal(err)
	}
	trace := "TRACE" + header + body
	l.facts[trace] = f
	e := quarantine.Entry{Envelope: sekishomail.Envelope{Sender: "bounce+hanako=kaisha.test@st.mgu.ac.jp", Client: netip.MustParseAddr("192.0.2.7"), Received: l.now}, Header: h, Body: raw, Trace: trace, Brand: brand}
	for _, r := range to {
		e.Recipients = append(e.Recipients, quarantine.Recipient{Address: r, Policy: "default", Verdict: "quarantine", Cause: "impersonation"})
	}
	id, err := l.store.Put(l.t.Context(), e)
	if err != nil {
		l.t.Fatal(err)
	}
	items, err := l.store.Show(l.t.Context(), id)
	if err != nil {
		l.t.Fatal(err)
	}
	return items[0]
}

// story holds the message of the story, in the name of a brand that takes reports.
func (l *lab) story(to ...string) quarantine.Item {
	l.t.Helper()
	return l.hold(story, "Dear hanako@kaisha.test,\r\nhttp://mihon-ichiba.account-check.example/login\r\n", "mihon-ichiba", storyFacts(), to...)
}

func (l *lab) ask(id string, as quarantine.Role) map[quarantine.ReportKind]Asked {
	l.t.Helper()
	all, err := l.Ask(l.t.Context(), id, "taro", as)
	if err != nil {
		l.t.Fatal(err)
	}
	got := map[quarantine.ReportKind]Asked{}
	for _, a := range all {
		got[a.Kind] = a
	}
	return got
}

func (l *lab) round(want int) {
	l.t.Helper()
	n, err := l.Round(l.t.Context(), quarantine.ReleaseOptions{Addr: l.sink.Addr, Timeout: time.Minute})
	if err != nil || n != want {
		l.t.Errorf("%d left, %v; want %d", n, err, want)
	}
}
