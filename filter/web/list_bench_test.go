package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
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
		{"domain", "jiro", "/"},
		{"recipient", "hanako", "/"},
	} {
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
