package signature

import (
	"strings"
	"testing"
)

// TestBodies holds canonicalisation against the examples of RFC 6376, section
// 3.4.5, and against cases at the edges.
func TestBodies(t *testing.T) {
	tests := []struct{ body, simple, relaxed string }{
		{"", "\r\n", ""},
		{"\r\n\r\n", "\r\n", ""},
		{" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
		{"no end", "no end\r\n", "no end\r\n"},
		{"a \t", "a \t\r\n", "a\r\n"},
		{"\t\r\n \r\n", "\t\r\n \r\n", ""},
		{"\ta\t\tb\t\r\n", "\ta\t\tb\t\r\n", " a b\r\n"},
		{"a\r\n \r\nb", "a\r\n \r\nb\r\n", "a\r\n\r\nb\r\n"},
		{"a \rb \nc\r", "a \rb \nc\r\r\n", "a \rb \nc\r\r\n"},
		{strings.Repeat("x", 27) + "  y", strings.Repeat("x", 27) + "  y\r\n", strings.Repeat("x", 27) + " y\r\n"},
	}
	for _, test := range tests {
		if got := canonical(t, Simple, test.body); got != test.simple {
			t.Errorf("simple %q: %q, want %q", test.body, got, test.simple)
		}
		if got := canonical(t, Relaxed, test.body); got != test.relaxed {
			t.Errorf("relaxed %q: %q, want %q", test.body, got, test.relaxed)
		}
	}
}

// TestRunsAtEachPlace puts runs of white space at each place of a body that the
// canonicaliser reads in words, near and far from its ends and from each other.
func TestRunsAtEachPlace(t *testing.T) {
	const size = 5 * calmAfter
	runs := []string{"  ", "\t", " \t ", " \r\n", "\t\r\n", " \r", " ", "\r\n", strings.Repeat(" ", 70), "  x  ", "\tx y\t"}
	for at := range size {
		for _, run := range runs {
			for _, gap := range []int{0, 1, minRoom, size} {
				filler := strings.Repeat("x", size)
				body := filler[:at] + run + filler[:gap] + run + filler[at:]
				if got, want := canonical(t, Relaxed, body), slowRelaxed(body); got != want {
					t.Fatalf("%q at %d, again after %d: %q, want %q", run, at, gap, got, want)
				}
			}
		}
	}
	// More than one buffer of them.
	body := strings.Repeat("a  b\tc \r\n", 3000)
	if got, want := canonical(t, Relaxed, body), slowRelaxed(body); got != want {
		t.Error("a long body differs")
	}
}

// recorder is a hash that keeps what it is fed.
type recorder struct{ strings.Builder }

func (*recorder) Sum([]byte) []byte { return nil }
func (*recorder) Size() int         { return 0 }
func (*recorder) BlockSize() int    { return 1 }

func canonical(t testing.TB, f Form, body string) string {
	t.Helper()
	var r recorder
	f.hashBody(&r, []byte(body))
	return r.String()
}

// FuzzRelaxedBody holds the fast canonicaliser against the words of the RFC.
func FuzzRelaxedBody(f *testing.F) {
	f.Add("a  b\t c \r\n\r\n d\r\n \r\n", uint8(3))
	f.Add("!  !!\r!!\t!\x00 \x01", uint8(40))
	f.Fuzz(func(t *testing.T, body string, times uint8) {
		body = strings.Repeat(body, int(times%8)+1)
		if got, want := canonical(t, Relaxed, body), slowRelaxed(body); got != want {
			t.Fatalf("%q: %q, want %q", body, got, want)
		}
	})
}

// slowRelaxed is RFC 6376, section 3.4.4, word for word.
func slowRelaxed(body string) string {
	lines := strings.Split(body, "\r\n")
	for i, line := range lines {
		line = strings.TrimRight(line, " \t")
		var b strings.Builder
		for j := 0; j < len(line); j++ {
			if !isWSP(line[j]) {
				b.WriteByte(line[j])
			} else if j == 0 || !isWSP(line[j-1]) {
				b.WriteByte(' ')
			}
		}
		lines[i] = b.String()
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}
