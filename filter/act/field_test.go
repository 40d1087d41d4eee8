package act

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestField(t *testing.T) {
	word := strings.Repeat("w", 40)
	for name, tc := range map[string]struct{ value, want string }{
		"plain":           {"a b", "a b"},
		"blanks":          {" \t a  \t b\r\n", "a b"},
		"fold is kept":    {"a;\r\n\tb;\r\n c", "a;\r\n\tb;\r\n\tc"},
		"injection":       {"a\r\nEvil: 1\nEvil: 2\rEvil: 3", "a Evil: 1 Evil: 2 Evil: 3"},
		"controls":        {"a\x00b\x1b[0mc\x7fd", "a b [0mc d"},
		"not ASCII":       {"楽天 \xff", "?? ?"},
		"folded at 78":    {word + " " + word, word + "\r\n\t" + word},
		"not before 78":   {strings.Repeat("a", 36) + " " + strings.Repeat("b", 38), strings.Repeat("a", 36) + " " + strings.Repeat("b", 38)},
		"one past":        {strings.Repeat("a", 36) + " " + strings.Repeat("b", 39), strings.Repeat("a", 36) + "\r\n\t" + strings.Repeat("b", 39)},
		"no blank line":   {"\r\n\t\r\n\ta\r\n \r\n b", "a\r\n\tb"},
		"empty":           {"", ""},
		"only blanks":     {" \r\n ", ""},
		"over-long word":  {strings.Repeat("x", maxWord+1), strings.Repeat("x", maxWord) + "\r\n\tx"},
		"longest word":    {strings.Repeat("x", maxWord), strings.Repeat("x", maxWord)},
		"first word long": {strings.Repeat("x", 90) + " y", strings.Repeat("x", 90) + "\r\n\ty"},
	} {
		e, err := field("X", tc.value)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Edit{Op: Insert, Name: "X", Value: tc.want}, e); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFieldName(t *testing.T) {
	for name, ok := range map[string]bool{
		"": false, "X-A": true, "X A": false, "X:": false, "X\r\n": false, "Ｘ": false, "X\x00": false,
		strings.Repeat("x", maxName): true, strings.Repeat("x", maxName+1): false,
	} {
		if _, err := field(name, "v"); (err == nil) != ok || err != nil && !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzField(f *testing.F) {
	f.Add("mx.example.jp; spf=pass\r\n\tsmtp.mailfrom=a@b")
	f.Add("a\r\nb\x00\r\n\r\n c")
	f.Fuzz(func(t *testing.T, value string) {
		e, err := field(VerdictField, value)
		if err != nil {
			t.Fatal(err)
		}
		line := e.Name + ": " + e.Value
		checkField(t, line)
		checkLines(t, line, 998)
		for _, l := range strings.Split(line, "\r\n") {
			if strings.Trim(l, " \t") == "" {
				t.Fatalf("blank line in %q", line)
			}
		}
		if strings.ContainsFunc(e.Value, func(r rune) bool { return r > '~' || r < ' ' && !strings.ContainsRune("\r\n\t", r) }) {
			t.Fatalf("not printable ASCII: %q", e.Value)
		}
		if again := fold(len(e.Name)+2, e.Value); again != e.Value {
			t.Fatalf("folds again: %q, then %q", e.Value, again)
		}
	})
}
