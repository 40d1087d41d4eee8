package web

import (
	"context"
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
	Days  int // stored in so many days up to now; 0 for all
	Page  int // from 1
}

// found is one page of what a search found.
type found struct {
	Items []quarantine.Item
	More  bool // there is a next page
	Cut   bool // older items were not looked at
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
	q.Page, _ = strconv.Atoi(r.FormValue("page"))
	q.Page = min(max(q.Page, 1), maxPages)
	return q
}

// URL is the address of another page of the search.
func (q search) URL(page int) string {
	v := url.Values{}
	for key, value := range map[string]string{"q": q.Query, "state": string(q.State), "brand": q.Brand} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if q.Days > 0 {
		v.Set("days", strconv.Itoa(q.Days))
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return "/"
	}
	return "/?" + v.Encode()
}

// find does a search. The store chooses by domain, recipient, state and time; words
// and brands are looked for among the newest items that it gives.
func (s *Server) find(ctx context.Context, u *account.User, q search) (found, error) {
	f := quarantine.Filter{State: q.State, Limit: q.Page*perPage + 1}
	if q.Days > 0 {
		f.Since = s.opt.Now().AddDate(0, 0, -q.Days)
	}
	if q.Query != "" || q.Brand != "" || u.Role == quarantine.ToRecipient {
		f.Limit = quarantine.MaxList
	}
	var items []quarantine.Item
	var out found
	domains, all := u.Reach()
	if all {
		domains = []string{""}
	}
	// Who has many domains must not have us read as many whole lists.
	f.Limit = min(f.Limit, max(quarantine.MaxList/max(len(domains), 1), perPage+1))
	for _, f.Domain = range domains {
		some, err := s.opt.Store.List(ctx, f)
		if err != nil {
			return found{}, err
		}
		out.Cut = out.Cut || len(some) == f.Limit && f.Limit > q.Page*perPage+1
		items = append(items, some...)
	}
	words := strings.Fields(strings.ToLower(q.Query))
	items = slices.DeleteFunc(items, func(it quarantine.Item) bool {
		return !u.Sees(it.Recipient) || q.Brand != "" && it.Brand != q.Brand || !holds(&it, words)
	})
	if len(domains) > 1 {
		slices.SortStableFunc(items, func(a, b quarantine.Item) int { return b.Stored.Compare(a.Stored) })
	}
	from := min((q.Page-1)*perPage, len(items))
	to := min(from+perPage, len(items))
	out.Items, out.More = items[from:to], len(items) > to
	return out, nil
}

// holds reports whether an item has all of some words.
func holds(it *quarantine.Item, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := strings.ToLower(strings.Join([]string{it.ID, it.Recipient, it.Sender, it.Brand, it.Why, it.Policy, it.Cause, it.Client, it.ClientName, it.QueueID, it.Trace}, "\n"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
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
	Found  found
	Rows   []rowData
	Brands []brandData
}

type rowData struct {
	quarantine.Item
	BrandName string
	Subject   string // as the journal has it; "" when it does not
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
		row := rowData{Item: it, BrandName: it.Brand, Subject: s.journal.subject(r.Context(), it.Trace)}
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
