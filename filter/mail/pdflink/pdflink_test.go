package pdflink_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail/pdflink"
)

// deflated makes an object stream.
func deflated(tb testing.TB, dict, text string) string {
	tb.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return "5 0 obj\n<< " + dict + " >>\nstream\r\n" + b.String() + "\nendstream\nendobj\n"
}

func TestRead(t *testing.T) {
	const stm = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"
	tests := []struct {
		name, in string
		want     []string
	}{
		{"literal", "<</S/URI/URI(https://a.example/?x=\\(1\\))>>", []string{"https://a.example/?x=(1)"}},
		{"nested brackets", "/URI (https://a.example/(x)/y)", []string{"https://a.example/(x)/y"}},
		{"octal and line ends", "/URI (\\150ttps://a.exam\\\nple/\\\r\nx\\\\)", []string{"https://a.example/x\\"}},
		{"escaped line end first", "/URI (\\\nhttps://a.example)", []string{"https://a.example"}},
		{"hexadecimal", "/URI <68747470733A2F2F612E 6578616d706c65>", []string{"https://a.example"}},
		{"odd hexadecimal", "/URI <6>", []string{"`"}},
		{"UTF-16", "/URI (\xfe\xff\x00h\x00t\x00t\x00p)", []string{"http"}},
		{"escaped name", "/#55R#49 (https://a.example)", []string{"https://a.example"}},
		{"indirect", "1 0 obj <</S /URI /URI 2 0 R>> endobj 2 0 obj (https://a.example) endobj", []string{"https://a.example"}},
		{"script", "/JS (app.launchURL\\(\"https://a.example/x\", true\\);)", []string{"https://a.example/x"}},
		{"form target", "/S /SubmitForm /F << /FS /URL /F (https://a.example) >>", []string{"https://a.example"}},
		{"each once", "/URI (https://a.example) /URI (https://a.example)", []string{"https://a.example"}},
		{"relative", "/URI (x.html)", []string{"x.html"}},
		{"facts about the file", "/Producer (http://www.fpdf.example) /NS (http://iso.example/pdf2) /F (report.pdf)", nil},
		{"comment", "% /URI (https://a.example)\n/URI (https://b.example)", []string{"https://b.example"}},
		{"object stream", deflated(t, stm, "1 0 <</S/URI/URI(https://a.example)>>"), []string{"https://a.example"}},
		{"object stream, escaped names", deflated(t, "/T#79pe/Obj#53tm/Filter[/Fl]", "/URI(https://a.example)"), []string{"https://a.example"}},
		{"object stream, plain", "<</Type/ObjStm>>stream\n/URI(https://a.example)\nendstream", []string{"https://a.example"}},
		{"stream cut off", deflated(t, stm, "/URI(https://a.example)"+strings.Repeat("x ", 500))[:110], []string{"https://a.example"}},
		{"other streams", "<</Length 9>>stream\n/URI(https://a.example)\nendstream /URI (https://b.example)", []string{"https://b.example"}},
		{"other filters", "<</Type/ObjStm/Filter[/A85/Fl]>>stream\n/URI(https://a.example)\nendstream", nil},
		{"string without an end", "(x /URI (https://a.example)", []string{"https://a.example"}},
		{"rubbish", "%PDF-1.7\n)>>]}< << (\x00\xff /", nil},
		{"nothing", "", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(pdflink.Document{Links: tt.want}, pdflink.Read([]byte(tt.in))); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if d := pdflink.Read([]byte("/URI (abc) trailer <</Encrypt 3 0 R>>")); !d.Encrypted || d.Links != nil {
		t.Errorf("encrypted: %+v", d)
	}
	if !pdflink.Is([]byte("rubbish %PDF-1.4")) || pdflink.Is(append(make([]byte, 1024), "%PDF-1.4"...)) {
		t.Error("Is")
	}
}

func TestLimits(t *testing.T) {
	uri := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "/URI (%d)\n", i)
		}
		return b.String()
	}
	const stm = "/Type/ObjStm/Filter/FlateDecode"
	text := func(n int) string { return "/URI (a) (" + strings.Repeat("x", n) + ") /URI (b)" }
	tests := map[string][2]string{
		"links":    {uri(pdflink.MaxLinks), uri(pdflink.MaxLinks + 1)},
		"file":     {strings.Repeat("\n", pdflink.MaxFile), strings.Repeat("\n", pdflink.MaxFile+1)},
		"inflated": {deflated(t, stm, strings.Repeat(" ", pdflink.MaxInflated)), deflated(t, stm, strings.Repeat(" ", pdflink.MaxInflated+1))},
		"streams": {strings.Repeat("<</Type/ObjStm>>stream\nendstream ", pdflink.MaxStreams),
			strings.Repeat("<</Type/ObjStm>>stream\nendstream ", pdflink.MaxStreams+1)},
		"open strings": {strings.Repeat("(", 16), strings.Repeat("(", 17)},
	}
	for name, tt := range tests {
		if d := pdflink.Read([]byte(tt[0])); d.Cut {
			t.Errorf("%s: cut at the limit", name)
		}
		if d := pdflink.Read([]byte(tt[1])); !d.Cut {
			t.Errorf("%s: not cut past the limit", name)
		}
	}
	if d := pdflink.Read([]byte(text(pdflink.MaxString - 1))); !cmp.Equal(d.Links, []string{"a", "b"}) {
		t.Errorf("string at the limit: %q", d.Links)
	}
	if d := pdflink.Read([]byte("/URI (" + strings.Repeat("x", pdflink.MaxString) + ")")); d.Links != nil {
		t.Errorf("string past the limit: %d links", len(d.Links))
	}
}

// TestBombs reads what is quadratic for careless readers.
func TestBombs(t *testing.T) {
	const stm = "/Type/ObjStm/Filter/FlateDecode"
	n := pdflink.MaxFile
	for name, file := range map[string]string{
		"brackets":       strings.Repeat("(", n),
		"hex strings":    strings.Repeat("<", n) + strings.Repeat("<0", n/2),
		"names":          strings.Repeat("/", n),
		"long name":      "/" + strings.Repeat("#", n),
		"streams":        strings.Repeat("stream\n", n/7),
		"object streams": strings.Repeat("<</Type/ObjStm>>stream\n", n/24),
		"zeros":          deflated(t, stm, strings.Repeat("\x00", 100<<20)),
		"open strings":   deflated(t, stm, strings.Repeat("(", pdflink.MaxInflated)),
	} {
		start := time.Now()
		pdflink.Read([]byte(file))
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("%PDF-1.7\n1 0 obj <</S/URI/URI(https://a.example/\\050\\)#)>> /JS <68747470> endobj"))
	f.Add([]byte(deflated(f, "/Type/ObjStm/Filter/FlateDecode", "/URI(https://a.example)")))
	f.Fuzz(func(t *testing.T, file []byte) {
		d := pdflink.Read(file)
		if len(d.Links) > pdflink.MaxLinks {
			t.Errorf("%d links", len(d.Links))
		}
		for _, l := range d.Links {
			if l == "" || !utf8.ValidString(l) {
				t.Errorf("link %q", l)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var objects strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&objects, "%d 0 <</Type/Annot/Rect[1 2 3 4]/A<</S/URI/URI(https://a.example/%d)>>>>\n", i, i%50)
	}
	file := []byte("%PDF-1.7\n" + deflated(b, "/Type/ObjStm/Filter/FlateDecode", objects.String()) +
		"9 0 obj <</Filter/DCTDecode>> stream\n" + strings.Repeat("\x80\x90\xa0", 300_000) + "\nendstream endobj\n")
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if d := pdflink.Read(file); len(d.Links) != 50 {
			b.Fatal(len(d.Links))
		}
	}
}
