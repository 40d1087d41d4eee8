package web

import (
	"context"
	"net/http"

	"sekisho/filter/quarantine"
)

// act does something to an item that the caller sees: it is written down before
// and after, and counted. The item is as it is then.
func (s *Server) act(ctx context.Context, who *caller, id, action string, do func(it quarantine.Item) error) error {
	it, err := s.item(ctx, &who.User, id)
	if err != nil {
		return err
	}
	e := event{User: who.Name, Role: string(who.Role), Via: who.via, From: who.from, Action: action, Item: it.ID, Outcome: "begun"}
	if err := s.audit.write(e); err != nil {
		return err
	}
	// Who closes the browser does not stop what has begun.
	err = do(it)
	e.Outcome = "done"
	if err != nil {
		e.Outcome, e.Note = "failed", err.Error()
	}
	s.metrics.actions.WithLabelValues(actionLabel(action), e.Outcome).Inc()
	if wrong := s.audit.write(e); wrong != nil {
		s.opt.Log.Error("the outcome of an action is not in the audit log: " + wrong.Error())
	}
	return err
}

// actionLabel is the action without what it was given: a closed set.
func actionLabel(action string) string {
	switch action {
	case "mark phishing", "mark not-phishing":
		return "mark"
	}
	return action
}

func (s *Server) doRelease(ctx context.Context, who *caller, id string, again bool) error {
	return s.act(ctx, who, id, "release", func(it quarantine.Item) error {
		o := s.opt.Release()
		if o.Addr == "" {
			return errNoTarget
		}
		o.As, o.By, o.Again = who.Role, who.Name, again
		_, err := s.opt.Store.Release(context.WithoutCancel(ctx), it.ID, o)
		return err
	})
}

func (s *Server) doMark(ctx context.Context, who *caller, id string, k quarantine.Kind) error {
	if k != quarantine.KindPhishing && k != quarantine.KindNotPhishing {
		return errNoMark
	}
	return s.act(ctx, who, id, "mark "+string(k), func(it quarantine.Item) error {
		_, err := s.opt.Store.Mark(ctx, it.ID, k, who.Name)
		return err
	})
}

func (s *Server) doErase(ctx context.Context, who *caller, id string) error {
	return s.act(ctx, who, id, "erase", func(it quarantine.Item) error {
		_, err := s.opt.Store.Erase(context.WithoutCancel(ctx), it.ID)
		return err
	})
}

// after leads back to the item, or tells what went wrong.
func (s *Server) after(w http.ResponseWriter, r *http.Request, to string, err error) {
	if err != nil {
		s.failAction(w, r, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *Server) release(w http.ResponseWriter, r *http.Request, who *caller) {
	err := s.doRelease(r.Context(), who, r.PathValue("id"), r.PostFormValue("again") == "yes")
	s.after(w, r, "/items/"+r.PathValue("id"), err)
}

func (s *Server) mark(w http.ResponseWriter, r *http.Request, who *caller) {
	err := s.doMark(r.Context(), who, r.PathValue("id"), quarantine.Kind(r.PostFormValue("as")))
	s.after(w, r, "/items/"+r.PathValue("id"), err)
}

func (s *Server) erase(w http.ResponseWriter, r *http.Request, who *caller) {
	s.after(w, r, "/", s.doErase(r.Context(), who, r.PathValue("id")))
}

func (s *Server) auditPage(w http.ResponseWriter, r *http.Request, who *caller) {
	events, err := s.audit.last()
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	s.render(w, r, http.StatusOK, "audit", page{Title: "audit.title", Room: "audit", User: &who.User, Data: events})
}
