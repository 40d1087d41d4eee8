package web

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"sekisho/filter/campaign"
	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/smtpsink"
)

func TestPages(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	c := l.client("hanako")
	status, text := l.get(c, "/")
	if status != http.StatusOK || !strings.Contains(text, "【楽天】アカウントは停止されています") || !strings.Contains(text, "/items/"+id) {
		t.Errorf("list: %d %s", status, text)
	}
	status, text = l.get(c, "/items/"+id)
	for _, want := range []string{
		"st.mgu.ac.jp", "【楽天】アカウントは停止されています", "hxxp://rakuten[.]account-check[.]example/login?u=1", "impersonation",
		"rakuten.co.jp", "I typed a password", "Release now", "iframe sandbox",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("entry (%d) lacks %q", status, want)
		}
	}
	if strings.Contains(text, "http://rakuten.") {
		t.Error("a link of the message is in the page")
	}
	status, text = l.get(c, "/items/"+id+"/html")
	if status != http.StatusOK || !strings.Contains(text, "通常と異なる") || strings.Contains(text, "href") || strings.Contains(text, "src=") {
		t.Errorf("frame: %d %s", status, text)
	}
	if status, text = l.get(c, "/policy"); status != http.StatusOK || !strings.Contains(text, "thresholds") {
		t.Errorf("policy: %d", status)
	}
	for _, path := range []string{"/policy?address=taro@kaisha.test", "/verdicts", "/audit", "/items/" + id + "/message"} {
		if status, _ = l.get(c, path); status != http.StatusForbidden {
			t.Errorf("%s for a recipient: %d", path, status)
		}
	}
	admin := l.client("admin")
	if status, text = l.get(admin, "/verdicts"); status != http.StatusOK || !strings.Contains(text, "<svg") || !strings.Contains(text, "v-") {
		t.Errorf("verdicts: %d", status)
	}
	if status, text = l.get(admin, "/audit"); status != http.StatusOK || !strings.Contains(text, "Audit log") {
		t.Errorf("audit: %d", status)
	}
	if status, text = l.get(admin, "/items/"+id+"/message"); status != http.StatusOK || text != fake {
		t.Errorf("download: %d", status)
	}
}

func TestJapanese(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	c := l.client("hanako")
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, l.http.URL+"/items/"+id, nil)
	r.Header.Set("Accept-Language", "ja,en;q=0.5")
	_, text, header := l.do(c, r)
	for _, want := range []string{`lang="ja"`, "証明された差出人", "パスワードを入力した", "ブランドを名乗るが"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if header.Get("Content-Language") != "ja" {
		t.Error("no Content-Language")
	}
	if status, _ := l.post(c, "/language", url.Values{"to": {"ja"}, "here": {"/policy"}}); status != http.StatusSeeOther {
		t.Errorf("switch: %d", status)
	}
	if _, text = l.get(c, "/"); !strings.Contains(text, "保留メール") {
		t.Error("the switch has no effect")
	}
}

// TestScope: nobody sees, or touches, what is another's.
func TestScope(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ids := l.put(fake, "hanako@kaisha.test", "taro@kaisha.test", "hanako@gakko.test")
	for name, sees := range map[string][3]bool{"admin": {true, true, true}, "jiro": {true, true, false}, "hanako": {true, false, false}} {
		c := l.client(name)
		_, list := l.get(c, "/")
		for i, id := range ids {
			if got := strings.Contains(list, "/items/"+id); got != sees[i] {
				t.Errorf("%s has item %d in the list: %v", name, i, got)
			}
			for _, path := range []string{"", "/html"} {
				if status, _ := l.get(c, "/items/"+id+path); (status == http.StatusOK) != sees[i] {
					t.Errorf("%s %s of item %d: %d", name, path, i, status)
				}
			}
			if sees[i] {
				continue
			}
			for _, action := range []string{"release", "erase", "mark"} {
				if status, _ := l.post(c, "/items/"+id+"/"+action, url.Values{"as": {"phishing"}}); status != http.StatusNotFound {
					t.Errorf("%s may %s item %d: %d", name, action, i, status)
				}
			}
			if l.state(id) != quarantine.Held {
				t.Errorf("%s changed item %d", name, i)
			}
		}
		// The entry stands for all its items, and so for nobody.
		entry, _, _ := strings.Cut(ids[0], "-")
		if status, _ := l.get(c, "/items/"+entry); status != http.StatusNotFound {
			t.Errorf("%s sees the entry: %d", name, status)
		}
	}
}

// TestGetChangesNothing: whoever follows every link, as scanners of mail do, has
// changed nothing, logged in or not.
func TestGetChangesNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.server.provider = newProvider(Provider{Issuer: "https://id.example", ClientID: "sekisho", URL: l.http.URL}, time.Now)
	id := l.put(fake, "hanako@kaisha.test")[0]
	token, _, err := l.server.users.AddToken("admin", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	l.server.opt.Campaigns = incidents{[]campaign.Incident{{ID: "a1", Kind: campaign.Account}}}
	admin, nobody := l.client("admin"), l.client("")
	before, err := l.store.Show(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	made, _, err := l.store.Report(t.Context(), quarantine.ReportDraft{Item: before[0], Kind: quarantine.ToAbuse, Target: "abuse@mgu.ac.jp", About: "x"})
	if err != nil {
		t.Fatal(err)
	}
	audit, _ := os.ReadFile(l.server.audit.path)
	tried := 0
	for _, rt := range append(l.server.routes(), l.server.apiRoutes()...) {
		path := strings.NewReplacer("{id}", id, "{trace...}", before[0].Trace, "{incident}", "a1", "{file}", "style.css", "{$}", "", "/l/{token}", l.to(id, "hanako@kaisha.test", time.Hour), "{brand}", "rakuten", "{report}", made.ID, "{desk}", "apwg").Replace(rt.path)
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, c := range []*http.Client{admin, nobody} {
				for _, query := range []string{"?address=hanako@kaisha.test", "?address=hanako@kaisha.test&as=phishing&again=yes&to=ja&confirm=1&sender=1&reason=x&days=3"} {
					r, _ := http.NewRequestWithContext(t.Context(), method, l.http.URL+path+query, nil)
					if c == admin {
						r.Header.Set("Authorization", "Bearer "+token)
					}
					status, _, header := l.do(c, r)
					tried++
					if rt.method == http.MethodGet && c == admin && status != http.StatusOK && path != "/login/callback" {
						t.Errorf("%s %s: %d", method, path, status)
					}
					if rt.method != http.MethodGet && status == http.StatusOK && !strings.HasPrefix(path, "/login") && path != "/api/v1/items/"+id && path != "/api/v1/reports/"+made.ID {
						t.Errorf("%s %s: %d, it is for %s", method, path, status, rt.method)
					}
					if header.Get("Set-Cookie") != "" {
						t.Errorf("%s %s sets a cookie", method, path)
					}
				}
			}
		}
	}
	after, err := l.store.Show(t.Context(), id)
	if err != nil || after[0].Changed != before[0].Changed || after[0].State != quarantine.Held || len(after[0].Feedback) != 0 {
		t.Errorf("changed: %+v %v", after, err)
	}
	if now, err := l.store.ReportOf(t.Context(), made.ID); err != nil || now != made {
		t.Errorf("the report changed: %+v %v", now, err)
	}
	if now, _ := os.ReadFile(l.server.audit.path); string(now) != string(audit) {
		t.Errorf("the audit log has more: %s", now[len(audit):])
	}
	if len(l.sink.Messages()) != 0 {
		t.Error("something was sent")
	}
	t.Logf("%d requests", tried)
}

func TestActions(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ids := l.put(fake, "hanako@kaisha.test", "taro@kaisha.test")
	c := l.client("hanako")
	for range 2 { // a double click sends once
		if status, text := l.post(c, "/items/"+ids[0]+"/release", nil); status != http.StatusSeeOther {
			t.Fatalf("release: %d %s", status, text)
		}
	}
	sent := l.sink.Messages()
	if len(sent) != 1 || len(sent[0].Recipients) != 1 || sent[0].Recipients[0] != "hanako@kaisha.test" || string(sent[0].Data) != fake {
		t.Fatalf("sent: %+v", sent)
	}
	if l.state(ids[0]) != quarantine.Released || l.state(ids[1]) != quarantine.Held {
		t.Error("states")
	}
	domain := l.client("jiro")
	if status, _ := l.post(domain, "/items/"+ids[1]+"/mark", url.Values{"as": {"phishing"}}); status != http.StatusSeeOther {
		t.Errorf("mark: %d", status)
	}
	if status, _ := l.post(domain, "/items/"+ids[1]+"/mark", url.Values{"as": {"nonsense"}}); status != http.StatusBadRequest {
		t.Errorf("odd mark: %d", status)
	}
	if _, text := l.get(domain, "/items/"+ids[1]); !strings.Contains(text, "Marked as phishing by jiro") {
		t.Error("the mark is not shown")
	}
	if status, _ := l.post(domain, "/items/"+ids[1]+"/erase", nil); status != http.StatusSeeOther || l.state(ids[1]) != quarantine.Erased {
		t.Errorf("erase: %d", status)
	}
	if status, _ := l.get(domain, "/items/"+ids[1]); status != http.StatusNotFound {
		t.Errorf("erased, for a domain admin: %d", status)
	}
	if status, text := l.get(l.client("admin"), "/items/"+ids[1]); status != http.StatusOK || strings.Contains(text, "taro") {
		t.Errorf("erased, for the admin: %d", status)
	}
	text, err := os.ReadFile(l.server.audit.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"user":"hanako","role":"recipient","via":"web","from":"127.0.0.1","action":"release","item":"` + ids[0] + `","outcome":"begun"`,
		`"action":"release","item":"` + ids[0] + `","outcome":"done"`, `"action":"mark phishing"`, `"action":"erase"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the audit log lacks %s", want)
		}
	}
	// What cannot be written down is not done.
	other := l.put(fake, "hanako@kaisha.test")[0]
	if err := errorOf(os.Remove(l.server.audit.path), os.Mkdir(l.server.audit.path, 0o700)); err != nil {
		t.Fatal(err)
	}
	if status, _ := l.post(c, "/items/"+other+"/release", nil); status < 500 || l.state(other) != quarantine.Held {
		t.Errorf("without an audit log: %d", status)
	}
}

func errorOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestReleaseThatFails(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	c := l.client("hanako")
	l.sink.Answer(func(verb, _ string) string {
		if verb == "RCPT" {
			return "451 4.3.0 not now <script>"
		}
		return ""
	})
	if status, _ := l.post(c, "/items/"+id+"/release", nil); status != http.StatusBadGateway || l.state(id) != quarantine.Held {
		t.Errorf("refused: %d %s", status, l.state(id))
	}
	if _, text := l.get(c, "/items/"+id); !strings.Contains(text, "not now &lt;script&gt;") {
		t.Error("the page does not say why")
	}
	l.sink.Answer(func(verb, _ string) string {
		if verb == "." {
			return smtpsink.Hangup
		}
		return ""
	})
	_, _ = l.post(c, "/items/"+id+"/release", nil)
	if _, text := l.get(c, "/items/"+id); l.state(id) != quarantine.Releasing || !strings.Contains(text, "nobody knows whether") {
		t.Errorf("cut off: %s", l.state(id))
	}
	l.sink.Answer(nil)
	if status, _ := l.post(c, "/items/"+id+"/release", nil); status != http.StatusConflict {
		t.Errorf("pending: %d", status)
	}
	if status, _ := l.post(c, "/items/"+id+"/release", url.Values{"again": {"yes"}}); status != http.StatusSeeOther || l.state(id) != quarantine.Released {
		t.Errorf("again: %d", status)
	}
	policyOnly := l.put(fake, "hanako@kaisha.test")[0]
	l.server.opt.Release = func() quarantine.ReleaseOptions { return quarantine.ReleaseOptions{} }
	if status, _ := l.post(c, "/items/"+policyOnly+"/release", nil); status != http.StatusConflict || l.state(policyOnly) != quarantine.Held {
		t.Errorf("no target: %d", status)
	}
}

// TestListPages: the list goes on to the oldest item, and an item that is searched
// for is found wherever it is.
func TestListPages(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.put(fake, "hanako@kaisha.test")[0]
	var to []string
	for i := range perPage {
		to = append(to, "user"+string(rune('a'+i%26))+strings.Repeat("x", i/26)+"@kaisha.test")
	}
	l.put(fake, to...)
	c := l.client("jiro")
	status, first := l.get(c, "/")
	_, rest, found := strings.Cut(first, `rel="next" href="`)
	next, _, _ := strings.Cut(rest, `"`)
	if status != http.StatusOK || !found || strings.Contains(first, old) || strings.Count(first, `<li class="item`) != perPage {
		t.Fatalf("first page: %d, next %q", status, next)
	}
	if _, text := l.get(c, strings.ReplaceAll(next, "&amp;", "&")); !strings.Contains(text, old) || strings.Contains(text, `rel="next"`) || !strings.Contains(text, `rel="prev"`) {
		t.Error("the last page lacks the oldest item")
	}
	if _, text := l.get(c, "/?q=hanako"); !strings.Contains(text, old) {
		t.Error("a search does not find the oldest item")
	}
	if status, text := l.get(c, "/?after=nonsense"); status != http.StatusOK || strings.Count(text, `<li class="item`) != perPage {
		t.Errorf("after nonsense: %d", status)
	}
}
