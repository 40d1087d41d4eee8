package act

import (
	"bytes"
	"mime"
	"strings"
	"testing"
	"unicode/utf8"

	"sekisho/filter/mail"
)

func subject(raw string) mail.Header {
	return mail.Header{{Name: "Subject", Raw: []byte(raw)}}
}

func TestPrefixSubject(t *testing.T) {
	const jis = "=?ISO-2022-JP?B?GyRCIVozWkU3IVsbKEI=?="
	for name, tc := range map[string]struct{ raw, prefix, want string }{
		"ascii":                     {"Subject: hello\r\n", "[phish?]", "[phish?] hello"},
		"ascii before encoded":      {"Subject: " + jis + "\r\n", "[phish?]", "[phish?] " + jis},
		"encoded before plain":      {"Subject: hello\r\n", "【注意】", "=?UTF-8?B?44CQ5rOo5oSP44CR?= hello"},
		"encoded before encoded":    {"Subject: " + jis + "\r\n", "【注意】", "=?UTF-8?B?44CQ5rOo5oSP44CRIA==?=\r\n " + jis},
		"raw ISO-2022-JP":           {"Subject: \x1b$B3ZE7\x1b(B\r\n", "【注意】", "=?UTF-8?B?44CQ5rOo5oSP44CR?= \x1b$B3ZE7\x1b(B"},
		"raw Shift_JIS":             {"Subject: \x8ay\x93V\r\n", "[!]", "[!] \x8ay\x93V"},
		"raw UTF-8":                 {"Subject: 楽天\r\n", "[!]", "[!] 楽天"},
		"folding is kept":           {"Subject: " + jis + "\r\n\t" + jis + "\r\n", "[!]", "[!] " + jis + "\r\n\t" + jis},
		"begins with a fold":        {"Subject:\r\n " + jis + "\r\n", "[!]", "[!] " + jis},
		"no blank behind the colon": {"Subject:hello\r\n", "[!]", "[!] hello"},
		"empty":                     {"Subject:\r\n", "【注意】", "=?UTF-8?B?44CQ5rOo5oSP44CR?="},
		"empty, ascii":              {"Subject: \r\n", "[!]", "[!]"},
		"long first line":           {"Subject: " + strings.Repeat("x", 65) + "\r\n", "[!]", "[!]\r\n " + strings.Repeat("x", 65)},
		"looks encoded":             {"Subject: hello\r\n", "=?x?=", "=?UTF-8?B?PT94Pz0=?= hello"},
		"NUL and stray line ends":   {"Subject: a\x00b\rc\nd\r\n e\r\nEvil: 1\r\n", "[!]", "[!] a b c d\r\n e  Evil: 1"},
		"other controls":            {"Subject: \x01a\x0eb\x7fc\td\r\n", "[!]", "[!] a b c\td"},
	} {
		t.Run(name, func(t *testing.T) {
			before := bytes.Clone([]byte(tc.raw))
			h := subject(tc.raw)
			edits, missing := prefixSubjects(h, tc.prefix)
			if missing || len(edits) != 1 {
				t.Fatalf("%d edits, missing %v", len(edits), missing)
			}
			if e := edits[0]; e.Op != Change || e.Index != 1 || e.Value != tc.want {
				t.Errorf("got  %q\nwant %q", e.Value, tc.want)
			}
			if !bytes.Equal(before, h[0].Raw) {
				t.Error("the message's own bytes were changed")
			}
		})
	}
}

// TestPrefixIsShownOnce: a reader sees the prefix, one blank, and the subject,
// and a second pass changes nothing.
func TestPrefixIsShownOnce(t *testing.T) {
	long := strings.Repeat("長い件名の前置き", 4)
	for _, prefix := range []string{"[!]", "【注意】", "【注意】 なりすまし", long} {
		for _, old := range []string{"hello", "=?UTF-8?B?5qW95aSp?=", "=?UTF-8?Q?=E6=A5=BD?=\r\n =?UTF-8?Q?=E5=A4=A9?=", "=?UTF-8?B?5qW95aSp?= and more"} {
			prefix := cleanPrefix(prefix)
			edits, _ := prefixSubjects(subject("Subject: "+old+"\r\n"), prefix)
			value := edits[0].Value
			checkLines(t, "Subject: "+value, maxMIMELine)
			want := prefix + " " + decoded(t, old)
			if got := decoded(t, value); got != want {
				t.Errorf("%q before %q shows as %q, want %q", prefix, old, got, want)
			}
			if again, _ := prefixSubjects(subject("Subject: "+value+"\r\n"), prefix); len(again) != 0 {
				t.Errorf("%q is prefixed again: %q", value, again[0].Value)
			}
		}
	}
}

func TestSeveralSubjects(t *testing.T) {
	var h mail.Header
	for range MaxSubjects {
		h = append(h, subject("Subject: x\r\n")...)
	}
	for _, extra := range []int{0, 1} {
		edits, _ := prefixSubjects(append(h, subject("Subject: y\r\n")[:extra]...), "[!]")
		if len(edits) != MaxSubjects {
			t.Errorf("%d subjects more than the limit: %d edits", extra, len(edits))
		}
		for i, e := range edits {
			if e.Index != i+1 {
				t.Errorf("edit %d is for place %d", i, e.Index)
			}
		}
	}
}

func TestMaxSubject(t *testing.T) {
	for n, want := range map[int]int{MaxSubject: 1, MaxSubject + 1: 0} {
		edits, missing := prefixSubjects(subject("Subject: "+strings.Repeat("x", n)+"\r\n"), "[!]")
		if len(edits) != want || missing {
			t.Errorf("subject of %d bytes: %d edits, missing %v", n, len(edits), missing)
		}
	}
}

func TestCleanPrefix(t *testing.T) {
	for in, want := range map[string]string{
		" [!]\t": "[!]", "a\r\nB: c": "aB: c", "\x00": "", "\xff!": "!",
		strings.Repeat("x", MaxPrefix):         strings.Repeat("x", MaxPrefix),
		strings.Repeat("x", MaxPrefix+1):       strings.Repeat("x", MaxPrefix),
		strings.Repeat("x", MaxPrefix-1) + "楽": strings.Repeat("x", MaxPrefix-1),
	} {
		if got := cleanPrefix(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzPrefixSubject(f *testing.F) {
	f.Add([]byte(" =?ISO-2022-JP?B?GyRCIVozWkU3IVsbKEI=?=\r\n"), "【注意】")
	f.Add([]byte(" a\x00b\r\n\r\n c\r\n"), "[!]")
	f.Fuzz(func(t *testing.T, raw []byte, prefix string) {
		prefix = cleanPrefix(prefix)
		if prefix == "" {
			return
		}
		field := mail.Field{Name: "Subject", Raw: append([]byte("Subject:"), raw...)}
		edits, missing := prefixSubjects(mail.Header{field}, prefix)
		if missing {
			t.Fatal("the subject was not found")
		}
		for _, e := range edits {
			checkField(t, "Subject: "+e.Value)
			head, ok := strings.CutSuffix(e.Value, string(fieldValue(field)))
			if !ok {
				t.Fatalf("%q does not end in the old body", e.Value)
			}
			checkLines(t, "Subject: "+head, maxMIMELine)
			if strings.TrimRight(decoded(t, head), " \r\n") != prefix {
				t.Fatalf("%q does not show %q", head, prefix)
			}
		}
	})
}

// decoded is a subject as the standard library shows it; bytes in no known
// charset stay.
func decoded(t testing.TB, value string) string {
	t.Helper()
	value = strings.NewReplacer("\r\n ", " ", "\r\n\t", "\t").Replace(value)
	shown, err := (&mime.WordDecoder{}).DecodeHeader(value)
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

// checkField fails unless f is one header field.
func checkField(t testing.TB, f string) {
	t.Helper()
	for i := range len(f) {
		if breaks([]byte(f), i) {
			t.Fatalf("%q breaks at %d", f, i)
		}
	}
}

func checkLines(t testing.TB, f string, limit int) {
	t.Helper()
	for _, l := range strings.Split(f, "\r\n") {
		if utf8.RuneCountInString(l) > limit {
			t.Errorf("line of %d: %q", len(l), l)
		}
	}
}
