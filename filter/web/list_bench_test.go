package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"sekisho/filter/quarantine"
)

// BenchmarkList is the time of the server for pages of a list of 10,000 items.
func BenchmarkList(b *testing.B) {
	l := newLab(b)
	for n := range 100 {
		var to []string
		for m := range 100 {
			to = append(to, fmt.Sprintf("user%d@d%d.test", n*100+m, m%10))
		}
		to[0] = "hanako@kaisha.test"
		l.put(fake, to...)
	}
	for _, c := range []struct{ name, user, path string }{
		{"first", "admin", "/"},
		{"search", "admin", "/?q=user99+d9.test&state=held&brand=rakuten"},
		{"nothing", "admin", "/?q=nowhere"},
		{"to a domain", "admin", "/?to=d9.test"},
		{"to somebody", "admin", "/?to=user9899@d9.test"},
		{"days", "admin", "/?from=2020-01-01&until=2099-01-01&to=d3.test&q=rakuten"},
		{"deep", "admin", "deep"},
		{"domain", "jiro", "/"},
		{"recipient", "hanako", "/"},
	} {
		if c.path == "deep" { // the last of two hundred pages
			c.path = "/?after=" + deep(b, l)
		}
		b.Run(c.name, func(b *testing.B) {
			id := l.server.sessions.begin(c.user, hashed)
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, c.path, nil)
				r.AddCookie(&http.Cookie{Name: l.server.cookieName(), Value: id})
				w := httptest.NewRecorder()
				l.server.Handler().ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

// deep is where the last page but one of everything ends.
func deep(b *testing.B, l *lab) string {
	b.Helper()
	after := ""
	for {
		p, err := l.store.Find(b.Context(), quarantine.Filter{Limit: perPage, After: after})
		if err != nil {
			b.Fatal(err)
		}
		if p.Next == "" {
			return after
		}
		after = p.Next
	}
}
