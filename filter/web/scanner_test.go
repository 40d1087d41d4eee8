package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"sekisho/filter/campaign"
	"sekisho/filter/quarantine"
)

// TestScannerEverywhere: whoever follows each link of each page, by GET and HEAD, with an
// admin's session or a token or from a digest without either, and asks so for all that
// changes something, too, changes nothing; and no link leads elsewhere.
func TestScannerEverywhere(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ids := l.put(fake, "hanako@kaisha.test", "taro@kaisha.test")
	report := l.reportOf(ids[0])
	items, err := l.store.Show(t.Context(), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	l.server.opt.Campaigns = incidents{[]campaign.Incident{{ID: "a1", Kind: campaign.Account, Messages: 1, Traces: []string{items[0].Trace}}}}
	token, _, err := l.server.users.AddToken("admin", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	before := l.everything()

	digest := l.to(ids[0], "hanako@kaisha.test", time.Hour)
	for who, begin := range map[string]string{"admin": "/", "": digest} {
		s := &scanner{lab: l, client: l.client(who), seen: map[string]bool{}}
		s.visit(begin)
		for _, want := range []string{digest + "/release", digest + "/erase", digest + "/phishing"} {
			if who == "" && !s.seen[want] {
				t.Errorf("the scanner has not tried %s", want)
			}
		}
		for _, want := range []string{"/items/" + ids[1] + "/release", "/items/" + ids[0] + "/message", "/reports/" + report + "/approve", "/campaigns/a1", "/explain/" + items[0].Trace, "/logout"} {
			if who == "admin" && !s.seen[want] {
				t.Errorf("the scanner has not tried %s", want)
			}
		}
	}
	// What no page names: all that there is.
	values := strings.NewReplacer("{id}", ids[0], "{report}", report, "{desk}", "apwg", "{token}", strings.TrimPrefix(digest, "/l/"), "{incident}", "a1", "{$}", "",
		"{trace...}", items[0].Trace, "{brand}", "rakuten", "{file}", "style.css")
	c := l.client("admin")
	reads := map[string]bool{}
	for _, rt := range append(l.server.routes(), l.server.apiRoutes()...) {
		reads[rt.path] = reads[rt.path] || rt.method == http.MethodGet
	}
	for _, rt := range append(l.server.routes(), l.server.apiRoutes()...) {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, query := range []string{"", "?form=x&again=yes&as=phishing&to=ja&sum=x"} {
				r, err := http.NewRequestWithContext(t.Context(), method, l.http.URL+values.Replace(rt.path)+query, nil)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(rt.path, "/api/") {
					r.Header.Set("Authorization", "Bearer "+token)
				}
				if status, text, _ := l.do(c, r); status < 400 && !reads[rt.path] {
					t.Errorf("%s %s: %d %s", method, rt.path, status, text)
				}
			}
		}
	}
	if after := l.everything(); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if status, _ := l.get(c, "/"); status != http.StatusOK {
		t.Errorf("the session has ended: %d", status)
	}
	if status, _ := l.get(l.client(""), digest); status != http.StatusOK {
		t.Errorf("the link is used up: %d", status)
	}
}

// everything is all that a scanner could change.
func (l *lab) everything() string {
	l.Helper()
	var b strings.Builder
	items, err := l.store.List(l.Context(), quarantine.Filter{})
	if err != nil {
		l.Fatal(err)
	}
	for _, one := range items {
		full, err := l.store.Show(l.Context(), one.ID)
		if err != nil {
			l.Fatal(err)
		}
		fmt.Fprintf(&b, "%+v\n", full)
	}
	reports, err := l.store.Reports(l.Context(), quarantine.ReportFilter{})
	if err != nil {
		l.Fatal(err)
	}
	fmt.Fprintf(&b, "%+v\n%d sent", reports, len(l.sink.Messages()))
	return b.String()
}

// scanner follows links as those do that look at mail before people.
type scanner struct {
	*lab
	client *http.Client
	seen   map[string]bool
}

func (s *scanner) visit(path string) {
	s.Helper()
	if s.seen[path] || len(s.seen) > 1000 {
		return
	}
	s.seen[path] = true
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		r, err := http.NewRequestWithContext(s.Context(), method, s.http.URL+path, nil)
		if err != nil {
			s.Fatal(err)
		}
		_, text, h := s.do(s.client, r)
		if method == http.MethodHead || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
			continue
		}
		root, err := html.Parse(strings.NewReader(text))
		if err != nil {
			s.Fatal(err)
		}
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				switch a.Key {
				case "href", "src", "action", "formaction", "data-renew":
					s.follow(path, a.Val)
				}
			}
		}
	}
}

func (s *scanner) follow(from, to string) {
	s.Helper()
	base, err := url.Parse(from)
	if err != nil {
		s.Fatal(err)
	}
	u, err := base.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" {
		s.Errorf("%s leads to %q", from, to)
		return
	}
	if !strings.HasPrefix(u.Path, "/advice/") || u.Path == "/advice/rakuten" { // there is one for each brand
		s.visit(u.RequestURI())
	}
}
