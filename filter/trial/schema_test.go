package trial

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write deploy/policies/tests/tests.schema.json")

// fits reports whether a text fits the schema, as a checker that is not ours reads it.
func fits(t *testing.T) func(text string) error {
	t.Helper()
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("tests.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("tests.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			return err
		}
		js, err := json.Marshal(dates(v))
		if err != nil {
			return err
		}
		again, err := jsonschema.UnmarshalJSON(bytes.NewReader(js))
		if err != nil {
			return err
		}
		return s.Validate(again)
	}
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

// TestSchema: the schema takes what Load takes, and refuses the mistakes that can be
// told from the form of a file.
func TestSchema(t *testing.T) {
	fit := fits(t)
	samples, err := filepath.Glob("../../deploy/policies/tests/*.yaml")
	if err != nil || len(samples) == 0 {
		t.Fatal(err, samples)
	}
	for _, file := range samples {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := fit(string(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, good := range []string{failing, one(claims + "  proof: {spf: pass, dkim: [a.test, {domain: b.test, result: fail, bits: 1024}], dmarc: {result: fail, policy: reject}}\n" + accepted)} {
		if err := fit(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"test: []\n", one(greeting + "  expct: {}\n"), one(greeting + "  expect: {a@b.test: {by: lure}}\n"), one(greeting + "  expect: {a@b.test: {verdict: hold}}\n"),
		one(greeting + "  expect: {a@b.test: {verdict: tag, by: lurr}}\n"), one(greeting + "  proof: dns\n" + accepted),
		one(greeting + "  proof: {spf: ok}\n" + accepted), one(greeting + "  at: tomorrow\n" + accepted), one("  facts: {proof: {alligned: true}}\n" + accepted),
		one(greeting + "  envelope: {client: mx.test}\n" + accepted), one("  inline: {From: [a]}\n" + accepted),
	} {
		if fit(bad) == nil || mistakes(t, map[string]string{"a.yaml": bad}) == "" {
			t.Errorf("taken:\n%s", bad)
		}
	}
}

// TestKeysInReadme: every key of a test is told to operators.
func TestKeysInReadme(t *testing.T) {
	readme, err := os.ReadFile("../../deploy/policies/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "## Test it\n")
	for _, kind := range []reflect.Type{reflect.TypeFor[entry](), reflect.TypeFor[envelope](), reflect.TypeFor[results](), reflect.TypeFor[expectation](), reflect.TypeFor[seal](), reflect.TypeFor[signatureKeys](), reflect.TypeFor[dmarcEntry]()} {
		for i := range kind.NumField() {
			key, _, _ := strings.Cut(kind.Field(i).Tag.Get("yaml"), ",")
			if !regexp.MustCompile("`[^`]*\\b" + key + "\\b[^`]*`").MatchString(section) {
				t.Errorf("README.md does not tell of %s", key)
			}
			if kind.Field(i).Tag.Get("doc") == "" {
				t.Errorf("%s has no description", key)
			}
		}
	}
}

// TestSchemaDeployed: the copy for editors is what the code makes.
func TestSchemaDeployed(t *testing.T) {
	const file = "../../deploy/policies/tests/tests.schema.json"
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	deployed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(deployed), string(text)); diff != "" {
		t.Errorf("%s is out of date, run this test with -update (-file +program)\n%s", file, diff)
	}
}
