package replay

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const headLine = `{"sekisho_replay":1,"settings":"s"}` + "\n"

// reopen writes a state file, opens it and returns the names in it, and what the
// file holds after another outcome was added.
func reopen(t *testing.T, content string) (names []string, after string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(path, "s", func(o Outcome) error { names = append(names, o.File); return nil })
	if err != nil {
		return names, "", err
	}
	if err := errors.Join(j.add(&Outcome{File: "new"}), j.close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return names, string(b), nil
}

func TestJournal(t *testing.T) {
	for name, tc := range map[string]struct {
		content string
		kept    string // of the content
		names   []string
	}{
		"new":        {"", headLine, nil},
		"cut head":   {headLine[:10], headLine, nil},
		"one":        {headLine + `{"file":"a"}` + "\n", headLine + `{"file":"a"}` + "\n", []string{"a"}},
		"cut line":   {headLine + `{"file":"a"}` + "\n" + `{"file":"b`, headLine + `{"file":"a"}` + "\n", []string{"a"}},
		"no newline": {headLine + `{"file":"a"}`, headLine, nil},
	} {
		names, after, err := reopen(t, tc.content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tc.names, names); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
		if kept, ok := strings.CutPrefix(after, tc.kept); !ok || strings.Count(kept, "\n") != 1 || !strings.HasPrefix(kept, `{"file":"new"`) {
			t.Errorf("%s: the file holds %q", name, after)
		}
	}
}

func TestForeignStateIsRefused(t *testing.T) {
	for _, content := range []string{"{}\n", "no JSON\n", `{"sekisho_replay":2,"settings":"s"}` + "\n", headLine + "{\n"} {
		if _, _, err := reopen(t, content); err == nil {
			t.Errorf("%q was taken", content)
		}
	}
	if _, _, err := reopen(t, `{"sekisho_replay":1,"settings":"other"}`+"\n"); !errors.Is(err, ErrOtherSettings) {
		t.Error(err)
	}
}

func TestStateLineLimit(t *testing.T) {
	const frame = len(`{"file":""}` + "\n")
	for size, ok := range map[int]bool{MaxStateLine: true, MaxStateLine + 1: false} {
		_, _, err := reopen(t, headLine+`{"file":"`+strings.Repeat("x", size-frame)+`"}`+"\n")
		if (err == nil) != ok {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
