package strictyaml

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"
)

// FuzzUnmarshal holds that any bytes are read or refused without a panic, that
// every problem stands inside the document, and that text comes out as the
// bytes it was written with.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{
		"text: 010\nlist: [~, 0x10]\n", "a: &x 1\nb: *x\n", "servers:\n - {host: x}\n - port: 1\n",
		"text: |\n  two\n  lines\n", "a: [", "a: 'x", "\tb", "---\n---\n", "text: !!int 3\n", "<<: {a: 1}", "? [a]\n: b",
		"wait: 3\ncount: 1e3\nshare: .5\nflag: yes\n", "\xff", "text: \"\\x00\"", "ordered: {a: 1, a: 2}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var into everything
		err := Unmarshal("f", src, &into)
		if err == nil {
			if !utf8.Valid(src) {
				t.Fatal("bytes that are not UTF-8 were read")
			}
			plain := into.Text != "" && bytes.HasPrefix(src, []byte("text: ")) && !bytes.ContainsAny(src, "\"'|>\n\r\\\u0085\u2028\u2029")
			if plain && !bytes.Contains(src, []byte(into.Text)) {
				t.Fatalf("text %q is not in the document", into.Text)
			}
			return
		}
		var problems *Problems
		if !errors.As(err, &problems) || len(problems.List) == 0 {
			t.Fatalf("not a list of problems: %v", err)
		}
		lines := bytes.Count(src, []byte("\n")) + bytes.Count(src, []byte("\r")) + bytes.Count(src, []byte("\u0085")) +
			bytes.Count(src, []byte("\u2028")) + bytes.Count(src, []byte("\u2029")) + 1
		for _, p := range problems.List {
			if p.Pos.Line < 0 || p.Pos.Line > lines {
				t.Fatalf("line %d of %d: %v", p.Pos.Line, lines, p)
			}
			_ = p.Detail()
		}
	})
}
