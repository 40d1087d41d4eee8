package policy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// mutant is a policy directory with one thing changed.
type mutant struct {
	what  string
	files map[string]string
}

// shipped are the sample policies for operators.
func shipped(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, at := range []string{"*.yaml", "groups/*.yaml"} {
		found, err := filepath.Glob("../deploy/policies/" + at)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel("../deploy/policies", path)
			files[name] = string(text)
		}
	}
	return files
}

var (
	number   = regexp.MustCompile(`\b\d+\b`)
	keyword  = regexp.MustCompile(`\b(off|observe|enforce|tag|quarantine|reject|tempfail|continue|store|hold|true)\b`)
	mutation = map[string]string{
		"off": "observe", "observe": "off", "enforce": "observe", "tag": "quarantine", "quarantine": "tag", "reject": "tag",
		"tempfail": "continue", "continue": "tempfail", "store": "hold", "hold": "store", "true": "false",
	}
)

// mutants changes every line of the files, but for comments, in every way: a
// number, a word, a letter of a key, the line left out, the line twice.
func mutants(files map[string]string) []mutant {
	var all []mutant
	for _, name := range slices.Sorted(maps.Keys(files)) {
		lines := strings.Split(files[name], "\n")
		add := func(i int, how, line string) {
			changed := slices.Clone(lines)
			changed[i] = line
			copied := maps.Clone(files)
			copied[name] = strings.Join(changed, "\n")
			if copied[name] != files[name] {
				all = append(all, mutant{fmt.Sprintf("%s:%d %s: %s", name, i+1, how, strings.TrimSpace(line)), copied})
			}
		}
		for i, line := range lines {
			code, _, _ := strings.Cut(line, "#")
			if strings.TrimSpace(code) == "" {
				continue
			}
			for _, at := range number.FindAllStringIndex(code, -1) {
				n := 0
				fmt.Sscan(code[at[0]:at[1]], &n)
				add(i, "a number", code[:at[0]]+fmt.Sprint(n+1)+code[at[1]:])
				add(i, "a nought", code[:at[0]]+"0"+code[at[1]:])
			}
			value := strings.IndexByte(code, ':') + 1
			for _, at := range keyword.FindAllStringIndex(code[value:], -1) {
				from, to := value+at[0], value+at[1]
				add(i, "a word", code[:from]+mutation[code[from:to]]+code[to:])
			}
			if letter := strings.IndexAny(code, "abcdefghijklmnopqrstuvwxyz"); letter >= 0 {
				add(i, "a letter", code[:letter]+"x"+code[letter+1:])
			}
			add(i, "left out", "")
			add(i, "twice", line+"\n"+line)
		}
	}
	return all
}

// outcomes are what a set decides on a spread of messages: each finding alone and
// beside a heavy one, for every domain and the default.
func outcomes(s *Set) string {
	var b strings.Builder
	heavy := finding.Finding{Name: finding.Impersonation, Brand: "rakuten"}
	for _, domain := range append(s.Domains(), "nobody.example", "sub.example.jp") {
		p := s.For("a@" + domain)
		fmt.Fprintln(&b, domain, p.SubjectPrefix(), p.Banner(), p.QuarantineMode(), p.Keep(), p.Release(), p.OnOverload())
		for _, name := range finding.Names() {
			for _, found := range [][]finding.Finding{{{Name: name}}, {heavy, {Name: name}}} {
				d := s.Hear(&fact.Facts{Found: found}, june).For("a@" + domain)
				fmt.Fprintln(&b, name, d.Verdict, d.Observed, d.Points, d.By)
			}
		}
	}
	return b.String()
}

// TestMutants: whatever one changes in a policy is either told as a mistake, or
// said in words by diff, or without any effect on what is decided. Nothing changes
// decisions in silence.
func TestMutants(t *testing.T) {
	files := shipped(t)
	before := load(t, files)
	want := outcomes(before)
	all := mutants(files)
	counts := map[string]int{}
	var same []string
	for _, m := range all {
		after, err := Load(directory(t, m.files))
		switch {
		case err != nil:
			counts["check"]++
		case len(Diff(before, after, june)) > 0:
			counts["diff"]++
		case !slices.Equal(before.Domains(), after.Domains()):
			counts["domains"]++
		case outcomes(after) != want:
			t.Errorf("changes decisions in silence: %s", m.what)
		default:
			same = append(same, m.what)
		}
	}
	t.Logf("%d mutants: %v, without effect %d", len(all), counts, len(same))
	for _, what := range same {
		t.Log("without effect:", what)
	}
	if len(all) < 300 {
		t.Errorf("%d mutants", len(all))
	}
}
