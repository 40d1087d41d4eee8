package quarantine

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

// FuzzWriteDots: a server that undoes the dots has the bytes that were there,
// and no line before the last is the end of the message.
func FuzzWriteDots(f *testing.F) {
	for _, s := range []string{"", ".", "..\r\n.\r\n", "a\r\n.b", "\r\n\r\n.", "a\n.\r\n", "\r.\r\n.\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		if err := writeDots(w, message); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		lines := strings.SplitAfter(b.String(), "\r\n")
		var got strings.Builder
		for _, l := range lines {
			if l == ".\r\n" || l == "." {
				t.Fatalf("%q ends the message early: %q", message, b.Bytes())
			}
			got.WriteString(strings.TrimPrefix(l, "."))
		}
		want := string(message)
		if want != "" && !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if got.String() != want {
			t.Fatalf("%q becomes %q", want, got.String())
		}
	})
}

func TestExtensions(t *testing.T) {
	got := extensions("mx.example.jp 8BITMIME\nsize 1000\n8bitmime\nAUTH PLAIN LOGIN")
	for x, want := range map[string]bool{"SIZE": true, "8BITMIME": true, "AUTH": true, "MX.EXAMPLE.JP": false, "SMTPUTF8": false} {
		if got[x] != want {
			t.Errorf("%s: %v", x, got[x])
		}
	}
}
