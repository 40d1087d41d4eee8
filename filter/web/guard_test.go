package web

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/filter/report"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	c := l.client("hanako")
	for path, policy := range map[string]string{"/": pagePolicy, "/items/" + id: pagePolicy, "/items/" + id + "/html": framePolicy, "/nowhere": pagePolicy, "/static/style.css": pagePolicy} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, l.http.URL+path, nil)
		_, text, h := l.do(c, r)
		if h.Get("Content-Security-Policy") != policy || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
			h.Get("Strict-Transport-Security") == "" || h.Get("X-Frame-Options") != "SAMEORIGIN" {
			t.Errorf("%s: %v", path, h)
		}
		if !strings.HasPrefix(path, "/static") && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept", path)
		}
		for _, inline := range []string{"<script>", "onclick", "javascript:"} {
			if strings.Contains(text, inline) {
				t.Errorf("%s: %s", path, inline)
			}
		}
	}
	if strings.Contains(pagePolicy, "unsafe") {
		t.Error("the policy of pages allows what is inline")
	}
}

// TestOtherOrigins: a page elsewhere cannot make a browser change anything, nor log
// it in.
func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	c := l.client("hanako")
	for _, headers := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
	} {
		for _, path := range []string{"/items/" + id + "/release", "/items/" + id + "/erase", "/login", "/logout", "/language"} {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, l.http.URL+path, nil)
			for k, v := range headers {
				r.Header.Set(k, v)
			}
			if status, _, _ := l.do(c, r); status != http.StatusForbidden {
				t.Errorf("%v %s: %d", headers, path, status)
			}
		}
	}
	if l.state(id) != quarantine.Held {
		t.Error("changed")
	}
	if status, _ := l.get(c, "/"); status != http.StatusOK {
		t.Error("logged out")
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	now := time.Now()
	l.server.sessions.now = func() time.Time { return now }
	l.server.tries.now = func() time.Time { return now }
	nobody := l.client("")
	if status, _ := l.get(nobody, "/"); status != http.StatusSeeOther {
		t.Errorf("nobody: %d", status)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, l.http.URL+"/login", strings.NewReader(url.Values{"name": {"hanako"}, "password": {password}, "next": {"/policy"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, _, h := l.do(nobody, r)
	cookie := h.Get("Set-Cookie")
	for _, want := range []string{"__Host-sekisho=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q lacks %s", cookie, want)
		}
	}
	if h.Get("Location") != "/policy" {
		t.Errorf("led to %q", h.Get("Location"))
	}

	// The id changes with time; the old one ends soon after.
	c := nobody
	here, _ := url.Parse(l.http.URL)
	old := c.Jar.Cookies(here)
	now = now.Add(sessionRotate)
	if status, _ := l.get(c, "/"); status != http.StatusOK {
		t.Fatalf("rotation: %d", status)
	}
	if c.Jar.Cookies(here)[0].Value == old[0].Value {
		t.Error("the id has not changed")
	}
	now = now.Add(sessionGrace)
	stale := l.client("")
	stale.Jar.SetCookies(here, old)
	if status, _ := l.get(stale, "/"); status != http.StatusSeeOther {
		t.Errorf("the old id still holds: %d", status)
	}
	if status, _ := l.get(c, "/"); status != http.StatusOK {
		t.Errorf("the new one does not: %d", status)
	}
	now = now.Add(sessionIdle - time.Second)
	if status, _ := l.get(c, "/"); status != http.StatusOK {
		t.Errorf("a second before the idle limit: %d", status)
	}
	now = now.Add(sessionIdle)
	if status, _ := l.get(c, "/"); status != http.StatusSeeOther {
		t.Errorf("at the idle limit: %d", status)
	}

	// Logging out ends the session for who has its id, too.
	c = l.client("hanako")
	old = c.Jar.Cookies(here)
	if status, _ := l.post(c, "/logout", nil); status != http.StatusSeeOther {
		t.Errorf("log-out: %d", status)
	}
	stale.Jar.SetCookies(here, old)
	if status, _ := l.get(stale, "/"); status != http.StatusSeeOther {
		t.Errorf("after the log-out: %d", status)
	}
	// So does a new password.
	c = l.client("hanako")
	if err := l.server.users.SetPassword("hanako", "quite another password"); err != nil {
		t.Fatal(err)
	}
	if status, _ := l.get(c, "/"); status != http.StatusSeeOther {
		t.Errorf("after a new password: %d", status)
	}
}

func TestSessionLife(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := newSessions(func() time.Time { return now })
	id := s.begin("hanako", "x")
	for range int((sessionLife - time.Minute) / (10 * time.Minute)) {
		now = now.Add(10 * time.Minute)
		_, next, ok := s.find(id)
		if !ok {
			t.Fatal("ended early")
		}
		if next != "" {
			id = next
		}
	}
	now = now.Add(10 * time.Minute)
	if _, _, ok := s.find(id); ok {
		t.Error("past its life")
	}
	for range maxOfUser + 1 {
		id = s.begin("hanako", "x")
		now = now.Add(time.Millisecond)
	}
	if _, _, ok := s.find(id); !ok || len(s.all) != maxOfUser {
		t.Errorf("%d sessions of one user", len(s.all))
	}
	for i := len(s.all); i < maxSessions; i++ {
		s.add(&session{user: fmt.Sprint(i), begun: now, seen: now})
	}
	id = s.begin("one more", "x")
	if _, _, ok := s.find(id); !ok || len(s.all) != maxSessions {
		t.Errorf("%d sessions", len(s.all))
	}
}

func TestTries(t *testing.T) {
	t.Parallel()
	now := time.Now()
	n := newTries(func() time.Time { return now })
	for i := range nameTries {
		if !n.take("hanako", fmt.Sprintf("192.0.2.%d", i)) {
			t.Fatalf("attempt %d", i)
		}
	}
	if n.take("hanako", "192.0.2.99") {
		t.Error("one more for a name")
	}
	if !n.take("taro", "192.0.2.99") {
		t.Error("another name")
	}
	now = now.Add(triesWindow)
	if !n.take("hanako", "192.0.2.99") {
		t.Error("after the window")
	}
	for i := range addressTries {
		if !n.take(fmt.Sprint("name", i), "198.51.100.1") {
			t.Fatalf("name %d", i)
		}
	}
	if n.take("one more", "198.51.100.1") {
		t.Error("one more from an address")
	}
	for range addressTries + 1 {
		if !n.take("", "::1") {
			t.Error("a proxy beside us is limited as one")
		}
	}
	for i := range maxTracked + 10 {
		n.take(fmt.Sprint("many", i), "127.0.0.1")
	}
	if len(n.failed) > maxTracked+1 {
		t.Errorf("%d kept", len(n.failed))
	}
	l := newLab(t)
	c := l.client("")
	for range nameTries - 1 {
		l.server.tries.take("nobody", "127.0.0.1")
	}
	if status, _ := l.post(c, "/login", url.Values{"name": {"nobody"}, "password": {""}}); status != http.StatusUnauthorized {
		t.Fatalf("wrong: %d", status)
	}
	if status, _ := l.post(c, "/login", url.Values{"name": {"nobody"}, "password": {""}}); status != http.StatusTooManyRequests {
		t.Errorf("limited: %d", status)
	}
	log, err := os.ReadFile(l.server.audit.path)
	if err != nil || strings.Count(string(log), `"outcome":"failed"`) != 1 {
		t.Errorf("audit: %v %s", err, log)
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/items/x?y=1": "/items/x?y=1", "": "/", "//evil.example/": "/", "https://evil.example/": "/", `/\evil.example`: "/", "javascript:alert(1)": "/",
		"/a\r\nb": "/", "evil": "/", "/\t/evil.example": "/",
	} {
		if got := localPath(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// TestTexts: every text is there in both languages, takes the same arguments, and
// is used.
func TestTexts(t *testing.T) {
	t.Parallel()
	p, err := newPages()
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range p.texts[english] {
		other, ok := p.texts[japanese][key]
		if !ok || strings.Count(text, "%") != strings.Count(other, "%") {
			t.Errorf("%s: %q, %q", key, text, other)
		}
	}
	for key := range p.texts[japanese] {
		if _, ok := p.texts[english][key]; !ok && !strings.HasPrefix(key, "finding.") {
			t.Errorf("%s is not there in English", key)
		}
	}
	for _, n := range finding.Names() {
		if p.texts[japanese]["finding."+string(n)] == "" {
			t.Errorf("finding %s has no Japanese meaning", n)
		}
	}
	for _, state := range []quarantine.State{quarantine.Held, quarantine.Releasing, quarantine.Released, quarantine.Erased} {
		if p.texts[english]["state."+string(state)] == "" {
			t.Errorf("no text for state %s", state)
		}
	}
	var more []string
	for _, r := range report.Reasons() {
		more = append(more, "asked.not."+string(r))
	}
	for _, s := range reportStates() {
		more = append(more, "report.state."+string(s))
	}
	for _, kind := range []mail.LinkKind{mail.LinkAnchor, mail.LinkForm, mail.LinkPlain, mail.LinkImage, mail.LinkQR, mail.LinkPDF, mail.LinkScript} {
		more = append(more, "link-kind."+string(kind))
	}
	for _, name := range []string{"q", "to", "state", "brand", "days", "from", "until", "after"} {
		more = append(more, "list.field."+name)
	}
	for _, key := range append(more, "report.to.brand", "report.to.abuse") {
		if p.texts[english][key] == "" {
			t.Errorf("no text %s", key)
		}
	}
	names, err := os.ReadDir("pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile("pages/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(text), `{{t "`)[1:] {
			key, _, _ := strings.Cut(part, `"`)
			if _, ok := p.texts[english][key]; !ok {
				t.Errorf("%s: no text %q", name.Name(), key)
			}
		}
	}
}
