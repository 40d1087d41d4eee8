package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sekisho/filter/quarantine"
	"sekisho/filter/web/account"
)

// TestSearchFields: the form finds by recipient, domain and days, keeps what was chosen,
// and offers to take each of it back; the API knows the same.
func TestSearchFields(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ids := l.put(fake, "hanako@kaisha.test", "taro@kaisha.test", "hanako@gakko.test")
	admin := l.client("admin")
	token, _, err := l.server.users.AddToken("admin", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().Format(time.DateOnly)
	yesterday, tomorrow := time.Now().AddDate(0, 0, -1).Format(time.DateOnly), time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	for query, want := range map[string][]string{
		"to=hanako@kaisha.test":                   ids[:1],
		"to=Hanako@KAISHA.test":                   ids[:1],
		"to=kaisha.test":                          ids[:2],
		"to=gakko.test&q=taro":                    nil,
		"to=nowhere.test":                         nil,
		"from=" + today + "&until=" + today:       ids,
		"from=" + tomorrow:                        nil,
		"until=" + yesterday:                      nil,
		"to=kaisha.test&from=" + yesterday:        ids[:2],
		"state=held&brand=rakuten&to=kaisha.test": ids[:2],
		"brand=amazon":                            nil,
	} {
		_, page := l.get(admin, "/?"+query)
		_, answer := l.api(token, "GET", "/api/v1/items?"+query, "")
		for _, id := range ids {
			if shown := slices.Contains(want, id); strings.Contains(page, "/items/"+id) != shown || strings.Contains(answer, `"id":"`+id+`"`) != shown {
				t.Errorf("%s: %s, want %v", query, id, shown)
			}
		}
	}
	_, page := l.get(admin, "/?to=kaisha.test&from="+today+"&q=rakuten")
	for _, want := range []string{
		`name="to" value="kaisha.test"`, `name="from" value="` + today + `"`, `class="chosen"`,
		`href="/?from=` + today + `&amp;q=rakuten"`, `href="/?q=rakuten&amp;to=kaisha.test"`, `href="/?from=` + today + `&amp;to=kaisha.test"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// TestSearchScope: whatever somebody searches for, they find no more than without a
// search, and what they find is what they searched for.
func TestSearchScope(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	everybody := []string{"hanako@kaisha.test", "taro@kaisha.test", "hanako@gakko.test", "x@sub.kaisha.test", "x@kaisha.test.evil.test"}
	for _, to := range everybody {
		l.put(fake, to)
	}
	users := []account.User{
		{Role: quarantine.Admin}, {Role: quarantine.DomainAdmin, Domains: []string{"kaisha.test"}}, {Role: quarantine.DomainAdmin},
		{Role: quarantine.ToRecipient, Addresses: []string{"hanako@kaisha.test", "hanako@gakko.test"}}, {Role: quarantine.ToRecipient}, {},
	}
	to := append([]string{"", "kaisha.test", "KAISHA.test", "gakko.test", "sub.kaisha.test", "evil.test", "test", "@", "@kaisha.test", "hanako@", "%", "*", "hanako@kaisha.test@gakko.test", "' OR 1=1 --"}, everybody...)
	rapid.Check(t, func(rt *rapid.T) {
		u := rapid.SampledFrom(users).Draw(rt, "who")
		asked := rapid.SampledFrom(to).Draw(rt, "to")
		v := url.Values{"to": {asked}}
		for key, of := range map[string][]string{"q": {"", "rakuten", "hanako", "nothing"}, "state": {"", "held", "erased", "any"}, "days": {"", "1", "-1"}, "brand": {"", "rakuten"}} {
			v.Set(key, rapid.SampledFrom(of).Draw(rt, key))
		}
		q := readSearch(httptest.NewRequest(http.MethodGet, "/?"+v.Encode(), nil))
		p, err := l.server.find(rt.Context(), &u, q)
		if err != nil {
			rt.Fatal(err)
		}
		for _, it := range p.Items {
			if !u.Sees(it.Recipient) {
				rt.Fatalf("%+v finds %s by %q", u, it.Recipient, v)
			}
			if wanted := strings.ToLower(asked); wanted != "" && it.Recipient != wanted && !strings.HasSuffix(it.Recipient, "@"+wanted) {
				rt.Fatalf("%q is found by %q", it.Recipient, asked)
			}
		}
		if asked != "" && v.Get("q") != "nothing" && v.Get("q") != "hanako" && v.Get("state") != "erased" && u.Sees(asked) && slices.Contains(everybody, asked) && len(p.Items) == 0 {
			rt.Fatalf("%+v does not find %s by %q", u, asked, v)
		}
	})
}

// TestSearchWrong: what makes no sense is told, and a program gets no list in which it is
// left out; at the limits it is taken.
func TestSearchWrong(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	token, _, err := l.server.users.AddToken("admin", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", maxQuery)
	for key, values := range map[string][]string{
		"state": {"nonsense"}, "days": {"x", "-1", "3661", "99999999999999999999"}, "from": {"yesterday", "2026-02-30", "0001-01-01"}, "until": {"2026-01-01T00:00"},
		"q": {long + "x", "\xff"}, "to": {long + "x"}, "brand": {long + "x"}, "after": {"x", long + "x"},
	} {
		for _, value := range values {
			query := "?" + url.Values{key: {value}}.Encode()
			if status, answer := l.api(token, "GET", "/api/v1/items"+query, ""); status != http.StatusBadRequest || !strings.Contains(answer, "parameter "+key) {
				t.Errorf("%.40s: %d %s", query, status, answer)
			}
			if status, page := l.get(l.client("admin"), "/"+query); status != http.StatusOK || !strings.Contains(page, `role="alert"`) || !strings.Contains(page, "/items/"+id) {
				t.Errorf("%.40s on the page: %d", query, status)
			}
		}
	}
	for _, query := range []string{"q=" + long, "to=" + long, "days=3660", "days=0", "q=&to=&state=&brand=&days=&from=&until=&after="} {
		if status, answer := l.api(token, "GET", "/api/v1/items?"+query, ""); status != http.StatusOK {
			t.Errorf("%.40s: %d %s", query, status, answer)
		}
	}
}
