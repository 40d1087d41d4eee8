package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	gocmp "github.com/google/go-cmp/cmp"

	"sekisho/filter/config"
	"sekisho/filter/trial"
	"sekisho/policy/rule"
)

var update = flag.Bool("update", false, "write deploy/COMMANDS.md")

// TestCommandsDocumented: deploy/COMMANDS.md is the command line as it is, every
// flag with its meaning. -update writes it.
func TestCommandsDocumented(t *testing.T) {
	const file = "../../deploy/COMMANDS.md"
	got := commandsPage(newParser(&commands{}))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is out of date, run this test with -update (-file +program)\n%s", file, diff)
	}
}

func commandsPage(k *kong.Kong) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nEach command exits with 0 when it did what it was asked, with 2 when its caller can mend what is wrong (flags, settings,\n" +
		"policies, files that cannot be read), and with 1 on any other failure. `--help` after a command tells the same as this page.\n")
	for _, command := range k.Model.Leaves(true) {
		fmt.Fprintf(&b, "\n## `sekisho %s`\n\n%s\n", command.Path(), command.Help)
		if len(command.Positional)+len(command.Flags) == 0 {
			continue
		}
		b.WriteString("\n| | default | |\n| --- | --- | --- |\n")
		for _, p := range command.Positional {
			fmt.Fprintf(&b, "| `%s` | | %s |\n", p.Summary(), p.Help)
		}
		for _, f := range command.Flags {
			fmt.Fprintf(&b, "| `--%s` | %s | %s |\n", flagName(f), f.Default, f.Help)
		}
	}
	return b.String()
}

// flagName is a flag with what it takes: proof=dns|header|none. A bar in a table
// has to be escaped.
func flagName(f *kong.Flag) string {
	kind := strings.ToUpper(f.Name)
	switch f.Target.Interface().(type) {
	case int:
		kind = "N"
	case time.Duration:
		kind = "DURATION"
	}
	words := slices.DeleteFunc(f.EnumSlice(), func(word string) bool { return word == "" })
	switch {
	case f.IsBool():
		return f.Name
	case len(words) > 0:
		return f.Name + "=" + strings.Join(words, "\\|")
	}
	return f.Name + "=" + cmp.Or(f.PlaceHolder, kind)
}

// docs are the pages for operators.
func docs(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	add := func(path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pages[path] = string(text)
	}
	for _, name := range []string{"README.md", "SECURITY.md", "CHANGELOG.md"} {
		add("../../" + name)
	}
	err := filepath.WalkDir("../../deploy", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			add(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

var (
	span    = regexp.MustCompile("`([^`\n]+)`")
	example = regexp.MustCompile(`(?m)^    (?:\$ )?(?:\./)?(sekisho .*)$`)
	flagged = regexp.MustCompile(`--[a-z][a-z-]+`)
)

// TestFlagsInDocs: each flag that a page names is one of the command it is named
// with.
func TestFlagsInDocs(t *testing.T) {
	known := map[string][]string{} // command -> flags
	var all []string
	for _, command := range newParser(&commands{}).Model.Leaves(true) {
		name, _, _ := strings.Cut(command.Path(), " <")
		known[name] = []string{"--help"}
		for _, f := range command.Flags {
			known[name] = append(known[name], "--"+f.Name)
		}
		all = append(all, known[name]...)
	}
	for page, text := range docs(t) {
		var lines []string
		for _, found := range append(span.FindAllStringSubmatch(text, -1), example.FindAllStringSubmatch(text, -1)...) {
			lines = append(lines, found[1])
		}
		for _, line := range lines {
			allowed, command := all, ""
			if args, ok := strings.CutPrefix(line, "sekisho "); ok {
				for name, flags := range known {
					if args == name || strings.HasPrefix(args, name+" ") {
						allowed, command = flags, name
					}
				}
			} else if !strings.HasPrefix(line, "--") {
				continue // somebody else's command
			}
			for _, f := range flagged.FindAllString(line, -1) {
				if !slices.Contains(allowed, f) {
					t.Errorf("%s: no flag %s of %q: %s", page, f, command, line)
				}
			}
		}
	}
}

var (
	key    = regexp.MustCompile(`^( *)([a-z_-]+):`)
	name   = regexp.MustCompile(`^[a-z]+([_.][a-z_]+)+$`)
	nested = regexp.MustCompile(`^([a-z_]+): \{([a-z_-]+):`)
	// notOurs are names of files, of hosts, and of Postfix's parameters.
	notOurs = regexp.MustCompile(`\.(yaml|yml|go|md|cf|mc|eml|json|jsonl|sock|test|example|jp|org)$|^(smtpd|non_smtpd|milter|message_size|enable_original)_`)
	series  = regexp.MustCompile("(?m)^\\| `(sekisho_\\w+)` ")
)

// paths lists the keys of a documented YAML file as dotted names.
func paths(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all, above []string
	for line := range strings.Lines(string(text)) {
		if found := key.FindStringSubmatch(line); found != nil {
			above = append(above[:min(len(found[1])/2, len(above))], found[2])
			all = append(all, strings.Join(above, "."))
		}
	}
	return all
}

// TestSettingsInDocs: each setting, policy key and metric that a page names is
// there. The two YAML files are held to the program by their packages, the page of
// the metrics by package daemon.
func TestSettingsInDocs(t *testing.T) {
	pages := docs(t)
	known := append(paths(t, "../../deploy/sekisho.yaml"), paths(t, "../../deploy/policies/default.yaml")...)
	known = append(known, testKeys(t)...)
	for _, found := range series.FindAllStringSubmatch(pages["../../deploy/METRICS.md"], -1) {
		known = append(known, found[1])
	}
	known = append(known, facts(t)...)
	named := 0
	for page, text := range pages {
		for _, found := range span.FindAllStringSubmatch(text, -1) {
			word := found[1]
			if parts := nested.FindStringSubmatch(word); parts != nil {
				word = parts[1] + "." + parts[2]
			}
			if !name.MatchString(word) || notOurs.MatchString(word) {
				continue
			}
			named++
			if !slices.Contains(known, word) {
				t.Errorf("%s: %s is no setting, policy key or metric", page, word)
			}
		}
	}
	if named < 20 {
		t.Errorf("%d names found: the search is broken", named)
	}
}

// testKeys are the keys of files of tests, alone and after the key above them.
func testKeys(t *testing.T) []string {
	t.Helper()
	text, err := trial.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	var all []string
	var walk func(above string, v any)
	walk = func(above string, v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(above, item)
			}
		case map[string]any:
			properties, _ := v["properties"].(map[string]any)
			for key, below := range properties {
				all = append(all, key, above+"."+key)
				walk(key, below)
			}
			for _, part := range []string{"items", "anyOf", "additionalProperties"} {
				walk(above, v[part])
			}
		}
	}
	walk("", schema)
	return all
}

// facts lists what rules can name: fields, and those of the variables.
func facts(t *testing.T) []string {
	t.Helper()
	env, err := rule.NewEnv()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, kind := range env.Kinds() {
		for _, field := range kind.Fields {
			all = append(all, field.Name)
			for _, v := range env.Variables() {
				if v.Type == kind.Name {
					all = append(all, v.Name+"."+field.Name)
				}
			}
		}
	}
	return all
}

var link = regexp.MustCompile(`\]\(([^)#:]+)\)`)

// TestLinksInDocs: what a page points to is there.
func TestLinksInDocs(t *testing.T) {
	for page, text := range docs(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), found[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

// TestDeployedSettings: every settings file that is delivered can be loaded.
func TestDeployedSettings(t *testing.T) {
	files, err := filepath.Glob("../../deploy/sekisho*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		if _, err := config.Load(file); err != nil {
			t.Error(inDetail(err))
		}
	}
}

// TestDeployedCommands: what the service and the image start is a command line
// that the program understands, and what the image is made of is there.
func TestDeployedCommands(t *testing.T) {
	read := func(file string) string {
		t.Helper()
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var lines [][]string
	for _, found := range regexp.MustCompile(`(?m)^Exec(?:Start|Reload)=/usr/bin/sekisho (.+)$`).FindAllStringSubmatch(read("deploy/systemd/sekisho.service"), -1) {
		lines = append(lines, strings.Fields(found[1]))
	}
	for _, found := range regexp.MustCompile(`(?m)CMD (\[.*\])$`).FindAllStringSubmatch(read("Dockerfile"), -1) {
		var args []string
		if err := json.Unmarshal([]byte(found[1]), &args); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, slices.DeleteFunc(args, func(arg string) bool { return arg == "/sekisho" }))
	}
	for _, found := range regexp.MustCompile(`(?m)^COPY ([a-z].*) \S+$`).FindAllStringSubmatch(read("Dockerfile"), -1) {
		for _, source := range strings.Fields(found[1]) {
			if _, err := os.Stat("../../" + source); err != nil {
				t.Errorf("Dockerfile: %v", err)
			}
		}
	}
	if len(lines) != 4 {
		t.Fatalf("%d command lines, want two of the service and two of the image", len(lines))
	}
	for _, args := range lines {
		if _, err := newParser(&commands{}).Parse(args); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
}
