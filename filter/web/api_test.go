package web

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"sekisho/filter/quarantine"
)

// openAPI is deploy/web/openapi.yaml, against which answers are held.
type openAPI struct {
	*testing.T
	doc      map[string]any
	compiler *jsonschema.Compiler
}

func readOpenAPI(t *testing.T) *openAPI {
	t.Helper()
	text, err := os.ReadFile("../../deploy/web/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	o := &openAPI{T: t, compiler: jsonschema.NewCompiler()}
	if err := yaml.Unmarshal(text, &o.doc); err != nil {
		t.Fatal(err)
	}
	// The schemas are JSON Schema 2020-12, as OpenAPI 3.1 says; through JSON for its
	// types of numbers.
	raw, err := json.Marshal(o.doc)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	o.compiler.AssertFormat()
	if err := o.compiler.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return o
}

// holds an answer against a schema of the file.
func (o *openAPI) holds(name, text string) {
	o.Helper()
	schema, err := o.compiler.Compile("openapi.json#/components/schemas/" + name)
	if err != nil {
		o.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		o.Errorf("%s: %v\n%s", name, err, text)
	}
}

// TestOpenAPIRoutes: the file has the routes that there are, and no others.
func TestOpenAPIRoutes(t *testing.T) {
	t.Parallel()
	o := readOpenAPI(t)
	var want, got []string
	for path, item := range o.doc["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				want = append(want, strings.ToUpper(method)+" "+path)
			}
		}
	}
	for _, r := range (&Server{}).apiRoutes() {
		got = append(got, r.method+" "+r.path)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("file %v\nprogram %v", want, got)
	}
}

func TestAPI(t *testing.T) {
	t.Parallel()
	l, o := newLab(t), readOpenAPI(t)
	ids := l.put(fake, "hanako@kaisha.test", "taro@kaisha.test", "hanako@gakko.test")
	token := map[string]string{}
	for _, name := range []string{"admin", "jiro", "hanako"} {
		var err error
		if token[name], _, err = l.server.users.AddToken(name, "test", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(who, method, path, body string, want int, schema string) string {
		t.Helper()
		status, text := l.api(token[who], method, path, body)
		if status != want {
			t.Errorf("%s %s %s: %d, want %d: %s", who, method, path, status, want, text)
		}
		if schema != "" {
			o.holds(schema, text)
		}
		return text
	}
	for who, count := range map[string]int{"admin": 3, "jiro": 2, "hanako": 1} {
		if text := ask(who, "GET", "/api/v1/items?q=rakuten&state=held&days=1", "", 200, "Items"); strings.Count(text, `"id":`) != count {
			t.Errorf("%s: %s", who, text)
		}
	}
	ask("hanako", "GET", "/api/v1/items/"+ids[0], "", 200, "Item")
	ask("hanako", "GET", "/api/v1/items/"+ids[1], "", 404, "Error")
	ask("hanako", "GET", "/api/v1/items/"+ids[0]+"/message", "", 403, "Error")
	if text := ask("jiro", "GET", "/api/v1/items/"+ids[0]+"/message", "", 200, ""); text != fake {
		t.Error("not the original")
	}
	ask("jiro", "POST", "/api/v1/items/"+ids[1]+"/mark", `{"as":"phishing"}`, 200, "Item")
	ask("jiro", "POST", "/api/v1/items/"+ids[1]+"/mark", `{"as":"nonsense"}`, 400, "Error")
	ask("jiro", "POST", "/api/v1/items/"+ids[1]+"/mark", `{"is":"phishing"}`, 400, "Error")
	ask("jiro", "POST", "/api/v1/items/"+ids[2]+"/release", "", 404, "Error")
	if text := ask("jiro", "POST", "/api/v1/items/"+ids[1]+"/release", `{}`, 200, "Item"); !strings.Contains(text, `"state":"released"`) {
		t.Errorf("released: %s", text)
	}
	if sent := l.sink.Messages(); len(sent) != 1 || sent[0].Recipients[0] != "taro@kaisha.test" {
		t.Errorf("sent: %v", sent)
	}
	ask("hanako", "DELETE", "/api/v1/items/"+ids[0], "", 204, "")
	if l.state(ids[0]) != quarantine.Erased || l.state(ids[2]) != quarantine.Held {
		t.Error("states after the erasure")
	}
	ask("admin", "GET", "/api/v1/items/"+ids[0], "", 200, "Item")
	ask("hanako", "GET", "/api/v1/policy?address=Hanako@kaisha.test", "", 200, "Policy")
	ask("hanako", "GET", "/api/v1/policy?address=taro@kaisha.test", "", 403, "Error")
	ask("jiro", "GET", "/api/v1/policy", "", 400, "Error")
	ask("hanako", "GET", "/api/v1/verdicts", "", 403, "Error")
	if text := ask("jiro", "GET", "/api/v1/verdicts", "", 200, "Verdicts"); !strings.Contains(text, `:2}`) {
		t.Errorf("verdicts: %s", text)
	}
	ask("", "GET", "/api/v1/items", "", 401, "Error")
	ask("admin", "GET", "/api/v1/nothing", "", 404, "Error")

	// A session is no token: no page can have a browser use the API.
	c := l.client("admin")
	if status, text := l.get(c, "/api/v1/items"); status != http.StatusUnauthorized {
		t.Errorf("with a cookie: %d %s", status, text)
	}
	log, err := os.ReadFile(l.server.audit.path)
	if err != nil || !strings.Contains(string(log), `"user":"hanako","role":"recipient","via":"token:`) {
		t.Errorf("audit: %v %s", err, log)
	}
}
