package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"sekisho/filter/quarantine"
	"sekisho/filter/quarantine/servers"
)

// BenchmarkList is the time of the server for pages of a list of 10,000 items, by each
// filter and far back, on each database; and where subjects are not in the index.
func BenchmarkList(b *testing.B) {
	key := b.TempDir() + "/key"
	if err := os.WriteFile(key, []byte(strings.Repeat("A", 43)+"=\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		options func(*testing.B) quarantine.Options
	}{
		{"sqlite", func(*testing.B) quarantine.Options { return quarantine.Options{} }},
		{"sealed", func(*testing.B) quarantine.Options { return quarantine.Options{KeyFile: key} }},
		{"postgres", onPostgres},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkList(b, newLabOn(b, c.options(b))) })
	}
}

// onPostgres starts a database for one benchmark.
func onPostgres(b *testing.B) quarantine.Options {
	b.Helper()
	p, err := servers.StartPostgres("")
	if errors.Is(err, servers.ErrAbsent) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.Close() })
	o := quarantine.Options{PasswordFile: p.PasswordFile}
	if o.Database, err = p.NewDatabase(); err != nil {
		b.Fatal(err)
	}
	return o
}

func benchmarkList(b *testing.B, l *lab) {
	for n := range 100 {
		var to []string
		for m := range 100 {
			to = append(to, fmt.Sprintf("user%d@d%d.test", n*100+m, m%10))
		}
		to[0] = "hanako@kaisha.test"
		l.put(fake, to...)
	}
	day := time.Now().Format(time.DateOnly)
	for _, c := range []struct{ name, user, query string }{
		{"first", "admin", ""},
		{"deep", "admin", "after=" + l.deep("admin")},
		{"words", "admin", "q=user99+d9.test&state=held&brand=rakuten"},
		{"nothing", "admin", "q=nowhere"},
		{"state", "admin", "state=held"},
		{"released", "admin", "state=released"},
		{"erased", "admin", "state=erased"},
		{"brand", "admin", "brand=rakuten"},
		{"other-brand", "admin", "brand=amazon"},
		{"to-domain", "admin", "to=d9.test"},
		{"to-mailbox", "admin", "to=hanako@kaisha.test"},
		{"days", "admin", "days=7"},
		{"from-until", "admin", "from=" + day + "&until=" + day},
		{"all-fields", "admin", "q=user&to=d9.test&state=held&brand=rakuten&days=7&from=" + day + "&until=" + day},
		{"domain-admin", "jiro", ""},
		{"domain-admin-words", "jiro", "q=nowhere"},
		{"recipient", "hanako", ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			handler, id := l.server.Handler(), l.server.sessions.begin(c.user, hashed)
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, "/?"+c.query, nil)
				r.AddCookie(&http.Cookie{Name: l.server.cookieName(), Value: id})
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

// deep is a place nine tenths down the list of a user.
func (l *lab) deep(name string) (after string) {
	l.Helper()
	u, err := l.server.users.User(name)
	if err != nil {
		l.Fatal(err)
	}
	for range 180 {
		p, err := l.server.find(l.Context(), &u, search{After: after})
		if err != nil {
			l.Fatal(err)
		}
		after = p.Next
	}
	return after
}
