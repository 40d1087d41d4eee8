package mail_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail"
)

// parts writes parts as "path type disposition filename size" lines.
func parts(m *mail.Message) []string {
	var out []string
	for _, p := range m.Parts {
		line := fmt.Sprintf("%s %s %s %s %d", p.Path, p.MediaType, p.Disposition, p.Filename, p.Size)
		if p.Embedded {
			line += " embedded"
		}
		out = append(out, strings.Join(strings.Fields(line), " "))
	}
	return out
}

func passages(m *mail.Message) []string {
	var out []string
	for _, p := range m.Passages {
		out = append(out, fmt.Sprintf("%s %s: %s", m.Parts[p.Part].Path, p.Kind, p.Text))
	}
	return out
}

func deviations(m *mail.Message) []string {
	var out []string
	for _, d := range m.Deviations {
		if d.Name != mail.DeviationNoFrom {
			out = append(out, d.Name+" "+d.Where)
		}
	}
	return out
}

// parse reads a message written with bare line feeds.
func parse(tb testing.TB, file string) *mail.Message {
	tb.Helper()
	m := parseFile(tb, []byte(file))
	check(tb, m)
	return m
}

func TestParseHeader(t *testing.T) {
	m := parse(t, `From: =?UTF-8?B?5qW95aSp?= <info@rakuten.co.jp>
Sender: a@example.jp
reply-to: b@example.jp,
 c@example.jp
Subject: =?ISO-2022-JP?B?GyRCIVozWkU3IVsbKEI=?=
 x
Message-ID: <1@example.jp>

body
`)
	got := []any{m.Author, boxes(m.From), boxes(m.Sender), boxes(m.ReplyTo), m.Subject.Shown, m.MessageID, passages(m), deviations(m)}
	want := []any{mail.AuthorOne, []string{"楽天|info@rakuten.co.jp|rakuten.co.jp"}, []string{"|a@example.jp|example.jp"},
		[]string{"|b@example.jp|example.jp", "|c@example.jp|example.jp"}, "【楽天】 x", "1@example.jp", []string{"1 text: body"}, []string(nil)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if f, ok := m.Header.First("REPLY-TO"); !ok || string(f.Value()) != "b@example.jp, c@example.jp" {
		t.Errorf("%q, %v", f.Value(), ok)
	}
	if _, ok := m.Header.First("Cc"); ok || len(m.Header.All("subject")) != 1 {
		t.Error("First or All finds the wrong fields")
	}
}

func TestAuthor(t *testing.T) {
	tests := []struct {
		header string
		want   mail.AuthorState
		boxes  int
	}{
		{"From: a@example.jp\n", mail.AuthorOne, 1},
		{"Subject: x\n", mail.AuthorNone, 0},
		{"From:\n", mail.AuthorNone, 0},
		{"From: \"Rakuten Card\"\n", mail.AuthorNone, 1},
		{"From: a@example.jp\nFrom: b@example.jp\n", mail.AuthorSeveral, 2},
		{"From: a@example.jp, b@example.jp\n", mail.AuthorSeveral, 2},
		{"From: info@rakuten.co.jp <a@example.jp>\n", mail.AuthorMalformed, 1},
		{"From : a@example.jp\n", mail.AuthorOne, 1},
		{"FROM: a@example.jp\n", mail.AuthorOne, 1},
	}
	for _, tt := range tests {
		m := parse(t, tt.header+"\n")
		if m.Author != tt.want || len(m.From) != tt.boxes {
			t.Errorf("%q: %s, %d mailboxes", tt.header, m.Author, len(m.From))
		}
	}
}

func TestDeviations(t *testing.T) {
	tests := []struct {
		name, file string
		want       []string
	}{
		{"line without colon", "A: 1\nno field\nB: 2\n\n", []string{"header-line-without-colon header"}},
		{"blank before colon", "Subject : x\n\n", []string{"field-name-blank Subject"}},
		{"two subjects", "Subject: x\nSubject: y\n\n", []string{"field-duplicate Subject"}},
		{"two types", "Content-Type: text/plain\nContent-Type: text/html\n\n", []string{"field-duplicate Content-Type"}},
		{"nul", "Subject: a\x00b\n\n", []string{"header-control Subject", "nul Subject"}},
		{"nul in text", "A: b\n\na\x00b\n", []string{"nul 1"}},
		{"group", "From: G: a@example.jp;\n\n", []string{"address-group From"}},
		{"address", "Sender: a@b@example.jp\n\n", []string{"address-malformed Sender"}},
		{"split word in a name", "From: =?UTF-8?B?5qW95a?= =?UTF-8?B?Sp?= <a@example.jp>\n\n", []string{"word-split From"}},
		{"raw jis", "From: \x1b$B3ZE7\x1b(B <a@example.jp>\n\n", []string{"header-raw-8bit From"}},
		{"media type", "Content-Type: nonsense\n\n", []string{"media-type-malformed 1"}},
		{"parameter", "Content-Type: text/plain; charset=a; charset=b\n\n", []string{"parameter-duplicate 1"}},
		{"encoding", "Content-Transfer-Encoding: x-y\n\nx", []string{"transfer-encoding-unknown 1"}},
		{"base64", "Content-Transfer-Encoding: base64\n\nYQ==*", []string{"base64-damaged 1"}},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\na=ZZ", []string{"quoted-printable-damaged 1"}},
		{"no boundary", "Content-Type: multipart/mixed\n\nx", []string{"boundary-missing 1"}},
		{"unused boundary", "Content-Type: multipart/mixed; boundary=b\n\nx", []string{"boundary-unused 1"}},
		{"unclosed", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx", []string{"boundary-unclosed 1"}},
		{"part header", "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: 1\nDear all,\nhello\n--b--", []string{"part-header-unended 1"}},
		{"encoded multipart", "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\nLS1iCgp4Ci0tYi0t", []string{"transfer-encoding-composite 1"}},
		{"html attachment", "Content-Type: text/html\nContent-Disposition: attachment\n\nx", []string{"html-attachment 1"}},
		{"html by name", "Content-Type: application/octet-stream; name=a.htm\n\nx", []string{"html-disguised 1"}},
		{"charset", "Content-Type: text/plain; charset=x-y\n\nx", []string{"charset-unknown 1"}},
		{"no charset", "Content-Type: text/plain\n\n楽天", []string{"charset-unlabelled 1"}},
		{"utf-7", "Content-Type: text/plain; charset=utf-7\n\n+aX1ZKQ-", []string{"charset-utf7 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, deviations(parse(t, tt.file))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOtherSubject(t *testing.T) {
	m := parse(t, "Subject: Hello\nSubject: 楽天\nSubject: Hello\n\n")
	if m.Subject.Shown != "Hello" || !cmp.Equal(m.Subject.Also, []string{"楽天"}) {
		t.Errorf("%+v", m.Subject)
	}
}

func TestTree(t *testing.T) {
	m := parse(t, `Content-Type: multipart/mixed; boundary=o

preamble
--o
Content-Type: multipart/alternative; boundary="i i"

--i i
Content-Type: text/plain; charset=iso-2022-jp

`+"\x1b$B3ZE7\x1b(B"+`
see https://a.example/x
--i i
Content-Type: text/html
Content-Transfer-Encoding: quoted-printable

<meta charset=3D"shift_jis"><h1>=8Ay=93V</h1><a href=3D"https://b.example">x</a>
--o
Content-Type: message/rfc822

Subject: inner
Content-Type: multipart/mixed; boundary=m

--m

forwarded
--m--
--o
Content-Type: message/rfc822

Subject: inner

single
--o
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''%E6%A5%BD.pdf
Content-Transfer-Encoding: base64
Content-ID: <1@x>

JVBERi0=
--o
Content-Type: multipart/digest; boundary=d

--d

Subject: in a digest

digested
--d--
--o--
epilogue
`)
	wantParts := []string{
		"1.1 text/plain 35", "1.2 text/html 72", "2.1 text/plain 9 embedded", "3.1 text/plain 6 embedded",
		"4 application/pdf attachment 楽.pdf 5", "5.1.1 text/plain 8 embedded",
	}
	if diff := cmp.Diff(wantParts, parts(m)); diff != "" {
		t.Error(diff)
	}
	wantText := []string{
		"1.1 text: 楽天", "1.1 text: see https://a.example/x", "1.2 heading: 楽天", "1.2 link: x",
		"2.1 text: forwarded", "3.1 text: single", "5.1.1 text: digested",
	}
	if diff := cmp.Diff(wantText, passages(m)); diff != "" {
		t.Error(diff)
	}
	wantLinks := []mail.Link{
		{Kind: mail.LinkPlain, Part: 0, URL: "https://a.example/x", Host: "a.example", Text: "https://a.example/x"},
		{Kind: mail.LinkAnchor, Part: 1, URL: "https://b.example", Host: "b.example", Text: "x"},
	}
	if diff := cmp.Diff(wantLinks, m.Links); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"boundary-unclosed 1"}, deviations(m)); diff != "" {
		t.Error(diff)
	}
	if m.Parts[4].ContentID != "1@x" || string(m.Parts[4].Data) != "%PDF-" {
		t.Errorf("%+v", m.Parts[4])
	}
}

func TestPlainText(t *testing.T) {
	long := strings.Repeat("あ", mail.MaxLine/3) // 4,095 of 4,096 bytes
	m := parse(t, "Content-Type: text/plain; charset=utf-8\n\n  one\t two \n\n\u3000\u00a0three\n"+long+"い\n")
	want := []string{"1 text: one two", "1 text: \u3000\u00a0three", "1 text: " + long, "1 text: い"}
	want[1] = "1 text: \u3000 three"
	if diff := cmp.Diff(want, passages(m)); diff != "" {
		t.Error(diff)
	}
}

func TestReadFile(t *testing.T) {
	tests := []struct {
		name, in, body string
		fields         []string
	}{
		{"crlf", "A: 1\r\n\r\nb\r\n", "b\r\n", []string{"A|A: 1\r\n"}},
		{"lf", "A: 1\n 2\n\nb\nc", "b\r\nc", []string{"A|A: 1\r\n 2\r\n"}},
		{"mixed", "A: 1\r\nB: 2\n\r\nb\r\nc\n", "b\r\nc\r\n", []string{"A|A: 1\r\n", "B|B: 2\r\n"}},
		{"mbox", "From x@y Mon Jan 1\nA: 1\n\nb\n", "b\r\n", []string{"A|A: 1\r\n"}},
		{"lone carriage returns stay", "A: 1\n\nb\rc\n", "b\rc\r\n", []string{"A|A: 1\r\n"}},
		{"stops in the header", "A: 1", "", []string{"A|A: 1\r\n"}},
		{"line without colon", "A: 1\nx\nB: 2\n\nb", "b", []string{"A|A: 1\r\n", "|x\r\n", "B|B: 2\r\n"}},
		{"missing empty line", "A: 1\nDear all\nhello", "Dear all\r\nhello", []string{"A|A: 1\r\n"}},
		{"nothing", "", "", nil},
		{"empty line alone", "\n", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, body, err := mail.ReadFile(iotest.OneByteReader(strings.NewReader(tt.in)))
			var fields []string
			for _, f := range h {
				fields = append(fields, f.Name+"|"+string(f.Raw))
			}
			if diff := cmp.Diff(tt.fields, fields); diff != "" || string(body) != tt.body || err != nil {
				t.Errorf("body %q, error %v\n%s", body, err, diff)
			}
		})
	}
	broken := errors.New("broken")
	if _, _, err := mail.ReadFile(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Content-Type: text/calendar\n\nSUMMARY:a\\n\n b\nX-ALT-DESC:<style>.a{color:#fff}</style><b class=a>c"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; format=flowed; delsp=yes\n\n>a \n>b\n--b\n\n%PDF-\n/URI(https://a.example)\n"))
	f.Add([]byte(nested(3)))
	f.Add([]byte("From: \"a\" <b@c.example>\nSubject: =?utf-8?B?5qW9?= =?utf-8?B?5aSp?=\nContent-Type: text/html; charset=iso-2022-jp\n\n<a href=x>\x1b$B3ZE7\x1b(B</a>"))
	f.Add([]byte("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYgoKYw==\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m := parseFile(t, file)
		check(t, m)
		size := 0
		for _, field := range m.Header {
			size += len(field.Raw)
			if !strings.HasSuffix(string(field.Raw), "\r\n") {
				t.Errorf("field %q does not end", field.Raw)
			}
		}
		if size+len(m.Body) > 2*len(file)+2 {
			t.Errorf("%d bytes became %d", len(file), size+len(m.Body))
		}
	})
}

func FuzzDecodeText(f *testing.F) {
	f.Add([]byte("=?ISO-2022-JP?B?GyRCM1pF?= =?ISO-2022-JP?B?NxsoQg==?= x"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := mail.DecodeText(raw)
		m := &mail.Message{Subject: text}
		check(t, m)
		if text.Raw != string(raw) {
			t.Errorf("raw %q became %q", raw, text.Raw)
		}
	})
}
