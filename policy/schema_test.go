package policy

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"sekisho/policy/strictyaml"
)

// compiled is the schema, as a checker that is not ours reads it.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("policy.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("policy.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// value is a YAML file as an editor's schema checker sees it.
func value(t *testing.T, path string) any {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal(src, &v); err != nil || v == nil {
		return map[string]any{}
	}
	text, err := json.Marshal(dates(v))
	if err != nil {
		t.Fatal(err)
	}
	again, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// dates turns what YAML takes for a point in time back into text.
func dates(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = dates(v[k])
		}
	case []any:
		for i := range v {
			v[i] = dates(v[i])
		}
	case interface{ Format(string) string }:
		return v.Format("2006-01-02")
	}
	return v
}

// TestSchemaTakesWhatTheLoaderTakes: all files that are shipped fit the schema.
func TestSchemaTakesWhatTheLoaderTakes(t *testing.T) {
	s := compiled(t)
	files := []string{"policies/default.yaml"}
	for _, at := range []string{"../deploy/policies/*.yaml", "../deploy/policies/groups/*.yaml"} {
		more, err := filepath.Glob(at)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	for _, file := range files {
		if err := s.Validate(value(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// onlyTheLoader are mistakes that no schema of one file can tell: they are about
// other files, about layers, about names, or about the YAML itself.
var onlyTheLoader = []string{
	"contradiction", "contradiction_inherited", "dangling", "dangling_groups", "file_names", "finding_twice", "group_circle", "group_names/groups",
	"group_twice", "group_unknown", "layers_mixed", "mailbox_unreachable", "same_domain", "subdomains_in_default", "yml",
}

// TestSchemaRefusesWhatTheLoaderRefuses: of the files with mistakes that stand in
// one file, the schema refuses each that the loader names.
func TestSchemaRefusesWhatTheLoaderRefuses(t *testing.T) {
	s := compiled(t)
	refused := 0
	err := filepath.WalkDir("testdata/mistakes", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		rel, _ := filepath.Rel("testdata/mistakes", path)
		for _, known := range onlyTheLoader {
			if strings.HasPrefix(rel, known+"/") {
				return nil
			}
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		doc := strictyaml.Parse(path, src)
		layer(doc, "example.jp", embedded(t).Default(), domainLayer)
		if doc.Err() == nil || strings.Contains(doc.Err().Error(), "not YAML") {
			return nil
		}
		if s.Validate(value(t, path)) == nil {
			t.Errorf("%s fits the schema, and the loader says:\n%v", path, doc.Err())
		}
		refused++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if refused < 8 {
		t.Errorf("%d files looked at", refused)
	}
}

// TestSchemaDeployed: the copy for editors is what the code makes, every key of it
// has a description, and every type a schema.
func TestSchemaDeployed(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../deploy/policies/policy.schema.json", string(text)+"\n")
	var s struct {
		Properties map[string]struct{ Description string }
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	for key, p := range s.Properties {
		if p.Description == "" {
			t.Errorf("%s has no description", key)
		}
	}
	for _, key := range settingKeys(reflect.TypeFor[settings]()) {
		top, _, _ := strings.Cut(key, ".")
		if _, ok := s.Properties[top]; !ok {
			t.Errorf("the schema does not know %s", key)
		}
	}
}
