// Package mutation changes policy files in every small way, to find out which
// changes somebody would hear of. Tests only.
package mutation

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sekisho/filter/suite"
)

// Mutant is a policy directory with one thing changed.
type Mutant struct {
	What  string            // file, line, and how
	Files map[string]string // by their names below the directory
}

// Shipped are the sample policies for operators.
func Shipped(tb testing.TB) map[string]string {
	tb.Helper()
	root := filepath.Join(suite.Root(tb), "deploy", "policies")
	files := map[string]string{}
	for _, at := range []string{"*.yaml", "groups/*.yaml"} {
		found, err := filepath.Glob(filepath.Join(root, at))
		if err != nil {
			tb.Fatal(err)
		}
		for _, path := range found {
			text, err := os.ReadFile(path)
			if err != nil {
				tb.Fatal(err)
			}
			name, _ := filepath.Rel(root, path)
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

// Of changes every line of the files, but for comments, in every way: a
// number, a word, a letter of a key, the line left out, the line twice.
func Of(files map[string]string) []Mutant {
	var all []Mutant
	for _, name := range slices.Sorted(maps.Keys(files)) {
		lines := strings.Split(files[name], "\n")
		add := func(i int, how, line string) {
			changed := slices.Clone(lines)
			changed[i] = line
			copied := maps.Clone(files)
			copied[name] = strings.Join(changed, "\n")
			if copied[name] != files[name] {
				all = append(all, Mutant{fmt.Sprintf("%s:%d %s: %s", name, i+1, how, strings.TrimSpace(line)), copied})
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
