package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// access says who may use a route.
type access int

const (
	anyone   access = iota
	signedIn        // every role, each for what it sees
	staff           // admins and domain admins
	adminOnly
)

// caller is who a request comes from.
type caller struct {
	account.User
	via  string // "web", or the token
	from string // address of the client
}

// handler answers a request of somebody who may make it.
type handler func(w http.ResponseWriter, r *http.Request, who *caller)

// route is one path of the pages or the API.
type route struct {
	method, path string
	who          access
	do           handler
}

func (s *Server) routes() []route {
	return []route{
		{"GET", "/{$}", signedIn, s.list},
		{"GET", "/items/{id}", signedIn, s.entry},
		{"GET", "/items/{id}/html", signedIn, s.frame},
		{"GET", "/items/{id}/message", staff, s.download},
		{"POST", "/items/{id}/release", signedIn, s.release},
		{"POST", "/items/{id}/mark", signedIn, s.mark},
		{"POST", "/items/{id}/erase", signedIn, s.erase},
		{"POST", "/items/{id}/exception", staff, s.exception},
		{"POST", "/items/{id}/report", signedIn, s.askReport},
		{"GET", "/items/{id}/draft/{desk}", staff, s.reportDraft},
		{"GET", "/reports", staff, s.reportList},
		{"GET", "/reports/{report}", staff, s.reportPage},
		{"GET", "/reports/{report}/message", staff, s.reportMessage},
		{"POST", "/reports/{report}/approve", staff, s.approveReport},
		{"POST", "/reports/{report}/drop", staff, s.dropReport},
		{"GET", "/policy", signedIn, s.policy},
		{"GET", "/verdicts", staff, s.verdicts},
		{"GET", "/verdicts/chart", staff, s.chart},
		{"GET", "/explain", signedIn, s.explained},
		{"GET", "/explain/{trace...}", signedIn, s.explained},
		{"GET", "/campaigns", adminOnly, s.campaigns},
		{"GET", "/campaigns/{incident}", adminOnly, s.incident},
		{"GET", "/audit", adminOnly, s.auditPage},
		{"GET", "/l/{token}", anyone, s.linkPage},
		{"POST", "/l/{token}/release", anyone, s.linkDo("release", func(ctx context.Context, who *caller, id string) error { return s.doRelease(ctx, who, id, false) })},
		{"POST", "/l/{token}/erase", anyone, s.linkDo("erase", s.doErase)},
		{"POST", "/l/{token}/phishing", anyone, s.linkDo("phishing", func(ctx context.Context, who *caller, id string) error {
			return s.doMark(ctx, who, id, quarantine.KindPhishing)
		})},
		{"GET", "/advice", anyone, s.advise},
		{"GET", "/advice/{brand}", anyone, s.advise},
		{"GET", "/login", anyone, s.loginPage},
		{"POST", "/login", anyone, s.login},
		{"POST", "/login/provider", anyone, s.providerBegin},
		{"GET", "/login/callback", anyone, s.providerEnd},
		{"POST", "/logout", anyone, s.logout},
		{"POST", "/language", anyone, s.language},
		{"POST", "/csp", anyone, func(w http.ResponseWriter, r *http.Request, _ *caller) { s.report(w, r) }},
		{"GET", "/static/{file}", anyone, s.static},
	}
}

// Handler answers all requests.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.method+" "+r.path, s.checked(r))
	}
	for _, r := range s.apiRoutes() {
		mux.HandleFunc(r.method+" "+r.path, s.checkedToken(r))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, http.StatusNotFound, "error.no-page", nil) })
	return s.guarded(mux)
}

// checked lets those through who are logged in and may use the route.
func (s *Server) checked(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if rt.who == anyone {
			rt.do(w, r, nil)
			return
		}
		u, err := s.signedIn(w, r)
		switch {
		case errors.Is(err, account.ErrWrong):
			if r.Method == http.MethodGet {
				http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
				return
			}
			s.fail(w, r, http.StatusUnauthorized, "error.login", nil)
			return
		case err != nil:
			s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
			return
		}
		who := &caller{User: u, via: "web", from: clientOf(r)}
		if !rt.who.lets(who.Role) {
			s.fail(w, r, http.StatusForbidden, "error.role", nil)
			return
		}
		rt.do(w, r, who)
	}
}

func (a access) lets(role quarantine.Role) bool {
	switch a {
	case adminOnly:
		return role == quarantine.Admin
	case staff:
		return role == quarantine.Admin || role == quarantine.DomainAdmin
	}
	return true
}

// clientOf is the address at the other end of the connection. What a proxy says in
// a header is not looked at: anybody can say it.
func clientOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// cookieName binds the cookie to this host and to TLS, as far as TLS is ours.
func (s *Server) cookieName() string {
	if s.opt.TLS != nil {
		return "__Host-sekisho"
	}
	return "sekisho"
}

// setCookie keeps it Secure where something in front of us speaks TLS, too; browsers
// take that from loopback as well.
func (s *Server) setCookie(w http.ResponseWriter, id string) {
	c := &http.Cookie{Name: s.cookieName(), Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLife / time.Second)}
	if id == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// signedIn returns the user of the request's session, as the file has them now.
// ErrWrong: there is none.
func (s *Server) signedIn(w http.ResponseWriter, r *http.Request) (account.User, error) {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return account.User{}, account.ErrWrong
	}
	found, successor, ok := s.sessions.find(c.Value)
	if !ok {
		return account.User{}, account.ErrWrong
	}
	u, err := s.users.User(found.user)
	if errors.Is(err, account.ErrNoUser) || err == nil && u.Password != found.password {
		s.sessions.end(c.Value)
		return account.User{}, account.ErrWrong
	}
	if err == nil && successor != "" {
		s.setCookie(w, successor)
	}
	return u, err
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request, _ *caller) {
	s.render(w, r, http.StatusOK, "login", page{Title: "login.title", Data: loginData{Next: localPath(r.FormValue("next")), Provider: s.provider.name()}})
}

type loginData struct {
	Next, Name, Error string
	Provider          string // host of one through which people log in; "" for none
}

func (s *Server) login(w http.ResponseWriter, r *http.Request, _ *caller) {
	name, from, next := r.PostFormValue("name"), clientOf(r), localPath(r.PostFormValue("next"))
	refuse := func(status int, outcome, key string) {
		s.metrics.logins.WithLabelValues(outcome).Inc()
		s.render(w, r, status, "login", page{Title: "login.title", Data: loginData{Next: next, Name: name, Error: key, Provider: s.provider.name()}})
	}
	if len(name) > maxQuery || !s.tries.take(name, from) {
		w.Header().Set("Retry-After", "900")
		refuse(http.StatusTooManyRequests, "limited", "login.limited")
		return
	}
	u, err := s.users.Check(r.Context(), name, r.PostFormValue("password"))
	e := event{User: name, Role: string(u.Role), Via: "web", From: from, Action: "login", Outcome: "done"}
	if err != nil {
		e.Outcome = "failed"
	}
	// Where it cannot be written down nobody gets in.
	if wrong := s.audit.write(e); wrong != nil && (err == nil || !errors.Is(wrong, errNoFolder)) {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", wrong)
		return
	}
	switch {
	case errors.Is(err, account.ErrWrong):
		refuse(http.StatusUnauthorized, "failed", "login.wrong")
		return
	case err != nil:
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	s.tries.done(name, from)
	s.begin(w, r, &u, next)
}

// begin logs somebody in who has proved who they are.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, u *account.User, next string) {
	s.metrics.logins.WithLabelValues("done").Inc()
	if c, err := r.Cookie(s.cookieName()); err == nil {
		s.sessions.end(c.Value) // an id that was there before is never taken over
	}
	s.setCookie(w, s.sessions.begin(u.Name, u.Password))
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request, _ *caller) {
	if c, err := r.Cookie(s.cookieName()); err == nil {
		s.sessions.end(c.Value)
	}
	s.setCookie(w, "")
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// localPath is a path of ours, whatever it was: a log-in must not lead elsewhere.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
