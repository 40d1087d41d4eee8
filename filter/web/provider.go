package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sekisho/filter/web/account"
)

// Provider is one of OpenID Connect (Core 1.0) through which people log in: the
// code flow with PKCE (RFC 7636). Who comes back is the user whose name is the
// address that the provider has verified; roles stay ours.
type Provider struct {
	Issuer   string
	ClientID string
	Secret   string       // "" for a client without one
	URL      string       // of our pages as browsers see them
	Client   *http.Client // nil is the usual one
}

// provider is a Provider and who is on the way to it and back.
type provider struct {
	Provider
	now func() time.Time

	mu    sync.Mutex
	found *oidc.Provider // nil until it was first reached
	left  map[string]leaving
}

// leaving is somebody who was sent to the provider.
type leaving struct {
	at       time.Time
	nonce    string
	verifier string
	next     string
}

const stateCookie = "__Host-sekisho-state"

var errProvider = errors.New("the provider did not confirm who it is")

func newProvider(p Provider, now func() time.Time) *provider {
	return &provider{Provider: p, now: now, left: map[string]leaving{}}
}

// name is the provider's host, for people; "" for no provider.
func (p *provider) name() string {
	if p == nil {
		return ""
	}
	u, err := url.Parse(p.Issuer)
	if err != nil {
		return ""
	}
	return u.Host
}

// origin is where forms may lead to; "" for no provider. One that asks people at
// another host than its issuer's is not supported.
func (p *provider) origin() string {
	if p.name() == "" {
		return ""
	}
	return "https://" + p.name()
}

// client is what a request to the provider uses.
func (p *provider) client(ctx context.Context) context.Context {
	if p.Client != nil {
		return oidc.ClientContext(ctx, p.Client)
	}
	return ctx
}

// reach finds out what the provider offers, until that has worked once: it may be
// down when we start.
func (p *provider) reach(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		// Keys are fetched later, by the context that is given here.
		found, err := oidc.NewProvider(p.client(context.WithoutCancel(ctx)), p.Issuer)
		if err != nil {
			return nil, nil, err
		}
		p.found = found
	}
	return p.found, &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: p.found.Endpoint(),
		RedirectURL: strings.TrimSuffix(p.URL, "/") + "/login/callback", Scopes: []string{oidc.ScopeOpenID, "email"}}, nil
}

// leave notes that somebody is sent to the provider; false while too many are.
func (p *provider) leave(state string, l leaving) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, other := range p.left {
		if p.now().Sub(other.at) >= providerTime {
			delete(p.left, key)
		}
	}
	if len(p.left) >= maxLeft {
		return false
	}
	p.left[state] = l
	return true
}

// back is who has left with a state, once.
func (p *provider) back(state string) (leaving, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.left[state]
	delete(p.left, state)
	return l, ok && p.now().Sub(l.at) < providerTime
}

// providerBegin sends somebody to the provider.
func (s *Server) providerBegin(w http.ResponseWriter, r *http.Request, _ *caller) {
	if s.provider == nil {
		s.fail(w, r, http.StatusNotFound, "error.no-page", nil)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), askProvider)
	defer cancel()
	_, config, err := s.provider.reach(ctx)
	if err != nil {
		s.fail(w, r, http.StatusBadGateway, "login.denied", err)
		return
	}
	state := rand.Text()
	l := leaving{at: s.opt.Now(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(), next: localPath(r.PostFormValue("next"))}
	if !s.provider.leave(state, l) {
		s.fail(w, r, http.StatusTooManyRequests, "login.limited", nil)
		return
	}
	// Whoever comes back has to be who has left.
	http.SetCookie(w, &http.Cookie{Name: stateCookie, Value: state, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(providerTime / time.Second)})
	http.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(l.nonce), oauth2.S256ChallengeOption(l.verifier)), http.StatusSeeOther)
}

// providerEnd takes back who was sent. It is a GET, as the protocol says, and does
// nothing for anybody who was not sent from this browser a moment ago.
func (s *Server) providerEnd(w http.ResponseWriter, r *http.Request, _ *caller) {
	c, err := r.Cookie(stateCookie)
	if s.provider == nil || err != nil || r.Method != http.MethodGet || c.Value != r.FormValue("state") {
		s.fail(w, r, http.StatusBadRequest, "error.bad", nil)
		return
	}
	l, ok := s.provider.back(c.Value)
	if !ok {
		s.fail(w, r, http.StatusBadRequest, "error.bad", nil)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: stateCookie, Path: "/", Secure: true, HttpOnly: true, MaxAge: -1})
	ctx, cancel := context.WithTimeout(r.Context(), askProvider)
	defer cancel()
	address, err := s.provider.confirm(ctx, r.FormValue("code"), l)
	var u account.User
	if err == nil {
		u, err = s.users.User(address)
	}
	e := event{User: address, Role: string(u.Role), Via: "provider", From: clientOf(r), Action: "login", Outcome: "done"}
	if err != nil {
		e.Outcome, e.Note = "failed", err.Error()
	}
	if wrong := s.audit.write(e); wrong != nil && err == nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", wrong)
		return
	}
	if err != nil {
		s.metrics.logins.WithLabelValues("failed").Inc()
		s.fail(w, r, http.StatusForbidden, "login.denied", nil)
		return
	}
	s.begin(w, r, &u, l.next)
}

// confirm returns the address that the provider vouches for.
func (p *provider) confirm(ctx context.Context, code string, l leaving) (string, error) {
	ctx = p.client(ctx)
	found, config, err := p.reach(ctx)
	if err != nil {
		return "", err
	}
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(l.verifier))
	if err != nil {
		return "", err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return "", err
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", err
	}
	if id.Nonce != l.nonce || claims.Email == "" || !claims.Verified {
		return "", errProvider
	}
	return strings.ToLower(claims.Email), nil
}
