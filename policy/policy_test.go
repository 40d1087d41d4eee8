package policy

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/finding"
	"sekisho/policy/strictyaml"
)

// embedded is the built-in Set.
func embedded(tb testing.TB) *Set {
	tb.Helper()
	set, err := Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// directory makes a policy directory of files and their content, and returns its
// path, which ends in "policies".
func directory(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "policies")
	if err := os.Mkdir(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func load(tb testing.TB, files map[string]string) *Set {
	tb.Helper()
	set, err := Load(directory(tb, files))
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", file, diff)
	}
}

// The built-in default names every finding, once, with the weight that the
// finding's own documentation states.
func TestDefaultNamesEveryFinding(t *testing.T) {
	p := embedded(t).Default()
	for _, name := range finding.Names() {
		r := p.Findings.of(name)
		if r == nil {
			t.Fatalf("%s has no rule", name)
		}
		if r.points != name.DefaultPoints() {
			t.Errorf("%s: %d points, documented are %d", name, r.points, name.DefaultPoints())
		}
		if r.points == 0 && r.action == Points {
			t.Errorf("%s: write observe for what weighs nothing", name)
		}
	}
}

// The built-in default states every key but subdomains.
func TestDefaultStatesEveryKey(t *testing.T) {
	doc := strictyaml.Parse(builtInFile, builtIn)
	for _, key := range settingKeys(reflect.TypeFor[settings]()) {
		if !states(doc, key) {
			t.Errorf("the built-in default does not state %s", key)
		}
	}
}

// states reports whether doc has a value at key.
func states(doc *strictyaml.Document, key string) bool {
	path := strings.Split(key, ".")
	return doc.At(path...) != doc.At(path[:len(path)-1]...)
}

// The copy for operators is the built-in default.
func TestDeployedDefaultIsBuiltIn(t *testing.T) {
	copied, err := os.ReadFile("../deploy/policies/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(BuiltIn(), string(copied)); diff != "" {
		t.Errorf("-built-in +deployed\n%s", diff)
	}
}

func TestDeployedExamples(t *testing.T) {
	set, err := Load("../deploy/policies")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"example.jp", "lab.example.ac.jp", "naika.example.jp", "shika.example.jp", "xn--r8jz45g.jp"}
	if diff := cmp.Diff(want, set.Domains()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	readme, err := os.ReadFile("../deploy/policies/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(readme), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	doc := strictyaml.Parse("README.md", []byte(example))
	base := embedded(t).Default()
	layer(doc, "example.jp", base, domainLayer)
	if err := doc.Err(); err != nil {
		t.Fatal(err)
	}
	for _, key := range append(settingKeys(reflect.TypeFor[settings]()), "group", "subdomains", "mailboxes") {
		if !states(doc, key) {
			t.Errorf("README.md does not show %s", key)
		}
	}
}

// settingKeys returns the paths of all keys of a policy file.
func settingKeys(kind reflect.Type) []string {
	var keys []string
	for i := range kind.NumField() {
		key, field := kind.Field(i).Tag.Get("yaml"), kind.Field(i).Type
		if _, leaf := reflect.New(field).Interface().(strictyaml.Unmarshaler); leaf {
			keys = append(keys, key)
			continue
		}
		for _, below := range settingKeys(field) {
			keys = append(keys, key+"."+below)
		}
	}
	return keys
}

func TestFor(t *testing.T) {
	set := load(t, map[string]string{
		"example.jp.yaml":        "subdomains: true\n",
		"plain.example.jp.yaml":  "# says nothing\n",
		"alone.example.com.yaml": "thresholds: {tag: 1}\n",
		"例え.jp.yaml":             "subdomains: true\n",
		"Upper.Example.yaml":     "",
		"jp.yaml":                "",
		"README.md":              "not a policy",
		".example.net.yaml.swp":  "not a policy",
		".hidden.yaml":           "not: a policy",
	})
	for rcpt, want := range map[string]string{
		"user@example.jp":            "example.jp",
		"user@EXAMPLE.JP":            "example.jp",
		"user@example.jp.":           "example.jp",
		"user@mail.example.jp":       "example.jp",
		"user@a.b.c.example.jp":      "example.jp",
		"user@plain.example.jp":      "plain.example.jp",
		"user@x.plain.example.jp":    "example.jp", // the nearest parent that says so
		"user@notexample.jp":         "default",
		"user@alone.example.com":     "alone.example.com",
		"user@sub.alone.example.com": "default",
		"user@例え.jp":                 "xn--r8jz45g.jp",
		"user@サブ.例え.JP":              "xn--r8jz45g.jp",
		"user@xn--r8jz45g.jp":        "xn--r8jz45g.jp",
		"user@upper.example":         "upper.example",
		"\"a@example.jp\"@elsewhere": "default",
		"\"a@elsewhere\"@example.jp": "example.jp",
		"postmaster":                 "default",
		"example.jp":                 "default",
		"":                           "default",
		"@":                          "default",
		"user@":                      "default",
		"user@.":                     "default",
		"user@..example.jp":          "default",
		"user@[192.0.2.1]":           "default",
		"user@\xff\xfe.jp":           "default",
		"user@jp":                    "jp",
		"user@default":               "default",
		"u@" + strings.Repeat("a.", 122) + "example.jp": "default", // 254 bytes: no domain name
	} {
		if got := set.For(rcpt).Name(); got != want {
			t.Errorf("For(%q) = %s, want %s", rcpt, got, want)
		}
	}
	want := []string{"alone.example.com", "example.jp", "jp", "plain.example.jp", "upper.example", "xn--r8jz45g.jp"}
	if diff := cmp.Diff(want, set.Domains()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What a layer leaves out comes from the layer below; a rule is replaced whole.
func TestInheritance(t *testing.T) {
	dir := directory(t, map[string]string{
		"default.yaml": "thresholds: {tag: 3}\nfindings:\n  lure: {points: 4, action: tag}\n  no-auth: off\nquarantine: {mode: hold}\n",
		"example.jp.yaml": "thresholds:\n  reject: 12\nfindings:\n  lure: {points: 1}\n" +
			"tag: {subject_prefix: \"\"}\nfail: {dns: continue}\nsubdomains: true\n",
	})
	set, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for rcpt, file := range map[string]string{"a@example.com": "default", "a@example.jp": "domain"} {
		var b strings.Builder
		if err := set.For(rcpt).Explain(&b, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/explain/"+file+".want", strings.ReplaceAll(b.String(), dir, "/etc/sekisho/policies"))
	}
	p := set.For("a@example.jp")
	if p.SubjectPrefix() != "" || p.QuarantineMode() != Hold || p.TempfailOnDNS() {
		t.Errorf("prefix %q, mode %s, tempfail %t", p.SubjectPrefix(), p.QuarantineMode(), p.TempfailOnDNS())
	}
	if p := embedded(t).For("a@example.jp"); p.SubjectPrefix() != "" || p.QuarantineMode() != Store || !p.TempfailOnDNS() {
		t.Errorf("built-in: prefix %q, mode %s, tempfail %t", p.SubjectPrefix(), p.QuarantineMode(), p.TempfailOnDNS())
	}
}
