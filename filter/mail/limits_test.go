package mail_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sekisho/filter/mail"
)

// zeros is a reader of n line ends.
func zeros(n int64) io.Reader { return io.LimitReader(endless{}, n) }

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

func TestReadFileLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 64 MB")
	}
	if _, body, err := mail.ReadFile(zeros(mail.MaxFile)); err != nil || len(body) != 2*(mail.MaxFile-1) {
		t.Errorf("at the limit: %d bytes, %v", len(body), err)
	}
	if _, _, err := mail.ReadFile(zeros(mail.MaxFile + 1)); !errors.Is(err, mail.ErrTooLarge) {
		t.Errorf("one past the limit: %v", err)
	}
}

// nested wraps text in n multiparts.
func nested(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("\ntext\n")
	for i := n - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\n", i)
	}
	return b.String()
}

// limitCases gives, for each deviation of a limit, a message at it and one past it.
func limitCases() map[string][2]string {
	plain := "Content-Type: text/plain\n\n"
	multipart := "Content-Type: multipart/mixed; boundary=b\n\n"
	boundary := strings.Repeat("b", 1000)
	inner := func(n int) string {
		return "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\nA: b\n\n" + strings.Repeat("x", n-len("A: b\r\n\r\n"))
	}
	return map[string][2]string{
		mail.DeviationLimitFields:    {strings.Repeat("A: b\n", mail.MaxFields) + "\n", strings.Repeat("A: b\n", mail.MaxFields+1) + "\n"},
		mail.DeviationLimitAddresses: {strings.Repeat("From: a@b.example\n", mail.MaxAddressFields) + "\n", strings.Repeat("From: a@b.example\n", mail.MaxAddressFields+1) + "\n"},
		mail.DeviationLimitDepth:     {nested(mail.MaxDepth), nested(mail.MaxDepth + 1)},
		mail.DeviationLimitParts: {multipart + strings.Repeat("--b\n\nx\n", mail.MaxParts-1) + "--b--",
			multipart + strings.Repeat("--b\n\nx\n", mail.MaxParts) + "--b--"},
		mail.DeviationLimitText:     {plain + strings.Repeat("x", mail.MaxText), plain + strings.Repeat("x", mail.MaxText+1)},
		mail.DeviationLimitPassages: {plain + strings.Repeat("x\n", mail.MaxPassages), plain + strings.Repeat("x\n", mail.MaxPassages+1)},
		mail.DeviationLimitLinks:    {plain + strings.Repeat("http://a.example ", mail.MaxLinks), plain + strings.Repeat("http://a.example ", mail.MaxLinks+1)},
		mail.DeviationLimitParams:   {"Content-Type: text/plain" + params(100) + "\n\n", "Content-Type: text/plain" + params(101) + "\n\n"},
		mail.DeviationLimitBoundary: {"Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n\nx\n--" + boundary + "--",
			"Content-Type: multipart/mixed; boundary=b" + boundary + "\n\n--b" + boundary + "\n\nx\n--b" + boundary + "--"},
		mail.DeviationLimitNested: {inner(mail.MaxNested), inner(mail.MaxNested + 1)},
		mail.DeviationLimitWord:   {"Subject: " + strings.Repeat("x", 64<<10) + "\n\n", "Subject: " + strings.Repeat("x", 64<<10+1) + "\n\n"},
	}
}

func params(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "; p%d=x", i)
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	has := func(m *mail.Message, name string) bool {
		for _, d := range m.Deviations {
			if d.Name == name {
				return true
			}
		}
		return false
	}
	for name, files := range limitCases() {
		if m := parse(t, files[0]); has(m, name) {
			t.Errorf("%s: hit at the limit: %v", name, m.Deviations)
		}
		if m := parse(t, files[1]); !has(m, name) {
			t.Errorf("%s: not hit one past the limit: %v", name, m.Deviations)
		}
	}
}

func TestBinaryLimit(t *testing.T) {
	for n, want := range map[int]int{mail.MaxBinary: mail.MaxBinary, mail.MaxBinary + 1: mail.MaxBinary} {
		m := parse(t, "Content-Type: image/png\n\n"+strings.Repeat("x", n))
		if p := m.Parts[0]; len(p.Data) != want || p.Size != n || len(m.Deviations) > 1 {
			t.Errorf("%d bytes: kept %d, size %d, %v", n, len(p.Data), p.Size, m.Deviations)
		}
	}
}

// TestManyDeviations fills the list of deviations past its limit.
func TestManyDeviations(t *testing.T) {
	file := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Transfer-Encoding: x\n\nx\n", mail.MaxDeviations+5) + "--b--"
	if m := parse(t, file); len(m.Deviations) != mail.MaxDeviations {
		t.Errorf("%d deviations", len(m.Deviations))
	}
}

// TestBombs reads messages that cost careless parsers days.
func TestBombs(t *testing.T) {
	var unclosed strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&unclosed, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	bombs := map[string]string{
		"unclosed multiparts":   unclosed.String(),
		"messages in messages":  strings.Repeat("Content-Type: message/rfc822\n\n", 100_000),
		"parts in one":          "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n", 500_000),
		"almost boundaries":     "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b x\n", 500_000),
		"encoded words":         "Subject: " + strings.Repeat("=?a?q?", 100_000) + "\n\n",
		"quotes":                strings.Repeat("From: "+strings.Repeat(`\"`, 30_000)+"\n", 10) + "\n",
		"escaped quotes":        `From: "` + strings.Repeat(`\"`, 30_000) + "\n\n",
		"brackets":              "From: " + strings.Repeat(`<"\"`, 15_000) + "\n\n",
		"parentheses":           strings.Repeat("From: "+strings.Repeat(`(`, 60_000)+"\n", 10) + "\n",
		"paired parentheses":    "From: a@b " + strings.Repeat(`(x) `, 15_000) + "(\n\n",
		"parentheses by depth":  "From: " + strings.Repeat(`(`, 30_000) + strings.Repeat(`)`, 29_999) + "\n\n",
		"lines without colons":  strings.Repeat("a\n\nb: c\n", 300_000),
		"folds":                 "Subject:" + strings.Repeat("\n x", 1_000_000) + "\n\n",
		"parameters":            "Content-Type: text/plain" + strings.Repeat("; a*1*=%41", 100_000) + "\n\n",
		"long line of blanks":   "A: b\n\n" + strings.Repeat(" ", 5_000_000) + "x",
		"escapes in plain text": "A: b\n\n" + strings.Repeat("\x1b$B", 1_000_000),
	}
	for name, bomb := range bombs {
		start := time.Now()
		check(t, parseFile(t, []byte(bomb)))
		took := time.Since(start)
		if took > 20*time.Second {
			t.Errorf("%s: %d KB took %v", name, len(bomb)>>10, took)
		}
		t.Logf("%s: %d KB in %v", name, len(bomb)>>10, took)
	}
}
