package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sekisho/filter/quarantine"
)

// search chooses items among those that somebody sees.
type search struct {
	Query string // words, each of which has to be there
	To    string // mailbox of recipients, or their domain
	State quarantine.State
	Brand string
	Days  int       // stored in so many days up to now; 0 for all
	From  time.Time // stored on this day or later; zero for all
	Until time.Time // stored on this day or before; zero for all
	After string    // where the page before ended

	Wrong string // the first parameter that made no sense; it counts as not given
}

// readSearch reads a search from the query of a request. Days are those of this host's
// time zone, in which pages tell times.
func readSearch(r *http.Request) search {
	var q search
	wrong := func(key string) {
		if q.Wrong == "" {
			q.Wrong = key
		}
	}
	short := func(key string) string {
		text := strings.TrimSpace(r.FormValue(key))
		if len(text) > maxQuery || !utf8.ValidString(text) {
			wrong(key)
			return "" // a part of an address is another one
		}
		return text
	}
	day := func(key string) time.Time {
		text := r.FormValue(key)
		at, err := time.ParseInLocation(time.DateOnly, text, time.Local)
		switch {
		case text == "":
			return time.Time{}
		case err != nil || at.Year() < 1970:
			wrong(key)
			return time.Time{}
		}
		return at
	}
	q.Query, q.To, q.Brand, q.After = short("q"), short("to"), short("brand"), short("after")
	q.From, q.Until = day("from"), day("until")
	q.State = quarantine.State(r.FormValue("state"))
	states := []quarantine.State{"", quarantine.Held, quarantine.Releasing, quarantine.Released, quarantine.Erased}
	if !slices.Contains(states, q.State) {
		wrong("state")
		q.State = ""
	}
	if text := r.FormValue("days"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxDays {
			wrong("days")
			n = 0
		}
		q.Days = n
	}
	return q
}

// Day is a day as a form has it; "" for none.
func (q search) Day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}

// values are what a request for the search has, but for the page.
func (q search) values() url.Values {
	v := url.Values{}
	for key, value := range map[string]string{
		"q": q.Query, "to": q.To, "state": string(q.State), "brand": q.Brand, "from": q.Day(q.From), "until": q.Day(q.Until),
	} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if q.Days > 0 {
		v.Set("days", strconv.Itoa(q.Days))
	}
	return v
}

// URL is the address of the page of the search that comes after a place; "" is the first.
func (q search) URL(after string) string {
	v := q.values()
	if after != "" {
		v.Set("after", after)
	}
	if len(v) == 0 {
		return "/"
	}
	return "/?" + v.Encode()
}

// Without is the address of the search without one of its conditions.
func (q search) Without(key string) string {
	v := q.values()
	v.Del(key)
	if len(v) == 0 {
		return "/"
	}
	return "/?" + v.Encode()
}

// More reports whether there are conditions besides words and state.
func (q search) More() bool {
	return q.To != "" || q.Brand != "" || q.Days > 0 || !q.From.IsZero() || !q.Until.IsZero()
}
