package web

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sekisho/filter/campaign"
	"sekisho/filter/explain"
	"sekisho/filter/gate"
)

// mixed records one message to people of two domains, of whom one boss is refused
// it, and returns its trace.
func (l *lab) mixed() (trace string) {
	l.Helper()
	dir := filepath.Join(l.dir, "policies")
	if err := os.Mkdir(dir, 0o700); err != nil {
		l.Fatal(err)
	}
	for name, text := range map[string]string{"other.test.yaml": "thresholds: {tag: 1, quarantine: 1, reject: 1}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			l.Fatal(err)
		}
	}
	set, err := gate.LoadSet(2, dir, nil)
	if err != nil {
		l.Fatal(err)
	}
	l.set = set
	trace = "TRACE00000MIXED0"
	l.record(trace, []string{"hanako@kaisha.test", "boss@kaisha.test", "stranger@other.test"})
	return trace
}

func (l *lab) in(lang, name, path string) (int, string) {
	l.Helper()
	c := l.client(name)
	here, err := url.Parse(l.http.URL)
	if err != nil {
		l.Fatal(err)
	}
	c.Jar.SetCookies(here, []*http.Cookie{{Name: languageCookie, Value: lang, Path: "/", Secure: true}})
	return l.get(c, path)
}

// TestExplainRoles: each role reads of its own recipients alone, and of nobody
// else's there is not a word: no address, no verdict, nothing of what was done with
// the message as a whole.
func TestExplainRoles(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	trace := l.mixed()
	for name, tc := range map[string]struct{ sees, not []string }{
		"admin":  {[]string{"hanako@kaisha", "boss@kaisha", "stranger@other", "verdict", "reject"}, nil},
		"jiro":   {[]string{"hanako@kaisha", "boss@kaisha", "concerns others"}, []string{"stranger", "other[.]test", "other.test", "reject"}},
		"hanako": {[]string{"hanako@kaisha", "concerns others"}, []string{"boss", "stranger", "other[.]test", "other.test", "reject"}},
	} {
		status, text := l.in(english, name, "/explain/"+trace)
		if status != http.StatusOK {
			t.Errorf("%s: %d", name, status)
		}
		_, text, _ = strings.Cut(text, `<article class="account">`)
		for _, want := range tc.sees {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %s", name, want, text)
			}
		}
		for _, secret := range tc.not {
			if strings.Contains(text, secret) {
				t.Errorf("%s reads %q in %s", name, secret, text)
			}
		}
	}
	// To another recipient there is no such message.
	l.record("TRACE0000OTHERS0", []string{"boss@kaisha.test"})
	none, nothing := l.in(english, "hanako", "/explain/TRACE000NOTHING0")
	others, text := l.in(english, "hanako", "/explain/TRACE0000OTHERS0")
	if none != http.StatusNotFound || others != none || strings.ReplaceAll(text, "TRACE0000OTHERS0", "TRACE000NOTHING0") != nothing {
		t.Errorf("%d and %d\n%s\n%s", none, others, nothing, text)
	}
}

// TestExplainPage: the page says what the command says, in both languages, whichever
// id is asked for; and leads to the item and back.
func TestExplainPage(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	items, err := l.store.Show(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	trace := items[0].Trace
	from, err := l.server.journal.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	records, err := from.Find(t.Context(), trace)
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	a, err := explain.Judge{Policies: l.set.Policies, Brands: l.set.Brands}.Of(records[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{english, japanese} {
		for _, path := range []string{"/explain/" + trace, "/explain?id=" + trace} {
			status, text := l.in(lang, "admin", path)
			text = html.UnescapeString(text)
			if status != http.StatusOK {
				t.Errorf("%s: %d", path, status)
			}
			for _, section := range a.Tell(explain.Language(lang)) {
				for _, row := range section {
					if !strings.Contains(text, defanged(row.Text)) || !strings.Contains(text, "<dt>"+row.Label+"</dt>") {
						t.Errorf("%s in %s: no %q of %q", path, lang, row.Text, row.Label)
					}
				}
			}
			if strings.Contains(text, "http://rakuten.account") {
				t.Errorf("%s: a link that leads there", path)
			}
		}
	}
	if _, text := l.in(english, "hanako", "/items/"+id); !strings.Contains(text, `href="/explain/`+trace+`"`) {
		t.Error("the item does not lead to its explanation")
	}
	// A message id is what a sender likes, with slashes and all.
	for _, odd := range []string{"a/b@c.test", "%3Cx%3E", "..%2F..", "%00", strings.Repeat("a", 2000)} {
		if status, _ := l.in(english, "admin", "/explain/"+odd); status != http.StatusNotFound && status != http.StatusMovedPermanently && status != http.StatusTemporaryRedirect {
			t.Errorf("%.20s: %d", odd, status)
		}
	}
	var b bytes.Buffer
	if err := a.Write(&b, explain.English); err != nil || !strings.Contains(b.String(), "verdict    quarantine") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// incidents are what somebody watches.
type incidents struct{ list []campaign.Incident }

func (i incidents) Incidents() []campaign.Incident { return i.list }

func (incidents) Groups() []campaign.Group {
	return []campaign.Group{{Brand: "rakuten", Last: time.Now(), Orgs: []string{"mgu.ac.jp"}, Traces: []string{"TRACE00000MIXED0"}, Incident: "a1"}}
}

// TestCampaignPages: an admin reads of incidents, of their earlier copies with what
// became of them, and of groups; nobody else does.
func TestCampaignPages(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	trace := l.mixed()
	now := time.Now()
	l.server.opt.Campaigns = incidents{[]campaign.Incident{{
		ID: "a1", Kind: campaign.Account, First: now, Raised: now, Last: now, Brands: []string{"rakuten"}, Orgs: []string{"mgu.ac.jp"},
		Messages: 22, Recipients: 800, Before: 1, Traces: []string{trace, "TRACE000NOTHING0"},
	}}}
	for path, want := range map[string][]string{
		"/campaigns":        {`href="/campaigns/a1"`, "mgu.ac.jp", "22 messages to 800 recipients", `href="/explain/` + trace + `"`},
		"/campaigns/a1":     {`href="/explain/` + trace + `"`, "before the alarm", "after it", "held 2", "refused 1", "not recorded", "And 20 more"},
		"/explain/" + trace: {`href="/campaigns/a1"`},
	} {
		status, text := l.in(english, "admin", path)
		if status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in %s", path, w, text)
			}
		}
		if status, _ := l.in(japanese, "admin", path); status != http.StatusOK {
			t.Errorf("%s in Japanese: %d", path, status)
		}
	}
	for _, name := range []string{"jiro", "hanako"} {
		for _, path := range []string{"/campaigns", "/campaigns/a1"} {
			if status, _ := l.in(english, name, path); status != http.StatusForbidden {
				t.Errorf("%s, %s: %d", name, path, status)
			}
		}
		if _, text := l.in(english, name, "/explain/"+trace); strings.Contains(text, "/campaigns") {
			t.Errorf("%s reads of an incident", name)
		}
	}
	if status, _ := l.in(english, "admin", "/campaigns/a2"); status != http.StatusNotFound {
		t.Errorf("an incident that is none: %d", status)
	}
}

// TestDashboardLinks: where the panels of the dashboards lead to, under the labels of
// their series, there is a page, and the message is on it.
func TestDashboardLinks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	for _, path := range []string{"/?brand=rakuten", "/?q=impersonation", "/?q=default", "/?state=held"} {
		if status, text := l.in(english, "admin", path); status != http.StatusOK || !strings.Contains(text, id) {
			t.Errorf("%s: %d, and not the message", path, status)
		}
	}
	for _, path := range []string{"/?brand=amazon", "/?q=dmarc-reject", "/?q=gakko.test", "/?state=released"} {
		if status, text := l.in(english, "admin", path); status != http.StatusOK || strings.Contains(text, id) {
			t.Errorf("%s: %d, or another message", path, status)
		}
	}
	for _, path := range []string{"/explain", "/campaigns", "/policy"} {
		if status, _ := l.in(english, "admin", path); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
}
