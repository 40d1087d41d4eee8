package entity_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail/entity"
	"sekisho/filter/mail/transfer"
)

func TestFields(t *testing.T) {
	tests := []struct {
		name, in, rest string
		want           []string // "Name|raw"
		missing        bool
	}{
		{"usual", "A: 1\r\nB: 2\r\n\r\nbody", "body", []string{"A|A: 1\r\n", "B|B: 2\r\n"}, false},
		{"bare line feeds", "A: 1\nB: 2\n\nbody", "body", []string{"A|A: 1\n", "B|B: 2\n"}, false},
		{"folded", "A: 1\r\n 2\r\n\t3\r\n\r\n", "", []string{"A|A: 1\r\n 2\r\n\t3\r\n"}, false},
		{"blank before the colon", "A : 1\r\n\r\n", "", []string{"A|A : 1\r\n"}, false},
		{"no body", "A: 1\r\n", "", []string{"A|A: 1\r\n"}, false},
		{"no header", "\r\nbody", "body", nil, false},
		{"body alone", "just text\r\nmore", "just text\r\nmore", nil, true},
		{"line without colon between fields", "A: 1\r\nno field\r\nB: 2\r\n\r\nbody", "body",
			[]string{"A|A: 1\r\n", "|no field\r\n", "B|B: 2\r\n"}, false},
		{"line without colon before the empty line", "A: 1\r\nno field\r\n\r\nbody", "body",
			[]string{"A|A: 1\r\n", "|no field\r\n"}, false},
		{"missing empty line", "A: 1\r\nDear customer,\r\nplease see\r\n", "Dear customer,\r\nplease see\r\n",
			[]string{"A|A: 1\r\n"}, true},
		{"colon with nothing before it", ": 1\r\nx\r\n", ": 1\r\nx\r\n", nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields, rest, missing, cut := entity.Fields([]byte(tt.in), 100)
			var got []string
			for _, f := range fields {
				got = append(got, string(f.Name)+"|"+string(f.Raw))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || string(rest) != tt.rest || missing != tt.missing || cut {
				t.Errorf("rest %q, missing %v, cut %v\n%s", rest, missing, cut, diff)
			}
		})
	}
}

func TestFieldsLimit(t *testing.T) {
	for n, want := range map[int]bool{3: false, 4: true} {
		fields, rest, _, cut := entity.Fields([]byte(strings.Repeat("A: 1\r\n", n)+"\r\nbody"), 3)
		if len(fields) != 3 || cut != want || string(rest) != "body" {
			t.Errorf("%d fields: kept %d, cut %v, rest %q", n, len(fields), cut, rest)
		}
	}
}

func TestValue(t *testing.T) {
	for in, want := range map[string]string{
		"A: x\r\n":                "x",
		"A:x":                     "x",
		"A:\r\n x\r\n\ty \r\n":    "x\ty",
		"A: one\r\n two\r\n":      "one two",
		"A : x\r\n":               "x",
		"no colon\r\n":            "no colon",
		"A:\r\n":                  "",
		"A: x\n y\n":              "x y",
		"A: http://b.example\r\n": "http://b.example",
	} {
		if got := string(entity.Value([]byte(in))); got != want {
			t.Errorf("Value(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParam(t *testing.T) {
	tests := []struct{ in, kind, name, want string }{
		{`text/html; charset=utf-8`, "text/html", "charset", "utf-8"},
		{`TEXT / HTML ; Charset = "utf-8" (comment)`, "text/html", "charset", "utf-8"},
		{`text/plain (a (nested) comment); charset=us-ascii (Plain text)`, "text/plain", "charset", "us-ascii"},
		{`attachment; filename="a;b.pdf"`, "attachment", "filename", "a;b.pdf"},
		{`attachment; filename=my file.pdf; x=1`, "attachment", "filename", "my file.pdf"},
		{`attachment; filename="C:\tmp\a.pdf"`, "attachment", "filename", `C:\tmp\a.pdf`},
		{`attachment; filename="a\"b.pdf"`, "attachment", "filename", `a"b.pdf`},
		{`attachment; filename="no end`, "attachment", "filename", "no end"},
		{`attachment; filename*=utf-8'ja'%E6%A5%BD%E5%A4%A9.html`, "attachment", "filename", "楽天.html"},
		{`attachment; filename=plain.html; filename*=utf-8''%E6%A5%BD%E5%A4%A9.html`, "attachment", "filename", "楽天.html"},
		{`attachment; filename*0*=iso-2022-jp''%1B%24B3Z; filename*1*=E7%1B%28B; filename*2=".pdf"`, "attachment", "filename", "楽天.pdf"},
		{`attachment; filename*1=b; filename*0=a; filename*3=d`, "attachment", "filename", "abd"},
		{`attachment; filename="=?UTF-8?B?5qW95aSp?="`, "attachment", "filename", "楽天"},
		{`attachment; filename==?UTF-8?Q?a;b?=; x=y`, "attachment", "filename", "a;b"},
		{`attachment; filename="` + "楽天.pdf" + `"`, "attachment", "filename", "楽天.pdf"},
		{`multipart/mixed; boundary="a b"; type=x`, "multipart/mixed", "boundary", "a b"},
		{`multipart/mixed; boundary=a; boundary=b`, "multipart/mixed", "boundary", "a"},
		{`multipart/mixed;; ;boundary=a`, "multipart/mixed", "boundary", "a"},
		{`text`, "text", "charset", ""},
		{``, "", "charset", ""},
		{`; charset=x`, "", "charset", "x"},
		{`text/plain; charset`, "text/plain", "charset", ""},
	}
	for _, tt := range tests {
		m := entity.ParseMedia([]byte(tt.in))
		if got := m.Param(tt.name); m.Type != tt.kind || got != tt.want {
			t.Errorf("%s: type %q, %s %q; want %q, %q", tt.in, m.Type, tt.name, got, tt.kind, tt.want)
		}
	}
}

func TestParamLimit(t *testing.T) {
	for n, want := range map[int]bool{entity.MaxParams: false, entity.MaxParams + 1: true} {
		var b strings.Builder
		b.WriteString("text/plain")
		for i := range n {
			fmt.Fprintf(&b, "; p%d=x", i)
		}
		m := entity.ParseMedia([]byte(b.String()))
		last := m.Param(fmt.Sprintf("p%d", n-1))
		if m.Cut != want || (last == "x") == want {
			t.Errorf("%d parameters: cut %v, last %q", n, m.Cut, last)
		}
	}
}

func TestParseEncoding(t *testing.T) {
	for in, want := range map[string]transfer.Encoding{
		"base64": transfer.Base64, " BASE64 ": transfer.Base64, "base64;": transfer.Base64, `"base64"`: transfer.Base64,
		"Quoted-Printable (x)": transfer.QuotedPrintable, "7bit": transfer.Identity, "": transfer.Identity,
	} {
		if got, ok := entity.ParseEncoding([]byte(in)); got != want || !ok {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
	if _, ok := entity.ParseEncoding([]byte("x-uuencode")); ok {
		t.Error("an unknown encoding is known")
	}
}

func TestSplit(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
		closed   bool
	}{
		{"usual", "preamble\r\n--b\r\none\r\n--b\r\ntwo\r\n\r\n--b--\r\nepilogue", []string{"one", "two\r\n"}, true},
		{"bare line feeds", "--b\none\n--b\ntwo\n--b--", []string{"one", "two"}, true},
		{"blanks after", "--b \t\r\none\r\n--b-- \r\n", []string{"one"}, true},
		{"unclosed", "--b\r\none\r\n--b\r\ntwo\r\n", []string{"one", "two\r\n"}, false},
		{"longer boundary of another", "--b\r\none\r\n--bc\r\ntwo\r\n--b--", []string{"one\r\n--bc\r\ntwo"}, true},
		{"not at a line's start", "--b\r\none --b\r\n--b--", []string{"one --b"}, true},
		{"empty part", "--b\r\n--b\r\n--b--", []string{"", ""}, true},
		{"no delimiter", "text\r\n", nil, false},
		{"end alone", "--b--\r\n", nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parts, closed, cut := entity.Split([]byte(tt.in), "b", 10)
			var got []string
			for _, p := range parts {
				got = append(got, string(p))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || closed != tt.closed || cut {
				t.Errorf("closed %v, cut %v\n%s", closed, cut, diff)
			}
		})
	}
	for n, want := range map[int]bool{3: false, 4: true} {
		parts, _, cut := entity.Split([]byte(strings.Repeat("--b\r\nx\r\n", n)+"--b--"), "b", 3)
		if len(parts) != 3 || cut != want {
			t.Errorf("%d parts: kept %d, cut %v", n, len(parts), cut)
		}
	}
}

func FuzzEntity(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary*0=b; x=\"\\\"(\r\n\r\n--b\r\nA: 1\r\n\r\nx\r\n--b--"))
	f.Fuzz(func(t *testing.T, b []byte) {
		fields, rest, _, cut := entity.Fields(b, 50)
		n := len(rest)
		for _, field := range fields {
			n += len(field.Raw)
			if bytes.ContainsAny(entity.Value(field.Raw), "\n") {
				t.Errorf("folding left in %q", field.Raw)
			}
			m := entity.ParseMedia(entity.Value(field.Raw))
			boundary := m.Param("boundary")
			if boundary == "" {
				continue
			}
			parts, _, _ := entity.Split(b, boundary, 10)
			size := 0
			for _, p := range parts {
				size += len(p)
			}
			if len(parts) > 10 || size > len(b) {
				t.Errorf("%d parts of %d bytes in %d", len(parts), size, len(b))
			}
		}
		if !cut && n > len(b) || !cut && len(b)-n > 2 {
			t.Errorf("%d of %d bytes accounted for", n, len(b))
		}
	})
}
