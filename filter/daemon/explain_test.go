package daemon

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sekisho/filter/freeport"
	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// TestWebIncident: an account that was broken into is told by log, metric and page
// within 20 messages; the page leads to the earlier copies, each of which is
// explained, and to the item that is held.
func TestWebIncident(t *testing.T) {
	t.Parallel()
	h := prepare(t)
	cert, key := selfSigned(t, 1)
	at := freeport.Take(t)
	h.set(fmt.Sprintf("web: {listen: \"%s\", certificate: %s, key: %s}\n", at, h.write("cert.pem", cert), h.write("key.pem", key)))
	h.start()
	if err := account.Open(WebDir(h.opt.Settings.Config), time.Now).Add(account.User{Name: "aiko", Role: quarantine.Admin}, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	var people []string
	for n := range 38 {
		people = append(people, fmt.Sprintf("user%d@kaisha.test", n))
	}
	sent := 0
	for raised := false; !raised && sent < 20; sent++ {
		h.deliver(phish(people...))
		raised = h.metric(`sekisho_campaign_incidents_total{kind="account"}`, 1)
	}
	if n := h.logs.FilterMessage("incident").Len(); n != 1 {
		t.Errorf("%d incidents in the log after %d messages", n, sent)
	}
	h.eventually("the decisions recorded", func() bool { return h.metric("sekisho_journal_written_total", sent) })

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	page := func(res *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s %v", res.Request.URL, res.StatusCode, text, err)
		}
		return string(text)
	}
	login, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+at+"/login",
		strings.NewReader(url.Values{"name": {"aiko"}, "password": {"correct horse battery"}, "next": {"/campaigns"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	login.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	login.Header.Set("Sec-Fetch-Site", "same-origin")
	if text := page(c.Do(login)); !strings.Contains(text, `href="/campaigns/a1"`) || !strings.Contains(text, "mgu.ac.jp") {
		t.Fatalf("campaigns: %s", text)
	}
	links := regexp.MustCompile(`/explain/[0-9A-Z]{16}`).FindAllString(page(c.Get("https://"+at+"/campaigns/a1")), -1)
	if links = slices.Compact(links); len(links) != sent {
		t.Fatalf("%d messages, links %q", sent, links)
	}
	text := page(c.Get("https://" + at + links[0]))
	for _, want := range []string{"impersonation", "user0@kaisha.test", "quarantine", "judge", `href="/items/`, `href="/campaigns/a1"`, "were rakuten proved"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}
