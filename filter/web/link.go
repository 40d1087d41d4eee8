package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"sekisho/filter/link"
	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// linkOutcome is what came of a request by a link. The set is closed.
type linkOutcome string

const (
	linkShown   linkOutcome = "shown"   // its page: nothing has changed
	linkDone    linkOutcome = "done"    // what its page offers
	linkFailed  linkOutcome = "failed"  // that did not work, and the link is good again
	linkForged  linkOutcome = "forged"  // not ours, or not for this recipient
	linkExpired linkOutcome = "expired" //
	linkUsed    linkOutcome = "used"    // a second time
	linkGone    linkOutcome = "gone"    // the item is erased
	linkUnseen  linkOutcome = "unseen"  // something other than the page asks for an action
)

func linkOutcomes() []linkOutcome {
	return []linkOutcome{linkShown, linkDone, linkFailed, linkForged, linkExpired, linkUsed, linkGone, linkUnseen}
}

// refusal is why a link is not followed.
type refusal struct {
	outcome linkOutcome
	status  int
	key     string // of the text for people
	err     error  // ours, for the log; nil for what is the link's fault
}

// refusals bounds how many refused links are written down: anybody can make them.
type refusals struct {
	mu     sync.Mutex
	minute time.Time
	count  int
}

func (q *refusals) take(now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if at := now.Truncate(time.Minute); !at.Equal(q.minute) {
		q.minute, q.count = at, 0
	}
	q.count++
	return q.count <= maxRefusals
}

// linkData is what the page of a link shows.
type linkData struct {
	entryData
	Token, Form string
	Until       time.Time
}

// follow returns the link of a request and its item, or why not. It changes nothing.
func (s *Server) follow(r *http.Request) (link.Link, quarantine.Item, *refusal) {
	if s.opt.Links == nil {
		return link.Link{}, quarantine.Item{}, &refusal{linkForged, http.StatusNotFound, "link.forged", nil}
	}
	l, err := s.opt.Links.Check(r.PathValue("token"), s.opt.Now())
	switch {
	case errors.Is(err, link.ErrExpired):
		return l, quarantine.Item{}, &refusal{linkExpired, http.StatusGone, "link.expired", nil}
	case err != nil:
		return l, quarantine.Item{}, &refusal{linkForged, http.StatusForbidden, "link.forged", nil}
	}
	items, err := s.opt.Store.Show(r.Context(), l.Item)
	switch {
	case errors.Is(err, quarantine.ErrNotFound) || err == nil && (len(items) != 1 || items[0].State == quarantine.Erased):
		return l, quarantine.Item{}, &refusal{linkGone, http.StatusGone, "link.gone", nil}
	case err != nil:
		return l, quarantine.Item{}, &refusal{linkFailed, http.StatusInternalServerError, "error.internal", err}
	case items[0].ID != l.Item || l.For(items[0].Recipient) != nil:
		return l, quarantine.Item{}, &refusal{linkForged, http.StatusForbidden, "link.forged", nil}
	}
	spent, err := s.opt.Store.IsSpent(r.Context(), l.ID())
	switch {
	case err != nil:
		return l, items[0], &refusal{linkFailed, http.StatusInternalServerError, "error.internal", err}
	case spent:
		return l, items[0], &refusal{linkUsed, http.StatusGone, "link.used", nil}
	}
	return l, items[0], nil
}

// refuse answers a link that is not followed, counts it and writes it down.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, l link.Link, why *refusal) {
	s.metrics.links.WithLabelValues(string(why.outcome)).Inc()
	if why.err == nil && s.refused.take(s.opt.Now()) {
		e := event{User: "link", Via: "link", From: clientOf(r), Action: "link", Item: l.Item, Outcome: "failed", Note: string(why.outcome)}
		if err := s.audit.write(e); err != nil {
			s.opt.Log.Error("a refused link is not in the audit log: " + err.Error())
		}
	}
	if why.err != nil {
		s.fail(w, r, why.status, why.key, why.err)
		return
	}
	d := refusedData{Why: why.key}
	if why.outcome == linkUnseen {
		d.Again = r.PathValue("token")
	}
	s.render(w, r, why.status, "refused", page{Title: why.key + ".title", Data: d})
}

// refusedData is what the page says of a link that is not followed.
type refusedData struct {
	Why   string // key of the text; others that begin with it are its title, and what to do next
	Again string // the token of a link that is good; "" for none
}

// linkPage shows what a link is about, and asks. Scanners that follow each link, and
// clients that load them ahead, change nothing by it.
func (s *Server) linkPage(w http.ResponseWriter, r *http.Request, _ *caller) {
	l, it, why := s.follow(r)
	if why != nil {
		s.refuse(w, r, l, why)
		return
	}
	who := byLink(r, &it)
	d := linkData{entryData: entryData{Item: it, MayRelease: mayRelease(&it, &who.User)}, Token: r.PathValue("token"), Form: l.Form(), Until: l.Expires}
	d.Deliverer = s.opt.Release().Addr != ""
	m, err := s.message(r.Context(), &it)
	switch {
	case errors.Is(err, quarantine.ErrCorrupt):
		d.Damaged = true
	case err != nil:
		s.failStore(w, r, err)
		return
	default:
		d.View = newView(m)
	}
	if d.Facts, err = s.journal.facts(r.Context(), it.Trace); err != nil {
		s.opt.Log.Warn("the journal cannot be read: a page lacks what it would say")
	}
	s.explain(&d.entryData, s.pages.language(r))
	s.metrics.links.WithLabelValues(string(linkShown)).Inc()
	s.render(w, r, http.StatusOK, "link", page{Title: "link.title", Data: d})
}

// linkDo does what the page of a link offers, once.
func (s *Server) linkDo(action string, do func(ctx context.Context, who *caller, id string) error) handler {
	return func(w http.ResponseWriter, r *http.Request, _ *caller) {
		l, it, why := s.follow(r)
		if why == nil && !l.Seen(r.PostFormValue("form")) {
			why = &refusal{linkUnseen, http.StatusForbidden, "link.unseen", nil}
		}
		var use quarantine.Use
		if why == nil {
			use, why = s.spend(r.Context(), &l, action)
		}
		if why != nil {
			s.refuse(w, r, l, why)
			return
		}
		// Who closes the browser does not leave a link spent for nothing.
		ctx := context.WithoutCancel(r.Context())
		if err := do(ctx, byLink(r, &it), it.ID); err != nil {
			s.metrics.links.WithLabelValues(string(linkFailed)).Inc()
			// Another request may be under way for the same, also when it was faster than the
			// first, which hears then that the outcome is not known: the link is its.
			if use == quarantine.UseFirst {
				s.unspend(ctx, &l)
			}
			s.failAction(w, r, err)
			return
		}
		if wrong := s.opt.Store.Spent(ctx, l.ID(), action, l.Expires); wrong != nil {
			s.opt.Log.Error("a link is good for what it has done already: " + wrong.Error())
		}
		s.metrics.links.WithLabelValues(string(linkDone)).Inc()
		s.render(w, r, http.StatusOK, "done", page{Title: "link.done", Data: "link.done." + action})
	}
}

// spend puts a link to use, for all hosts. Of several requests at once for different
// actions one goes on; several for the same are one, as what they do is done once.
func (s *Server) spend(ctx context.Context, l *link.Link, action string) (quarantine.Use, *refusal) {
	use, err := s.opt.Store.Spend(ctx, l.ID(), action, l.Expires)
	switch {
	case err != nil:
		return use, &refusal{linkFailed, http.StatusInternalServerError, "error.internal", err}
	case use == quarantine.UseOver:
		return use, &refusal{linkUsed, http.StatusGone, "link.used", nil}
	}
	return use, nil
}

// unspend makes a link good again that led to nothing. What is not held as before may
// still come of it, or has: then the link is good for the same alone.
func (s *Server) unspend(ctx context.Context, l *link.Link) {
	now, err := s.opt.Store.Show(ctx, l.Item)
	if err == nil && now[0].State == quarantine.Held {
		err = s.opt.Store.Unspend(ctx, l.ID())
	}
	if err != nil {
		s.opt.Log.Error("a link stays spent although it led to nothing: " + err.Error())
	}
}

// byLink is who follows a link: the recipient, for one item. What the policy does not
// let recipients do, a link does not either.
func byLink(r *http.Request, it *quarantine.Item) *caller {
	return &caller{User: account.Recipient("link", it.Recipient), via: "link", from: clientOf(r)}
}
