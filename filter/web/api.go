package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// The API's answers. Their JSON is an interface: deploy/web/openapi.yaml describes it.
type (
	apiError struct {
		Error string `json:"error"`
	}
	apiItems struct {
		Items []quarantine.Item `json:"items"`
		Next  string            `json:"next,omitempty"` // for after; "" when that was all
	}
	apiPolicy struct {
		Address string          `json:"address"`
		Policy  string          `json:"policy"`
		Group   string          `json:"group,omitempty"`
		Values  []apiPolicyLine `json:"values"`
	}
	apiPolicyLine struct {
		Key   string `json:"key"`
		Value string `json:"value"`
		Where string `json:"where"`
		Note  string `json:"note,omitempty"`
	}
	apiVerdicts struct {
		Hours []hour `json:"hours"`
	}
	apiRelease struct {
		Again bool `json:"again"`
	}
	apiMark struct {
		As quarantine.Kind `json:"as"`
	}
)

func (s *Server) apiRoutes() []route {
	return []route{
		{"GET", "/api/v1/items", signedIn, s.apiList},
		{"GET", "/api/v1/items/{id}", signedIn, s.apiShow},
		{"GET", "/api/v1/items/{id}/message", staff, s.download},
		{"POST", "/api/v1/items/{id}/release", signedIn, s.apiRelease},
		{"POST", "/api/v1/items/{id}/mark", signedIn, s.apiMark},
		{"DELETE", "/api/v1/items/{id}", signedIn, s.apiErase},
		{"POST", "/api/v1/items/{id}/report", signedIn, s.apiAskReport},
		{"GET", "/api/v1/items/{id}/draft/{desk}", staff, s.reportDraft},
		{"GET", "/api/v1/reports", staff, s.apiReportList},
		{"GET", "/api/v1/reports/{report}", staff, s.apiReportShow},
		{"GET", "/api/v1/reports/{report}/message", staff, s.reportMessage},
		{"POST", "/api/v1/reports/{report}/approve", staff, s.apiApproveReport},
		{"DELETE", "/api/v1/reports/{report}", staff, s.apiDropReport},
		{"GET", "/api/v1/policy", signedIn, s.apiPolicy},
		{"GET", "/api/v1/verdicts", staff, s.apiVerdicts},
	}
}

// checkedToken lets programs through that have a token of somebody who may use the
// route (RFC 6750). A cookie is worth nothing here, so that no page can make a
// browser ask.
func (s *Server) checkedToken(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		from := clientOf(r)
		if !ok || !s.tries.take("", from) { // guesses count like log-ins
			s.refuseToken(w, r, ok)
			return
		}
		u, t, err := s.users.ByToken(token)
		switch {
		case errors.Is(err, account.ErrWrong):
			s.refuseToken(w, r, false)
			return
		case err != nil:
			s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
			return
		}
		s.tries.done("", from)
		if !rt.who.lets(u.Role) {
			s.fail(w, r, http.StatusForbidden, "error.role", nil)
			return
		}
		rt.do(w, r, &caller{User: u, via: "token:" + t.ID, from: from})
	}
}

func (s *Server) refuseToken(w http.ResponseWriter, r *http.Request, limited bool) {
	if limited {
		w.Header().Set("Retry-After", "900")
		s.fail(w, r, http.StatusTooManyRequests, "login.limited", nil)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="sekisho"`)
	s.fail(w, r, http.StatusUnauthorized, "error.token", nil)
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// question reads the JSON of a request, which is one value and nothing else; an empty
// body is the zero value.
func (s *Server) question(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if errors.Is(err, io.EOF) {
		return true
	}
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = cmp.Or(more, errMore)
		}
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		s.fail(w, r, http.StatusRequestEntityTooLarge, "error.large", nil)
	case err != nil:
		s.fail(w, r, http.StatusBadRequest, "error.bad", nil)
	}
	return err == nil
}

func (s *Server) apiList(w http.ResponseWriter, r *http.Request, who *caller) {
	q := readSearch(r)
	var res quarantine.Page
	var err error
	if q.Wrong == "" {
		if res, err = s.find(r.Context(), &who.User, q); errors.Is(err, quarantine.ErrPlace) {
			q.Wrong = "after"
		}
	}
	if q.Wrong != "" {
		// A program that is told of more than it meant to ask for acts on it.
		answer(w, http.StatusBadRequest, apiError{Error: s.pages.text(english, "error.parameter", q.Wrong)})
		return
	}
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	answer(w, http.StatusOK, apiItems{Items: append([]quarantine.Item{}, res.Items...), Next: res.Next})
}

func (s *Server) apiShow(w http.ResponseWriter, r *http.Request, who *caller) {
	s.answerItem(w, r, who, nil)
}

// answerItem answers an action with the item as it is then.
func (s *Server) answerItem(w http.ResponseWriter, r *http.Request, who *caller, err error) {
	if err != nil {
		s.failAction(w, r, err)
		return
	}
	it, err := s.item(r.Context(), &who.User, r.PathValue("id"))
	if err != nil {
		s.failStore(w, r, err)
		return
	}
	answer(w, http.StatusOK, it)
}

func (s *Server) apiRelease(w http.ResponseWriter, r *http.Request, who *caller) {
	var q apiRelease
	if s.question(w, r, &q) {
		s.answerItem(w, r, who, s.doRelease(r.Context(), who, r.PathValue("id"), q.Again))
	}
}

func (s *Server) apiMark(w http.ResponseWriter, r *http.Request, who *caller) {
	var q apiMark
	if s.question(w, r, &q) {
		s.answerItem(w, r, who, s.doMark(r.Context(), who, r.PathValue("id"), q.As))
	}
}

func (s *Server) apiErase(w http.ResponseWriter, r *http.Request, who *caller) {
	if err := s.doErase(r.Context(), who, r.PathValue("id")); err != nil {
		s.failAction(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) apiPolicy(w http.ResponseWriter, r *http.Request, who *caller) {
	address := r.FormValue("address")
	if address == "" || len(address) > maxQuery {
		s.fail(w, r, http.StatusBadRequest, "error.bad", nil)
		return
	}
	if !who.Sees(address) {
		s.fail(w, r, http.StatusForbidden, "error.role", nil)
		return
	}
	d := policyData{}
	d.read(s.opt.Set().Policies.For(address), s)
	out := apiPolicy{Address: address, Policy: d.Name, Group: d.Group, Values: []apiPolicyLine{}}
	for _, l := range d.Lines {
		out.Values = append(out.Values, apiPolicyLine{l.Key, l.Value, l.Where, l.Note})
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) apiVerdicts(w http.ResponseWriter, r *http.Request, who *caller) {
	hours, err := s.hours(r.Context(), &who.User)
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	answer(w, http.StatusOK, apiVerdicts{Hours: hours})
}
