package rule

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/policy/strictyaml"
)

var update = flag.Bool("update", false, "write the tables of deploy/policies/RULES.md")

// TestPage: the tables of the page about rules are the vocabulary as it is.
// -update writes them.
func TestPage(t *testing.T) {
	const file = "../../deploy/policies/RULES.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		t.Fatalf("%s: no place for the tables", file)
	}
	got := before + begin + tables(environment(t)) + end + after
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s is out of date, run this test with -update (-file +program)\n%s", file, diff)
	}
}

const (
	begin = "<!-- facts: written by go test ./policy/rule -run TestPage -update -->\n"
	end   = "<!-- end of facts -->\n"
)

func tables(e *Env) string {
	var b strings.Builder
	table := func(title string, terms []Term) {
		fmt.Fprintf(&b, "\n### %s\n\n| | | |\n| --- | --- | --- |\n", title)
		for _, term := range terms {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", term.Name, term.Type, strings.ReplaceAll(term.account(), "|", "\\|"))
		}
	}
	table("Variables", e.Variables())
	for _, kind := range e.Kinds() {
		table(kind.Name, kind.Fields)
	}
	b.WriteString("\n### Functions\n\nBeside `==` `!=` `<` `<=` `>` `>=` `in` `&&` `||` `!` `? :` `[ ]` `+` `-` `*` `/` `%`:\n\n| | | |\n| --- | --- | --- |\n")
	for _, f := range Functions() {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", f.Use, f.Meaning, strings.ReplaceAll(f.Example, "|", "\\|"))
	}
	b.WriteString("\n### Examples\n\n```\n")
	for _, x := range Examples() {
		fmt.Fprintf(&b, "# %s\n%s\n", x.Meaning, x.When)
	}
	b.WriteString("```\n\n")
	return b.String()
}

// TestPageRules: the policy file that the page shows is one.
func TestPageRules(t *testing.T) {
	text, err := os.ReadFile("../../deploy/policies/RULES.md")
	if err != nil {
		t.Fatal(err)
	}
	files := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(files) == 0 {
		t.Fatal("no policy file on the page")
	}
	e := environment(t)
	below, err := layer(t, "default.yaml", e.Rules(), "rules: {bulk-login: {when: cut, points: 1}}")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, err := layer(t, "RULES.md", below, file[1]); err != nil {
			t.Error(err)
		}
	}
}

// TestDescribe: every name, every function and every example is told.
func TestDescribe(t *testing.T) {
	e := environment(t)
	var b strings.Builder
	if err := e.Describe(&b); err != nil {
		t.Fatal(err)
	}
	for _, kind := range e.Kinds() {
		for _, term := range kind.Fields {
			if !regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(term.Name) + ` +` + regexp.QuoteMeta(term.Type) + ` +` + regexp.QuoteMeta(term.Meaning)).MatchString(b.String()) {
				t.Errorf("%s.%s is not told", kind.Name, term.Name)
			}
		}
	}
	for _, f := range Functions() {
		if !strings.Contains(b.String(), "\n  "+f.Use+" ") {
			t.Errorf("%s is not told", f.Name)
		}
	}
	for _, x := range Examples() {
		if !strings.Contains(b.String(), "\n  "+x.When+"\n") {
			t.Errorf("%s is not told", x.When)
		}
	}
}

// TestExplain: mistakes come with their line and a caret.
func TestExplain(t *testing.T) {
	const expr = "cut ||\n  message.subjet == \"\""
	_, problems := environment(t).Compile(expr)
	var all *strictyaml.Problems
	if !errors.As(Explain("expression", expr, problems), &all) {
		t.Fatal("no problems")
	}
	const want = "expression:2:11: Message has no field \"subjet\"; did you mean subject?\n      message.subjet == \"\"\n              ^"
	if diff := cmp.Diff(want, all.Detail()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if Explain("expression", "cut", nil) != nil {
		t.Error("an error without a problem")
	}
}

// TestSchema: the schema has the keys that are read.
func TestSchema(t *testing.T) {
	text, err := json.Marshal(Schema())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"when", "why", "points", "action", "observe"} {
		if !strings.Contains(string(text), `"`+key+`":{`) {
			t.Errorf("no %s in %s", key, text)
		}
	}
}
