package web

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"sekisho/filter/link"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
)

// to is the path of a link to an item.
func (l *lab) to(id, recipient string, life time.Duration) string {
	return "/l/" + l.links.Token(link.Link{Item: id, Digest: "digest", Expires: time.Now().Add(life)}, recipient)
}

// form is what the page of a link wants back.
func form(t testing.TB, page string) url.Values {
	t.Helper()
	m := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no form in %s", page)
	}
	return url.Values{"form": {m[1]}}
}

func (l *lab) outcome(o linkOutcome) int {
	return int(testutil.ToFloat64(l.server.metrics.links.WithLabelValues(string(o))))
}

// TestLinkPage: it tells what the message claims and proves, without a log-in, in both
// languages, and nothing of what a sender wrote leads anywhere.
func TestLinkPage(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test", "taro@kaisha.test")[0]
	at := l.to(id, "hanako@kaisha.test", time.Hour)
	c := l.client("")
	status, page := l.get(c, at)
	for _, want := range []string{"【楽天】アカウントは停止されています", "楽天 (Rakuten)", "st.mgu.ac.jp", "hxxp://rakuten[.]account-check[.]example", "I typed a card number", "rakuten.co.jp", "Release now", "hanako@kaisha.test"} {
		if !strings.Contains(page, want) {
			t.Errorf("%d: no %q", status, want)
		}
	}
	for _, bad := range []string{"taro@", "http://rakuten", "<script>", "192.0.2.7", "/items/"} {
		if strings.Contains(page, bad) {
			t.Errorf("%q in the page", bad)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.http.URL+at, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "ja")
	if _, page, h := l.do(c, r); !strings.Contains(page, "このリンクは") || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" || len(h.Values("Set-Cookie")) > 0 {
		t.Errorf("%v %s", h, page)
	}
}

// TestLinkScanner: whoever follows each link, by GET or HEAD and as often as they
// like, changes nothing and uses nothing up.
func TestLinkScanner(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	at := l.to(id, "hanako@kaisha.test", time.Hour)
	c := l.client("")
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete} {
		for _, path := range []string{at, at + "/release", at + "/erase", at + "/phishing", at + "?release=yes", at + "/release?form=x"} {
			r, err := http.NewRequestWithContext(t.Context(), method, l.http.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			l.do(c, r)
		}
	}
	_, page := l.get(c, at)
	if l.state(id) != quarantine.Held || len(l.sink.Messages()) > 0 || l.outcome(linkDone) > 0 || l.outcome(linkUsed) > 0 {
		t.Errorf("%s after the scanner, %d sent", l.state(id), len(l.sink.Messages()))
	}
	// A scanner that posts to what it finds, without the form.
	for _, f := range []url.Values{nil, {"form": {""}}, {"form": {"x"}}} {
		if status, _ := l.post(c, at+"/release", f); status != http.StatusForbidden {
			t.Errorf("without the form: %d", status)
		}
	}
	// A page of another origin that knows all.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.http.URL+at+"/release", strings.NewReader(form(t, page).Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _, _ := l.do(c, r); status != http.StatusForbidden {
		t.Errorf("from another origin: %d", status)
	}
	if l.state(id) != quarantine.Held || l.outcome(linkUnseen) != 3 {
		t.Errorf("%s, %d unseen", l.state(id), l.outcome(linkUnseen))
	}
	if status, _ := l.post(c, at+"/release", form(t, page)); status != http.StatusOK || l.state(id) != quarantine.Released {
		t.Errorf("the person: %d %s", status, l.state(id))
	}
}

// TestLinkOnce: of many that post at once one releases, and the others are told: that it
// is done, or being done, or was.
func TestLinkOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	at := l.to(id, "hanako@kaisha.test", time.Hour)
	_, page := l.get(l.client(""), at)
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	for range 8 {
		c := l.client("")
		all.Go(func() {
			status, _ := l.post(c, at+"/release", form(t, page))
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	all.Wait()
	if counts[http.StatusOK] == 0 || counts[http.StatusOK]+counts[http.StatusGone]+counts[http.StatusConflict] != 8 || len(l.sink.Messages()) != 1 {
		t.Errorf("%v, %d sent", counts, len(l.sink.Messages()))
	}
	for _, path := range []string{"", "/release"} {
		status, page := l.get(l.client(""), at+path)
		if path == "" && (status != http.StatusGone || !strings.Contains(page, "used already")) {
			t.Errorf("%d %s", status, page)
		}
	}
	if status, _ := l.post(l.client(""), at+"/erase", form(t, page)); status != http.StatusGone || l.state(id) != quarantine.Released {
		t.Errorf("another action: %d %s", status, l.state(id))
	}
	text, err := os.ReadFile(l.dir + "/web/audit.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"via":"link","from":"127.0.0.1","action":"release","item":"` + id + `","outcome":"done"`, `"action":"link","item":"` + id + `","outcome":"failed","note":"used"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// TestLinkAfterCrash: a gate that dies between taking a link and doing what it is for,
// or before it has written that down, leaves a link that is good for the same, once.
func TestLinkAfterCrash(t *testing.T) {
	t.Parallel()
	for _, sent := range []bool{false, true} {
		l := newLab(t)
		id := l.put(fake, "hanako@kaisha.test")[0]
		at := l.to(id, "hanako@kaisha.test", time.Hour)
		_, page := l.get(l.client(""), at)
		one, err := l.links.Check(strings.TrimPrefix(at, "/l/"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		// Here it died.
		if _, err := l.store.Spend(t.Context(), one.ID(), "release", one.Expires); err != nil {
			t.Fatal(err)
		}
		if sent {
			if _, err := l.store.Release(t.Context(), id, quarantine.ReleaseOptions{Addr: l.sink.Addr}); err != nil {
				t.Fatal(err)
			}
		}
		if status, _ := l.post(l.client(""), at+"/erase", form(t, page)); status != http.StatusGone || l.state(id) == quarantine.Erased {
			t.Errorf("sent %v: another action: %d %s", sent, status, l.state(id))
		}
		if status, _ := l.get(l.client(""), at); status != http.StatusOK {
			t.Errorf("sent %v: its page: %d", sent, status)
		}
		if status, _ := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusOK || l.state(id) != quarantine.Released || len(l.sink.Messages()) != 1 {
			t.Errorf("sent %v: %d %s, %d sent", sent, status, l.state(id), len(l.sink.Messages()))
		}
		if status, _ := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusGone {
			t.Errorf("sent %v: once more: %d", sent, status)
		}
	}
}

// TestLinkOfUnknownEnd: a link whose release perhaps arrived is good for nothing else.
func TestLinkOfUnknownEnd(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	at := l.to(id, "hanako@kaisha.test", time.Hour)
	_, page := l.get(l.client(""), at)
	l.sink.Answer(func(verb, _ string) string {
		if verb == "TAKEN" {
			return smtpsink.Hangup
		}
		return ""
	})
	if status, _ := l.post(l.client(""), at+"/release", form(t, page)); status == http.StatusOK || l.state(id) != quarantine.Releasing {
		t.Errorf("without an answer: %d %s", status, l.state(id))
	}
	l.sink.Answer(nil)
	if _, err := l.store.Release(t.Context(), id, quarantine.ReleaseOptions{Addr: l.sink.Addr, Again: true}); err != nil {
		t.Fatal(err)
	}
	if status, _ := l.post(l.client(""), at+"/erase", form(t, page)); status != http.StatusGone || l.state(id) != quarantine.Released {
		t.Errorf("another action: %d %s", status, l.state(id))
	}
	if status, _ := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusOK || len(l.sink.Messages()) != 2 {
		t.Errorf("the same: %d, %d sent", status, len(l.sink.Messages()))
	}
}

// TestLinkRefused: a clear page for each way in which a link is not good.
func TestLinkRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ids := l.put(fake, "hanako@kaisha.test", "taro@kaisha.test")
	erased := l.put(fake, "hanako@kaisha.test")[0]
	if _, err := l.store.Erase(t.Context(), erased); err != nil {
		t.Fatal(err)
	}
	other, err := link.Open(l.dir + "/other.key")
	if err != nil {
		t.Fatal(err)
	}
	good := l.to(ids[0], "hanako@kaisha.test", time.Hour)
	for _, c := range []struct {
		name, path string
		status     int
		says       string
	}{
		{"forged", "/l/" + other.Token(link.Link{Item: ids[0], Digest: "digest", Expires: time.Now().Add(time.Hour)}, "hanako@kaisha.test"), http.StatusForbidden, "not valid"},
		{"cut off", good[:len(good)-5], http.StatusForbidden, "not valid"},
		{"of another item", strings.Replace(good, ids[0], ids[1], 1), http.StatusForbidden, "not valid"},
		{"of another recipient", l.to(ids[1], "hanako@kaisha.test", time.Hour), http.StatusForbidden, "not valid"},
		{"of an entry", l.to(ids[0][:len(ids[0])-2], "hanako@kaisha.test", time.Hour), http.StatusGone, "no longer held"},
		{"expired", l.to(ids[0], "hanako@kaisha.test", -time.Second), http.StatusGone, "expired"},
		{"erased", l.to(erased, "hanako@kaisha.test", time.Hour), http.StatusGone, "no longer held"},
		{"unknown", l.to("nosuchitem-1", "hanako@kaisha.test", time.Hour), http.StatusGone, "no longer held"},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			ask := func() (int, string) { return l.get(l.client(""), c.path) }
			if method == http.MethodPost {
				ask = func() (int, string) { return l.post(l.client(""), c.path+"/release", url.Values{"form": {"x"}}) }
			}
			status, page := ask()
			if status != c.status || !strings.Contains(page, c.says) || strings.Contains(page, "hanako") {
				t.Errorf("%s %s: %d %s", method, c.name, status, page)
			}
		}
	}
	if l.state(ids[0]) != quarantine.Held || l.state(ids[1]) != quarantine.Held || len(l.sink.Messages()) > 0 {
		t.Error("something was done")
	}
	if l.outcome(linkForged) != 8 || l.outcome(linkExpired) != 2 || l.outcome(linkGone) != 6 {
		t.Errorf("%d forged, %d expired, %d gone", l.outcome(linkForged), l.outcome(linkExpired), l.outcome(linkGone))
	}
	testLinkWords(l, good)
	for range 2 * maxRefusals { // the rest is counted alone
		l.get(l.client(""), good[:len(good)-1])
	}
	text, err := os.ReadFile(l.dir + "/web/audit.jsonl")
	if n := strings.Count(string(text), "forged"); err != nil || n > 2*maxRefusals || n < 8 { // two minutes, at a full hour of the clock
		t.Errorf("%d lines of forged links, %v", n, err)
	}
}

// testLinkWords: each refusal says in both languages what happened and what to do next.
func testLinkWords(l *lab, good string) {
	l.Helper()
	for _, why := range []string{"forged", "expired", "used", "gone", "unseen"} {
		for _, lang := range []string{english, japanese} {
			for _, part := range []string{"", ".title", ".next"} {
				if l.server.pages.texts[lang]["link."+why+part] == "" {
					l.Errorf("no text link.%s%s (%s)", why, part, lang)
				}
			}
		}
	}
	for _, c := range []struct {
		method, path string
		wants        []string
	}{
		{http.MethodGet, good[:len(good)-1], []string{"<h1>このリンクは使えません</h1>", "何も行われていません", "次にすること", "管理者に受け取りを頼んで"}},
		{http.MethodPost, good + "/release", []string{"<h1>リンクの画面で選んでください</h1>", `href="` + good + `"`, `name="here" value="` + good + `"`}},
	} {
		r, err := http.NewRequestWithContext(l.Context(), c.method, l.http.URL+c.path, nil)
		if err != nil {
			l.Fatal(err)
		}
		r.Header.Set("Accept-Language", "ja")
		_, page, _ := l.do(l.client(""), r)
		for _, want := range c.wants {
			if !strings.Contains(page, want) {
				l.Errorf("%s %s lacks %q: %s", c.method, c.path, want, page)
			}
		}
	}
}

// TestLinkFails: what does not work leaves the link good; and what the policy leaves to
// others a link does not do.
func TestLinkFails(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	at := l.to(id, "hanako@kaisha.test", time.Hour)
	_, page := l.get(l.client(""), at)
	l.sink.Answer(func(verb, _ string) string {
		if verb == "DATA" {
			return "451 4.3.0 not now"
		}
		return ""
	})
	if status, page := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusBadGateway || !strings.Contains(page, "could not be delivered") {
		t.Errorf("%d %s", status, page)
	}
	l.sink.Answer(nil)
	if status, page := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusOK || !strings.Contains(page, "on its way") || l.state(id) != quarantine.Released {
		t.Errorf("%d %s", status, page)
	}

	kept := l.putFor(fake, []quarantine.Role{quarantine.Admin}, "hanako@kaisha.test")[0]
	at = l.to(kept, "hanako@kaisha.test", time.Hour)
	_, page = l.get(l.client(""), at)
	if strings.Contains(page, "Release now") || !strings.Contains(page, "leaves the release") {
		t.Errorf("%s", page)
	}
	if status, _ := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusForbidden || l.state(kept) != quarantine.Held {
		t.Errorf("%d %s", status, l.state(kept))
	}
	if status, page := l.post(l.client(""), at+"/phishing", form(t, page)); status != http.StatusOK || !strings.Contains(page, "Thank you") {
		t.Errorf("%d %s", status, page)
	}
	items, err := l.store.Show(t.Context(), kept)
	if err != nil || len(items[0].Feedback) != 1 || items[0].Feedback[0].Kind != quarantine.KindPhishing || strings.Contains(items[0].Feedback[0].By, "hanako") {
		t.Errorf("%+v %v", items, err)
	}
	third := l.put(fake, "hanako@kaisha.test")[0]
	at = l.to(third, "Hanako@Kaisha.test", time.Hour)
	_, page = l.get(l.client(""), at)
	if status, _ := l.post(l.client(""), at+"/erase", form(t, page)); status != http.StatusOK || l.state(third) != quarantine.Erased {
		t.Errorf("%d %s", status, l.state(third))
	}
}

// TestLinkNotSettled: while nobody knows what came of a release, the page of its link
// says so, and lets its recipient ask again; what has been released is not sent again.
func TestLinkNotSettled(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	at := l.to(id, "hanako@kaisha.test", time.Hour)
	_, page := l.get(l.client(""), at)
	l.sink.Answer(func(verb, _ string) string { return map[string]string{".": smtpsink.Hangup}[verb] })
	if status, _ := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusBadGateway || l.state(id) != quarantine.Releasing {
		t.Errorf("no answer: %d %s", status, l.state(id))
	}
	l.sink.Answer(nil)
	status, page := l.get(l.client(""), at)
	if status != http.StatusOK || !strings.Contains(page, "did not finish") || !strings.Contains(page, at+"/release") {
		t.Errorf("the page: %d %s", status, page)
	}
	if status, page := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusConflict || !strings.Contains(page, "did not finish") {
		t.Errorf("again: %d %s", status, page)
	}
	if _, err := l.store.Release(t.Context(), id, quarantine.ReleaseOptions{Addr: l.sink.Addr, Again: true}); err != nil {
		t.Fatal(err)
	}
	if status, _ := l.post(l.client(""), at+"/release", form(t, page)); status != http.StatusOK || len(l.sink.Messages()) != 1 {
		t.Errorf("released meanwhile: %d, %d messages", status, len(l.sink.Messages()))
	}
	if status, page := l.get(l.client(""), at); status != http.StatusGone || !strings.Contains(page, "used already") {
		t.Errorf("in the end: %d %s", status, page)
	}
}

// TestAdvice: the page is for anybody, names the brand's own addresses, and has the
// three cases.
func TestAdvice(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for path, wants := range map[string][]string{
		"/advice":         {"I opened a link", "I typed a password", "I typed a card number", "info@antiphishing.jp", `href="/advice/rakuten"`, "Your own mail was refused"},
		"/advice/rakuten": {"I opened a link", "I typed a password", "I typed a card number", "rakuten.co.jp", "corp.rakuten.co.jp/security"},
	} {
		status, page := l.get(l.client(""), path)
		for _, want := range wants {
			if status != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("%s: %d without %q", path, status, want)
			}
		}
	}
	if status, _ := l.get(l.client(""), "/advice/nosuchbrand"); status != http.StatusNotFound {
		t.Errorf("unknown brand: %d", status)
	}
}
