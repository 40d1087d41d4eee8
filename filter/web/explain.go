package web

import (
	"cmp"
	"net/http"
	"strings"

	"sekisho/filter/explain"
	"sekisho/filter/journal"
)

// explainData is the page of one id: every decision under it that the user may know
// of, as the command explain tells it.
type explainData struct {
	ID       string
	Recorded bool // there is a journal
	Accounts []accountData
}

type accountData struct {
	Trace     string
	Sections  [][]explain.Row // their texts with URLs defanged; a label is there once
	Items     []string        // in the quarantine, that the user sees
	Incidents []string        // that the message is among the first ones of; for admins
}

// explained is the page that tells why a message met its verdict. The id is a trace,
// a queue id or a message id; who may know of none of the recipients learns nothing,
// not that there is such a message.
func (s *Server) explained(w http.ResponseWriter, r *http.Request, who *caller) {
	d := explainData{ID: strings.TrimSpace(cmp.Or(r.PathValue("trace"), r.FormValue("id"))), Recorded: s.opt.Journal != ""}
	status := http.StatusOK
	if d.ID != "" && len(d.ID) <= maxExplainID {
		var err error
		if d.Accounts, err = s.accounts(r, who, d.ID); err != nil {
			s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
			return
		}
	}
	if d.ID != "" && len(d.Accounts) == 0 {
		status = http.StatusNotFound
	}
	s.render(w, r, status, "explain", page{Title: "explain.title", Room: "explain", User: &who.User, Data: d})
}

func (s *Server) accounts(r *http.Request, who *caller, id string) ([]accountData, error) {
	from, err := s.journal.open(r.Context())
	if err != nil || from == nil {
		return nil, err
	}
	records, err := from.Find(r.Context(), id)
	if err != nil {
		return nil, err
	}
	set := s.opt.Set()
	judge, lang := explain.Judge{Policies: set.Policies, Brands: set.Brands}, explain.Language(s.pages.language(r))
	var all []accountData
	for _, rec := range records {
		if len(all) == maxAccounts {
			break
		}
		a, err := judge.For(rec, who.Sees)
		if err != nil {
			return nil, err
		}
		if a == nil {
			continue
		}
		one := accountData{Trace: a.Trace}
		for _, section := range a.Tell(lang) {
			one.Sections = append(one.Sections, told(section))
		}
		if rec.Stored != "" {
			if one.Items, err = s.itemsOf(r, who, rec); err != nil {
				return nil, err
			}
		}
		if adminOnly.lets(who.Role) {
			one.Incidents = s.incidentsOf(a.Trace)
		}
		all = append(all, one)
	}
	return all, nil
}

// told makes rows fit for a page.
func told(rows []explain.Row) []explain.Row {
	out, last := make([]explain.Row, 0, len(rows)), ""
	for _, r := range rows {
		label := r.Label
		if label == last {
			r.Label = ""
		}
		last = label
		r.Text = defanged(r.Text)
		out = append(out, r)
	}
	return out
}

// itemsOf are the items of a record that the user sees; none when they are not kept
// any longer.
func (s *Server) itemsOf(r *http.Request, who *caller, rec *journal.Record) ([]string, error) {
	items, err := s.opt.Store.Show(r.Context(), rec.Stored)
	if status, _ := storeError(err); err != nil && status == http.StatusInternalServerError {
		return nil, err
	}
	var ids []string
	for _, it := range items {
		if len(ids) < maxShownParts && it.Trace == rec.Trace && who.Sees(it.Recipient) {
			ids = append(ids, it.ID)
		}
	}
	return ids, nil
}
