package session

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"sekisho/filter/act"
)

func TestReplyLine(t *testing.T) {
	for _, tt := range []struct {
		class  byte
		status act.Status
		want   string
	}{
		{'5', act.Status{Code: 550, Enhanced: "5.7.1", Text: "No (sk-1)"}, "550 5.7.1 No (sk-1)"},
		{'5', act.Status{Code: 554, Enhanced: "5.7.30", Text: "100%"}, "554 5.7.30 100%%"},
		{'5', act.Status{}, "550 5.7.1 Message refused"},
		{'4', act.Status{}, "451 4.3.0 Message check failed, try again later"},
		{'5', act.Status{Code: 450, Enhanced: "4.7.1", Text: "x"}, "550 5.7.1 x"},
		{'5', act.Status{Code: 250, Enhanced: "2.0.0", Text: "x"}, "550 5.7.1 x"},
		{'4', act.Status{Code: 599, Enhanced: "5.7.1", Text: "x"}, "451 4.3.0 x"},
		{'5', act.Status{Code: 560, Enhanced: "5.7.1", Text: "x"}, "550 5.7.1 x"},
		{'5', act.Status{Code: 5500, Enhanced: "5.7.1000", Text: "x"}, "550 5.7.1 x"},
		{'5', act.Status{Code: 550, Enhanced: "5.07.1", Text: "x"}, "550 5.7.1 x"},
		{'5', act.Status{Code: 550, Enhanced: "5.-7.1", Text: "x"}, "550 5.7.1 x"},
		{'5', act.Status{Code: 550, Enhanced: "5.7", Text: "x"}, "550 5.7.1 x"},
		{'5', act.Status{Code: 550, Enhanced: "5.7.1", Text: "a\r\n250 ok\x00\x7f"}, "550 5.7.1 a  250 ok"},
		{'5', act.Status{Code: 550, Enhanced: "5.7.1", Text: "楽天\xff"}, "550 5.7.1 ???"},
		{'5', act.Status{Code: 550, Enhanced: "5.7.1", Text: "\r\n"}, "550 5.7.1 Message refused"},
		{'5', act.Status{Code: 550, Enhanced: "5.7.1", Text: strings.Repeat("x", 500)}, "550 5.7.1 " + strings.Repeat("x", 500)},
		{'5', act.Status{Code: 550, Enhanced: "5.7.1", Text: strings.Repeat("x", 501)}, "550 5.7.1 " + strings.Repeat("x", 500)},
	} {
		if got := replyLine(tt.class, tt.status); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.status, got, tt.want)
		}
	}
}

// FuzzReplyLine: always one line of printable ASCII within the limit once the
// MTA has taken it for a format, with a code of its class.
func FuzzReplyLine(f *testing.F) {
	f.Add(550, "5.7.1", "100% sure")
	f.Add(-1, "5.7.", "%\r\n%%")
	f.Fuzz(func(t *testing.T, code int, enhanced, text string) {
		for _, class := range []byte("45") {
			line := replyLine(class, act.Status{Code: code, Enhanced: enhanced, Text: text})
			said := strings.ReplaceAll(line, "%%", "")
			if strings.Contains(said, "%") {
				t.Errorf("format in %q", line)
			}
			if n := len(strings.ReplaceAll(line, "%%", "%")); n > maxReplyLine || n < len("550 5.7.1 x") {
				t.Errorf("%d bytes: %q", n, line)
			}
			if line[0] != class || line[3] != ' ' || line[4] != class || line[5] != '.' {
				t.Errorf("code of %q", line)
			}
			for i := range len(line) {
				if line[i] < ' ' || line[i] > '~' {
					t.Errorf("byte %#x in %q", line[i], line)
				}
			}
		}
	})
}

func TestAppendFolded(t *testing.T) {
	for in, want := range map[string]string{
		"":            "",
		" a":          " a",
		" a\n b\n\tc": " a\r\n b\r\n\tc",
		" a\r\n b":    " a\r\n b",
		" a\nb":       " a\r\n b",
		" a\n":        " a\r\n ",
		"\n\n":        "\r\n \r\n ",
		" a\rb":       " a\rb",
	} {
		if got := string(appendFolded(nil, []byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzField: whatever the MTA sends, a field is one field for whoever reads its
// bytes, and nothing of it is lost.
func FuzzField(f *testing.F) {
	f.Add([]byte(" a\n b"), true)
	f.Add([]byte("a\r\n\nb"), false)
	f.Fuzz(func(t *testing.T, value []byte, leading bool) {
		var m message
		l, _ := Limits{}.fill()
		m.addField([]byte("Name"), value, leading, l)
		if m.over != "" {
			t.Skip()
		}
		got := m.header()[0].Raw
		text, ok := bytes.CutSuffix(got, []byte("\r\n"))
		if !ok || !bytes.HasPrefix(text, []byte("Name:")) {
			t.Fatalf("%q", got)
		}
		for i, c := range text {
			if c != '\n' {
				continue
			}
			if text[i-1] != '\r' || i+1 == len(text) || text[i+1] != ' ' && text[i+1] != '\t' {
				t.Errorf("line end at %d of %q", i, got)
			}
		}
		drop := func(b []byte) string {
			return string(bytes.Map(func(r rune) rune {
				if r == '\r' || r == '\n' || r == ' ' {
					return -1
				}
				return r
			}, bytes.ToValidUTF8(b, []byte("?"))))
		}
		if drop(text[len("Name:"):]) != drop(value) {
			t.Errorf("%q from %q", got, value)
		}
	})
}

// BenchmarkMessage: forty fields and 41 KB of body, without the wire.
func BenchmarkMessage(b *testing.B) {
	l, _ := Limits{}.fill()
	name, value := []byte("X-Field-Name"), bytes.Repeat([]byte(" value\n"), 10)
	body := bytes.Repeat([]byte("x"), 41_000)
	b.ReportAllocs()
	for b.Loop() {
		var m message
		for range 40 {
			m.addField(name, value, true, l)
		}
		m.addBody(body, l)
		if len(m.header()) != 40 {
			b.Fatal("fields")
		}
	}
}

// TestReplyInUTF8: text in any script passes whole where the client takes it, on
// one line and within its length; elsewhere it is ASCII.
func TestReplyInUTF8(t *testing.T) {
	status := act.Status{Code: 550, Enhanced: "5.7.1", Text: "受信を拒否\r\nしました\u202e\u2028 100%", UTF8: true}
	if got := replyLine('5', status); got != "550 5.7.1 受信を拒否  しました   100%%" {
		t.Errorf("%q", got)
	}
	status.UTF8 = false
	if got := replyLine('5', status); strings.IndexFunc(got, func(r rune) bool { return r > 0x7e }) >= 0 {
		t.Errorf("%q", got)
	}
	status.Text, status.UTF8 = strings.Repeat("あ", 400), true
	got := replyLine('5', status)
	if len(got) > maxReplyLine || len(got) < maxReplyLine-2 || !utf8.ValidString(got) {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}
