package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"go.uber.org/zap"
)

// The Content-Security-Policy of our pages, and of a message's HTML. A frame may
// only go to our own pages, so that nothing inside it can lead it elsewhere.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; report-uri /csp"
	framePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; base-uri 'none'; report-uri /csp"
)

// guarded is what every answer has in common: headers, a limit on what is read, no
// changes by pages of another origin, and no end of the process by a panic.
func (s *Server) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.AddInsecureBypassPattern("POST /csp") // a report from a sandboxed frame has no origin, and changes nothing
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusForbidden, "error.cross", nil)
	}))
	next = cross.Handler(next)
	policy := pagePolicy
	if origin := s.provider.origin(); origin != "" {
		// What a form leads to counts as its action, too.
		policy = strings.Replace(policy, "form-action 'self'", "form-action 'self' "+origin, 1)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("X-DNS-Prefetch-Control", "off")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.metrics.panics.Inc()
			s.opt.Log.Error("panic", zap.Any("value", p), zap.String("path", r.URL.Path), zap.Stack("stack"))
			s.fail(w, r, http.StatusInternalServerError, "error.internal", nil)
		}()
		next.ServeHTTP(w, r)
	})
}

// fail answers that something cannot be done: key is the text for people, cause
// goes to the log alone.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int, key string, cause error) {
	if cause != nil && r.Context().Err() == nil {
		s.opt.Log.Error("request failed", zap.String("path", r.URL.Path), zap.Int("status", status), zap.Error(cause))
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		answer(w, status, apiError{Error: s.pages.text(english, key)})
		return
	}
	d := failure{Title: "error.title", Text: key, Back: "/", Label: "back"}
	if title := fmt.Sprintf("error.title.%d", status); s.pages.has(title) {
		d.Title = title
	}
	p := page{Title: d.Title}
	if token := r.PathValue("token"); token != "" {
		d.Back, d.Label = "/l/"+url.PathEscape(token), "back.link" // who follows a link need not have an account
	} else if u, err := s.signedIn(w, r); err == nil {
		p.User = &u
	}
	p.Data = d
	s.render(w, r, status, "message", p)
}

// failure is what a page says that something could not be done: keys of texts, and
// where to go from there.
type failure struct{ Title, Text, Back, Label string }

// report counts what browsers kept a page from doing. There should be none.
func (s *Server) report(w http.ResponseWriter, _ *http.Request) {
	s.metrics.violations.Inc()
	w.WriteHeader(http.StatusNoContent)
}
