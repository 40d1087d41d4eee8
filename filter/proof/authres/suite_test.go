package authres

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sekisho/filter/suite"
)

// values returns the values of the Authentication-Results fields of a file. It
// shares nothing with the package on purpose.
func values(t *testing.T, path string) []string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
	unfolded := regexp.MustCompile(`\n([ \t])`).ReplaceAllString(header, "\r$1")
	var out []string
	for _, m := range regexp.MustCompile(`(?mi)^Authentication-Results:([^\n]*)`).FindAllStringSubmatch(unfolded, -1) {
		out = append(out, strings.ReplaceAll(m[1], "\r", "\r\n"))
	}
	return out
}

func walk(t *testing.T, dir string, each func(path string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			each(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestProviders reads what 22 providers write. Every field has to be read.
func TestProviders(t *testing.T) {
	fields, results := 0, map[string]int{}
	walk(t, suite.Path(t, "suites/authres/deltachat-dkimchecks"), func(path string) {
		for _, v := range values(t, path) {
			f, err := Parse(v)
			if err != nil {
				t.Errorf("%s: %q: %v", path, v, err)
			}
			fields++
			for _, r := range f.Results {
				results[r.Method+"="+r.Value]++
			}
		}
	})
	t.Logf("%d fields: %v", fields, results)
	if fields < 300 {
		t.Errorf("only %d fields found", fields)
	}
}

// TestLieser reads every field of the suite. Two of them break the grammar with
// a bare slash, which real servers write too: they are read as they were meant.
func TestLieser(t *testing.T) {
	walk(t, suite.Path(t, "suites/authres/lieser-arh"), func(path string) {
		for _, v := range values(t, path) {
			if _, err := Parse(v); err != nil {
				t.Errorf("%s: %q: %v", filepath.Base(path), v, err)
			}
		}
	})
}

// TestGoMsgauth reads the examples of RFC 8601 and others, and holds method and
// result against what that library reads.
func TestGoMsgauth(t *testing.T) {
	raw, err := os.ReadFile(suite.Path(t, "suites/authres/go-msgauth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		ID      string `json:"authserv_id"`
		Value   string
		Results []struct {
			Kind   string
			Fields struct{ Value string }
		}
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		f, err := Parse(c.Value)
		if c.Value == "" {
			if err == nil {
				t.Error("an empty value was read")
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.Value, err)
			continue
		}
		if f.ID != c.ID || len(f.Results) != len(c.Results) {
			t.Errorf("%q: %+v", c.Value, f)
			continue
		}
		for i, r := range f.Results {
			if r.Value != c.Results[i].Fields.Value {
				t.Errorf("%q: result %d is %q, want %q", c.Value, i, r.Value, c.Results[i].Fields.Value)
			}
		}
	}
}
