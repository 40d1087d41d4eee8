package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// search chooses items among those that somebody sees.
type search struct {
	Query string // words, each of which has to be there
	State quarantine.State
	Brand string
	Days  int    // stored in so many days up to now; 0 for all
	After string // where the page before ended
}

// readSearch reads a search from the query of a request; what makes no sense
// counts as not given.
func readSearch(r *http.Request) search {
	q := search{Query: strings.TrimSpace(r.FormValue("q")), State: quarantine.State(r.FormValue("state")), Brand: r.FormValue("brand")}
	if len(q.Query) > maxQuery {
		q.Query = strings.ToValidUTF8(q.Query[:maxQuery], "")
	}
	states := []quarantine.State{quarantine.Held, quarantine.Releasing, quarantine.Released, quarantine.Erased}
	if !slices.Contains(states, q.State) {
		q.State = ""
	}
	q.Days, _ = strconv.Atoi(r.FormValue("days"))
	q.Days = min(max(q.Days, 0), 3660)
	if q.After = r.FormValue("after"); len(q.After) > maxQuery {
		q.After = ""
	}
	return q
}

// URL is the address of the page of the search that comes after a place; "" is the first.
func (q search) URL(after string) string {
	v := url.Values{}
	for key, value := range map[string]string{"q": q.Query, "state": string(q.State), "brand": q.Brand, "after": after} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if q.Days > 0 {
		v.Set("days", strconv.Itoa(q.Days))
	}
	if len(v) == 0 {
		return "/"
	}
	return "/?" + v.Encode()
}

// find does a search among what the user sees. What is no place in a list is the
// begin of it.
func (s *Server) find(ctx context.Context, u *account.User, q search) (quarantine.Page, error) {
	f := quarantine.Filter{Text: q.Query, Brand: q.Brand, State: q.State, After: q.After, Limit: perPage}
	if q.Days > 0 {
		f.Since = s.opt.Now().AddDate(0, 0, -q.Days)
	}
	all := u.Role == quarantine.Admin
	switch u.Role {
	case quarantine.DomainAdmin:
		f.To = u.Domains
	case quarantine.ToRecipient:
		f.To = u.Addresses
	}
	if !all && len(f.To) == 0 {
		return quarantine.Page{}, nil // no scope is no item, and not every item
	}
	p, err := s.opt.Store.Find(ctx, f)
	if errors.Is(err, quarantine.ErrPlace) {
		f.After = ""
		p, err = s.opt.Store.Find(ctx, f)
	}
	p.Items = slices.DeleteFunc(p.Items, func(it quarantine.Item) bool { return !u.Sees(it.Recipient) })
	return p, err
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
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, "error.internal", err)
		return
	}
	data := listData{Search: q, Found: res}
	set := s.opt.Set()
	seen := map[string]bool{q.Brand: true, "": true}
	if b, ok := set.Brands.Brand(q.Brand); ok {
		data.Brands = append(data.Brands, brandData{b.ID, b.Name})
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
