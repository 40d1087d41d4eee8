package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// documented returns what the file says of an answer: the name of a schema, "" for bytes
// or nothing; and whether it says so of the status itself, not as the default.
func (o *openAPI) documented(method, path, status string) (schema string, itself bool) {
	o.Helper()
	responses := o.doc["paths"].(map[string]any)[path].(map[string]any)[strings.ToLower(method)].(map[string]any)["responses"].(map[string]any)
	found, itself := responses[status]
	if !itself {
		found = responses["default"]
	}
	one := found.(map[string]any)
	if ref, ok := one["$ref"].(string); ok {
		one = o.doc["components"].(map[string]any)["responses"].(map[string]any)[strings.TrimPrefix(ref, "#/components/responses/")].(map[string]any)
	}
	content, _ := one["content"].(map[string]any)
	if kind, ok := content["application/json"].(map[string]any); ok {
		ref := kind["schema"].(map[string]any)["$ref"].(string)
		return strings.TrimPrefix(ref, "#/components/schemas/"), itself
	}
	return "", itself
}

// TestOpenAPICalls: each call of the file, made, is answered as the file says; and so is
// who may not make it, with nothing about whether the item is there.
func TestOpenAPICalls(t *testing.T) {
	t.Parallel()
	l, o := newLab(t), readOpenAPI(t)
	ids := l.put(fake, "taro@kaisha.test", "taro@gakko.test")
	token := map[string]string{}
	for _, name := range []string{"admin", "jiro", "hanako"} {
		var err error
		if token[name], _, err = l.server.users.AddToken(name, "test", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	call := func(who, method, path, template, body string, want int) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, l.http.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if token[who] != "" {
			r.Header.Set("Authorization", "Bearer "+token[who])
		}
		status, text, h := l.do(l.http.Client(), r)
		if status != want {
			t.Errorf("%s %s %s: %d, want %d: %s", who, method, path, status, want, text)
		}
		schema, itself := o.documented(method, template, strconv.Itoa(status))
		if (status < 400) != itself {
			t.Errorf("%s %s: %d is not in the file", method, template, status)
		}
		if schema != "" {
			o.holds(schema, text)
			if kind := h.Get("Content-Type"); kind != "application/json" {
				t.Errorf("%s %s: %q", method, path, kind)
			}
		}
		if status == http.StatusUnauthorized && !strings.HasPrefix(h.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s %s: no challenge", method, path)
		}
		return text
	}
	made := l.reportOf(ids[0])
	var shown apiReport
	if err := json.Unmarshal([]byte(call("admin", "GET", "/api/v1/reports/"+made, "/api/v1/reports/{report}", "", 200)), &shown); err != nil || shown.Sum == "" {
		t.Fatalf("%+v %v", shown, err)
	}
	item, rep := "/api/v1/items/{id}", "/api/v1/reports/{report}"
	calls := []struct {
		method, path, query, body string
		want, asJiro              int // as admin; of what is not in jiro's domain, and of nothing
		asHanako                  int // who is a recipient, of what is somebody else's
	}{
		{"GET", "/api/v1/items", "?q=rakuten&to=kaisha.test&state=held&brand=rakuten&days=3&from=2026-01-01&until=2099-01-01&after=zzzzzzzz.x", "", 200, 200, 200},
		{"GET", item, "", "", 200, 404, 404},
		{"GET", item + "/message", "", "", 200, 404, 403},
		{"POST", item + "/mark", "", `{"as":"phishing"}`, 200, 404, 404},
		{"POST", item + "/report", "", "", 200, 404, 404},
		{"GET", item + "/draft/{desk}", "", "", 200, 404, 403},
		{"GET", "/api/v1/reports", "?state=draft", "", 200, 200, 403},
		{"GET", rep, "", "", 200, 404, 403},
		{"GET", rep + "/message", "", "", 200, 404, 403},
		{"POST", rep + "/approve", "", `{"sum":"` + shown.Sum + `"}`, 200, 404, 403},
		{"DELETE", rep, "", "", 200, 404, 403},
		{"GET", "/api/v1/policy", "?address=taro@gakko.test", "", 200, 403, 403},
		{"GET", "/api/v1/verdicts", "", "", 200, 200, 403},
		{"POST", item + "/release", "", `{"again":false}`, 200, 404, 404},
		{"DELETE", item, "", "", 204, 404, 404},
	}
	var done []string
	for _, c := range calls {
		done = append(done, c.method+" "+c.path)
		at := func(id, report string) string {
			return strings.NewReplacer("{id}", id, "{report}", report, "{desk}", "apwg").Replace(c.path) + c.query
		}
		other := l.reportOf(ids[1])
		call("", c.method, at(ids[0], made), c.path, c.body, 401)
		theirs, nothing := call("jiro", c.method, at(ids[1], other), c.path, c.body, c.asJiro), call("jiro", c.method, at("nosuch-1", "nosuch"), c.path, c.body, c.asJiro)
		if c.asJiro == 404 && theirs != nothing {
			t.Errorf("%s %s tells what is there: %s, else %s", c.method, c.path, theirs, nothing)
		}
		theirs, nothing = call("hanako", c.method, at(ids[0], made), c.path, c.body, c.asHanako), call("hanako", c.method, at("nosuch-1", "nosuch"), c.path, c.body, c.asHanako)
		if c.asHanako >= 403 && theirs != nothing {
			t.Errorf("%s %s tells a recipient what is there: %s, else %s", c.method, c.path, theirs, nothing)
		}
		call("admin", c.method, at(ids[0], made), c.path, c.body, c.want)
	}
	var want []string
	for _, r := range l.server.apiRoutes() {
		want = append(want, r.method+" "+r.path)
	}
	slices.Sort(want)
	slices.Sort(done)
	if !slices.Equal(want, done) {
		t.Errorf("called %v\nof %v", done, want)
	}
}

// TestAPIBodies: a body is one JSON value of the fields that there are, and not longer
// than its limit.
func TestAPIBodies(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	token, _, err := l.server.users.AddToken("admin", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	pad := func(n int) string { return `{"as":"phishing"` + strings.Repeat(" ", n-len(`{"as":"phishing"}`)) + `}` }
	for body, want := range map[string]int{
		pad(maxForm): 200, pad(maxForm + 1): 413, pad(64 * maxForm): 413, `{"as":"phishing"}` + strings.Repeat(" ", maxForm): 413,
		`{"as":"phishing"} {}`: 400, `{"as":"phishing"}x`: 400, `[]`: 400, `"x"`: 400, `null`: 400, ``: 400, `{"as":1}`: 400, `{"as":"phishing","x":1}`: 400, "\xff": 400,
	} {
		if status, text := l.api(token, "POST", "/api/v1/items/"+id+"/mark", body); status != want || want != 200 && !strings.HasPrefix(text, `{"error":"`) {
			t.Errorf("%.40q (%d bytes): %d %s", body, len(body), status, text)
		}
	}
}
