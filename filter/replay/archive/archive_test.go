package archive_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/replay/archive"
)

// plant writes files below a new folder and returns it.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// read returns name and content of each message, names relative to root, and the
// number of errors.
func read(t *testing.T, root string, paths ...string) (all [][2]string, failed int) {
	t.Helper()
	for m, err := range archive.Messages(paths) {
		if err != nil {
			failed++
			continue
		}
		f, err := m.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		all = append(all, [2]string{strings.TrimPrefix(m.Name, filepath.ToSlash(root)+"/"), string(b)})
	}
	return all, failed
}

func TestFolder(t *testing.T) {
	root := plant(t, map[string]string{
		"b.eml": "b", "a/z.EML": "z", "a/notes.txt": "no", "labels.csv": "no",
		"inbox/cur/1:2,S": "one", "inbox/new/2": "two", "inbox/tmp/3": "half",
		"old.mbox": "From a\nS: 1\n\nx\n", "cur/not-a-maildir": "no",
	})
	got, failed := read(t, root, root)
	want := [][2]string{
		{"a/z.EML", "z"}, {"b.eml", "b"}, {"inbox/cur/1:2,S", "one"}, {"inbox/new/2", "two"}, {"old.mbox#1", "S: 1\n\nx\n"},
	}
	if diff := cmp.Diff(want, got); diff != "" || failed > 0 {
		t.Errorf("%d failed (-want +got):\n%s", failed, diff)
	}
}

func TestMbox(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for name, tc := range map[string]struct {
		file string
		want []string
	}{
		"two":              {"From a\nS: 1\n\none\n\nFrom b\nS: 2\n\ntwo\n", []string{"S: 1\n\none\n\n", "S: 2\n\ntwo\n"}},
		"CRLF":             {"From a\r\nS: 1\r\n\r\none\r\n\r\nFrom b\r\n\r\ntwo", []string{"S: 1\r\n\r\none\r\n\r\n", "\r\ntwo"}},
		"quoted":           {"From a\n\n>From x\n>>From y\n> From z\n", []string{"\nFrom x\n>From y\n> From z\n"}},
		"inside":           {"From a\nS: 1\n\nHe wrote:\nFrom here on\n", []string{"S: 1\n\nHe wrote:\nFrom here on\n"}},
		"long line":        {"From a\n\n" + long + "\n\nFrom b\n\n2\n", []string{"\n" + long + "\n\n", "\n2\n"}},
		"long line inside": {"From a\n\n" + long + "From b\n", []string{"\n" + long + "From b\n"}},
		"long first":       {"From " + long + "\nS: 1\n\n", []string{"S: 1\n\n"}},
		"no mbox":          {"Subject: x\n\nFrom a\n", []string{"Subject: x\n\nFrom a\n"}},
		"empty":            {"", []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			root := plant(t, map[string]string{"box": tc.file})
			got, _ := read(t, root, filepath.Join(root, "box"))
			var bodies []string
			for _, m := range got {
				bodies = append(bodies, m[1])
			}
			if diff := cmp.Diff(tc.want, bodies); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnreadableIsTold(t *testing.T) {
	root := plant(t, map[string]string{"a.eml": "a"})
	got, failed := read(t, root, filepath.Join(root, "absent"), root)
	if len(got) != 1 || failed != 1 {
		t.Errorf("%d messages, %d errors", len(got), failed)
	}
}

func TestStopsWhenAsked(t *testing.T) {
	root := plant(t, map[string]string{"a.eml": "a", "b.eml": "b", "box.mbox": "From a\n\n\nFrom b\n\n"})
	for range archive.Messages([]string{root, root}) {
		break
	}
	n := 0
	for range archive.Messages([]string{filepath.Join(root, "box.mbox"), root}) {
		if n++; n == 1 {
			break
		}
	}
}

// FuzzMbox: every byte of an mbox belongs to exactly one message, and no message
// grows when it is read.
func FuzzMbox(f *testing.F) {
	f.Add("From a\nS: 1\n\none\n\nFrom b\n>From x\n")
	f.Add("From \n\nFrom ")
	f.Fuzz(func(t *testing.T, s string) {
		s = "From " + s
		root := plant(t, map[string]string{"box": s})
		got, failed := read(t, root, filepath.Join(root, "box"))
		size := 0
		for _, m := range got {
			size += len(m[1])
		}
		if failed > 0 || len(got) == 0 || size > len(s) {
			t.Errorf("%d failed, %d messages of %d bytes from %d", failed, len(got), size, len(s))
		}
	})
}
