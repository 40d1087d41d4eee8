package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// find does a search among what the user sees.
func (s *Server) find(ctx context.Context, u *account.User, q search) (quarantine.Page, error) {
	f := quarantine.Filter{Text: q.Query, Brand: q.Brand, State: q.State, After: q.After, Limit: perPage}
	if q.Days > 0 {
		f.Since = s.opt.Now().AddDate(0, 0, -q.Days)
	}
	if !q.From.IsZero() && q.From.After(f.Since) {
		f.Since = q.From
	}
	if !q.Until.IsZero() {
		f.Before = q.Until.AddDate(0, 0, 1) // the day itself is meant, too
	}
	var all bool
	if f.To, all = reach(u, q.To); !all && len(f.To) == 0 {
		return quarantine.Page{}, nil // no scope is no item, and not every item
	}
	p, err := s.opt.Store.Find(ctx, f)
	p.Items = slices.DeleteFunc(p.Items, func(it quarantine.Item) bool { return !u.Sees(it.Recipient) })
	return p, err
}

// reach is the domains and mailboxes that a user sees mail to, of those in to, which is
// a domain, a mailbox, or "" for all; all is for everybody's.
func reach(u *account.User, to string) (scope []string, all bool) {
	switch {
	case u.Role == quarantine.Admin && to == "":
		return nil, true
	case u.Role == quarantine.Admin:
		return []string{to}, false
	}
	own := u.Domains
	if u.Role == quarantine.ToRecipient {
		own = u.Addresses
	}
	if to == "" {
		return own, false
	}
	to = quarantine.Mailbox(to)
	for _, one := range own {
		_, of, isMailbox := strings.Cut(one, "@")
		switch {
		case one == to, isMailbox && of == to: // what is asked for, or one's own mailbox there
			scope = append(scope, one)
		case !isMailbox && strings.HasSuffix(to, "@"+one):
			scope = append(scope, to)
		}
	}
	return scope, false
}

// item returns the item of an id, if the user sees it. Else there is none: nobody
// learns that there is one.
func (s *Server) item(ctx context.Context, u *account.User, id string) (quarantine.Item, error) {
	items, err := s.opt.Store.Show(ctx, id)
	if err != nil {
		return quarantine.Item{}, err
	}
	if len(items) != 1 || items[0].ID != id || !u.Sees(items[0].Recipient) {
		return quarantine.Item{}, fmt.Errorf("%w: %q", quarantine.ErrNotFound, id)
	}
	return items[0], nil
}

// mayRelease reports whether the policy lets the user's role release an item.
func mayRelease(it *quarantine.Item, u *account.User) bool {
	if len(it.Release) == 0 {
		return u.Role == quarantine.Admin
	}
	return slices.Contains(it.Release, u.Role)
}

// listData is what the list shows.
type listData struct {
	Search search
	Found  quarantine.Page
	Rows   []rowData
	Brands []brandData

	BrandName string // of the one that is searched for
}

type rowData struct {
	quarantine.Item
	BrandName string
	Subject   string // as the store or the journal has it; "" when neither does
}

type brandData struct{ ID, Name string }

func (s *Server) list(w http.ResponseWriter, r *http.Request, who *caller) {
	begin := time.Now()
	q := readSearch(r)
	res, err := s.find(r.Context(), &who.User, q)
	if errors.Is(err, quarantine.ErrPlace) {
		q.After, q.Wrong = "", "after" // from the begin of the list, then
		res, err = s.find(r.Context(), &who.User, q)
	}
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	data := listData{Search: q, Found: res, BrandName: q.Brand}
	set := s.opt.Set()
	seen := map[string]bool{q.Brand: true, "": true}
	if b, ok := set.Brands.Brand(q.Brand); ok {
		data.Brands, data.BrandName = append(data.Brands, brandData{b.ID, b.Name}), b.Name
	}
	for _, it := range res.Items {
		row := rowData{Item: it, BrandName: it.Brand, Subject: it.Subject}
		if row.Subject == "" {
			row.Subject = s.journal.subject(r.Context(), it.Trace)
		}
		if b, ok := set.Brands.Brand(it.Brand); ok {
			row.BrandName = b.Name
		}
		data.Rows = append(data.Rows, row)
		if !seen[it.Brand] {
			seen[it.Brand] = true
			data.Brands = append(data.Brands, brandData{it.Brand, row.BrandName})
		}
	}
	w.Header().Set("Server-Timing", fmt.Sprintf("list;dur=%.1f", float64(time.Since(begin).Microseconds())/1000))
	s.render(w, r, http.StatusOK, "list", page{Title: "list.title", Room: "list", User: &who.User, Data: data})
}
