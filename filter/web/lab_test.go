package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/gate"
	"sekisho/filter/journal"
	"sekisho/filter/journal/journaltest"
	"sekisho/filter/link"
	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
	"sekisho/filter/report"
	"sekisho/filter/web/account"
	"sekisho/policy/brand"
)

// password is everybody's here, hashed what account keeps of it: to hash takes its
// time on purpose.
const (
	password = "correct horse battery"
	hashed   = "$argon2id$v=19$m=65536,t=3,p=1$+Yp6MICDKcEvAZ4SIa1z9w$/mUEStq2dHUnMHIkuRXNZ94FHLsfAlUzl8sGCfAUers"
)

// builtIn is the built-in set, which never changes, read once for all tests.
var builtIn = sync.OnceValues(func() (*gate.Set, error) { return gate.LoadSet(1, "", nil) })

// lab is a server on a quarantine of its own, with an admin, a domain admin of
// kaisha.test and a recipient.
type lab struct {
	testing.TB
	store  *quarantine.Store
	server *Server
	http   *httptest.Server
	sink   *smtpsink.Sink
	set    *gate.Set
	links  *link.Keys
	dir    string

	reporting report.Settings
}

func newLab(t testing.TB) *lab {
	t.Helper()
	return newLabOn(t, quarantine.Options{})
}

// newLabOn is newLab with a store of those options.
func newLabOn(t testing.TB, o quarantine.Options) *lab {
	t.Helper()
	l := &lab{TB: t, dir: t.TempDir(), sink: smtpsink.Start(t)}
	l.reporting = report.Settings{From: netmail.Address{Address: "abuse@kaisha.test"}, Approval: report.Everybody, PerDay: 10, ToOne: 10}
	var err error
	if l.store, err = quarantine.Open(l.dir+"/quarantine", o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.store.Close() })
	if l.set, err = builtIn(); err != nil {
		t.Fatal(err)
	}
	if l.links, err = link.Open(l.dir + "/link.key"); err != nil {
		t.Fatal(err)
	}
	l.server, err = New(Options{
		Links: l.links,
		Store: l.store, Dir: l.dir + "/web", Journal: l.dir + "/journal", Set: func() *gate.Set { return l.set },
		Release: func() quarantine.ReleaseOptions {
			return quarantine.ReleaseOptions{Addr: l.sink.Addr, Helo: "gate.test"}
		}, TLS: &tls.Config{}, Reports: l.newReports(),
	})
	if err != nil {
		t.Fatal(err)
	}
	l.addUsers()
	l.http = httptest.NewTLSServer(l.server.Handler())
	t.Cleanup(l.http.Close)
	t.Cleanup(func() { l.server.Close(context.Background()) })
	return l
}

// newReports makes reports for which the brand of the messages here has an address.
func (l *lab) newReports() *report.Keeper {
	l.Helper()
	facts := &lazyJournal{dir: l.dir + "/journal"}
	l.Cleanup(facts.close)
	k, err := report.New(report.Options{
		Store: l.store, Brands: func() *brand.Catalogue { return l.set.Brands }, Facts: facts.facts, Hostname: "mx.kaisha.test",
		Settings: func() report.Settings { return l.reporting },
	})
	if err != nil {
		l.Fatal(err)
	}
	return k
}

// addUsers writes three users.
func (l *lab) addUsers() {
	l.Helper()
	users := []account.User{
		{Name: "admin", Role: quarantine.Admin},
		{Name: "hanako", Role: quarantine.ToRecipient, Addresses: []string{"hanako@kaisha.test"}},
		{Name: "jiro", Role: quarantine.DomainAdmin, Domains: []string{"kaisha.test"}},
	}
	for i := range users {
		users[i].Password, users[i].Created = hashed, time.Now().UTC()
	}
	text, err := json.Marshal(users)
	if err == nil {
		err = os.MkdirAll(l.dir+"/web", 0o700)
	}
	if err == nil {
		err = os.WriteFile(l.dir+"/web/users.json", text, 0o600)
	}
	if err != nil {
		l.Fatal(err)
	}
}

// put holds a message for recipients and returns the items' ids.
func (l *lab) put(raw string, recipients ...string) []string {
	l.Helper()
	return l.putFor(raw, []quarantine.Role{quarantine.Admin, quarantine.DomainAdmin, quarantine.ToRecipient}, recipients...)
}

// putFor is put where the policy lets some roles release.
func (l *lab) putFor(raw string, roles []quarantine.Role, recipients ...string) []string {
	l.Helper()
	h, body, err := mail.ReadFile(strings.NewReader(raw))
	if err != nil {
		l.Fatal(err)
	}
	e := quarantine.Entry{
		Envelope: mail.Envelope{Sender: "en-13201@st.mgu.ac.jp", Client: netip.MustParseAddr("192.0.2.7"), Helo: "mail.st.mgu.ac.jp", QueueID: "4d0001", Received: time.Now()},
		Header:   h, Body: body, Trace: strings.ToUpper(fmt.Sprintf("trace%010d", time.Now().UnixNano()%1e10)), Brand: "rakuten",
		Why: "claims Rakuten (subject 【楽天】) but proved st.mgu.ac.jp", Subject: mail.Parse(h, body).Subject.Shown,
	}
	for _, r := range recipients {
		e.Recipients = append(e.Recipients, quarantine.Recipient{
			Address: r, Policy: "default", Verdict: "quarantine", Cause: "impersonation", Findings: []string{"impersonation", "links-leave-brand", "lure"},
			Release: roles, Keep: 30 * 24 * time.Hour,
		})
	}
	id, err := l.store.Put(l.Context(), e)
	if err != nil {
		l.Fatal(err)
	}
	l.record(e.Trace, recipients)
	items, err := l.store.Show(l.Context(), id)
	if err != nil {
		l.Fatal(err)
	}
	var ids []string
	for _, it := range items {
		ids = append(ids, it.ID)
	}
	return ids
}

// record writes what the gate would have recorded.
func (l *lab) record(trace string, recipients []string) {
	l.Helper()
	f := &fact.Facts{
		Message: fact.Message{Author: "one", Subject: "【楽天】アカウントは停止されています", From: []fact.Mailbox{{Name: "楽天", Address: "en-13201@st.mgu.ac.jp", Domain: "st.mgu.ac.jp"}}},
		Proof: fact.Proof{Source: "dns", FromDomain: "st.mgu.ac.jp", FromOrg: "mgu.ac.jp", Aligned: true, SPF: fact.SPF{Result: "pass", Domain: "st.mgu.ac.jp"},
			DKIM:       []fact.Signature{{Result: "pass", Domain: "st.mgu.ac.jp"}},
			DMARC:      fact.DMARC{Result: "pass"},
			Identities: []fact.Identity{{Domain: "st.mgu.ac.jp", Org: "mgu.ac.jp", Method: "dkim", Strength: "strong", Aligned: true}}},
		Links: []fact.Link{{Kind: "anchor", Host: "rakuten.account-check.example", Org: "account-check.example", URL: "http://rakuten.account-check.example/login?u=1"}},
		Claim: fact.Claims{Brands: []string{"rakuten"}, All: []fact.Claim{{Brand: "rakuten", Place: "subject-bracket", Strength: "strong", Seen: "【楽天】", Folded: "楽天"}}},
		Found: []finding.Finding{{Name: finding.Impersonation, Brand: "rakuten", Why: "claims Rakuten, proved st.mgu.ac.jp"}, {Name: finding.LinksLeaveBrand, Brand: "rakuten", Why: "http://rakuten.account-check.example/"}},
	}
	j := journal.New(journal.Options{Dir: l.dir + "/journal", Keep: 24 * time.Hour, MaxBytes: 1 << 30, Persons: true})
	d := journaltest.Decide(l.set.Policies, nil, f, time.Now(), recipients...)
	d.Trace = trace
	j.Record(d)
	journaltest.Flush(j)
}

// client is a browser of somebody who has a session; "" for nobody.
func (l *lab) client(name string) *http.Client {
	l.Helper()
	c := *l.http.Client()
	c.Jar, _ = cookiejar.New(nil)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if name != "" {
		here, err := url.Parse(l.http.URL)
		if err != nil {
			l.Fatal(err)
		}
		c.Jar.SetCookies(here, []*http.Cookie{{Name: l.server.cookieName(), Value: l.server.sessions.begin(name, hashed), Path: "/", Secure: true}})
	}
	return &c
}

func (l *lab) do(c *http.Client, r *http.Request) (int, string, http.Header) {
	l.Helper()
	res, err := c.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		l.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header
}

func (l *lab) get(c *http.Client, path string) (int, string) {
	l.Helper()
	r, err := http.NewRequestWithContext(l.Context(), http.MethodGet, l.http.URL+path, nil)
	if err != nil {
		l.Fatal(err)
	}
	status, text, _ := l.do(c, r)
	return status, text
}

func (l *lab) post(c *http.Client, path string, form url.Values) (int, string) {
	l.Helper()
	r, err := http.NewRequestWithContext(l.Context(), http.MethodPost, l.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	status, text, _ := l.do(c, r)
	return status, text
}

// api asks as a program with a token.
func (l *lab) api(token, method, path, body string) (int, string) {
	l.Helper()
	r, err := http.NewRequestWithContext(l.Context(), method, l.http.URL+path, bytes.NewBufferString(body))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	status, text, _ := l.do(l.http.Client(), r)
	return status, text
}

func (l *lab) state(id string) quarantine.State {
	l.Helper()
	items, err := l.store.Show(l.Context(), id)
	if err != nil {
		l.Fatal(err)
	}
	return items[0].State
}

// fake is the message of the story.
const fake = "From: =?utf-8?B?5qW95aSp?= <en-13201@st.mgu.ac.jp>\r\n" +
	"To: hanako@kaisha.test\r\n" +
	"Subject: =?utf-8?B?44CQ5qW95aSp44CR44Ki44Kr44Km44Oz44OI44Gv5YGc5q2i44GV44KM44Gm44GE44G+44GZ?=\r\n" +
	"Date: Fri, 27 Nov 2026 10:00:00 +0900\r\n" +
	"Message-ID: <1@st.mgu.ac.jp>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
	"楽天会員の皆様へ\r\n通常と異なる方法でのログインがありました。24時間以内にアカウント情報を更新してください。\r\nhttp://rakuten.account-check.example/login?u=1\r\n更新がない場合、アカウントと販売活動を停止します。\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<h2 style=\"color:#bf0000\">楽天会員の皆様へ</h2><p>通常と異なる方法でのログインがありました。</p><p><a href=\"http://rakuten.account-check.example/login?u=1\">アカウントを更新する</a></p><img src=\"http://rakuten.account-check.example/logo.png\" alt=\"Rakuten\">\r\n--b--\r\n"
