package htmltext_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"

	"sekisho/filter/mail/css"
	"sekisho/filter/mail/htmltext"
)

// TestSight holds what hides by sheets, colours and places, and what does not.
func TestSight(t *testing.T) {
	hiding := []string{
		`<style>.x{display:none}</style><p>a<b class="y x">b</b>c`,
		`<style>#x{display:none}</style><p>a<b id=x>b</b>c`,
		`<style>p .x{font-size:0}</style><p>a<b class=x>b</b>c`,
		`<style media=screen>.x{display:none}</style><p>a<b class=x>b</b>c`,
		`<title>t</title><style>.x{opacity:0}</style><p>a<b class=x>b</b>c`,
		`<p>a<b class=x>b</b>c</p><style>.x{display:none}</style>`, // a late sheet
		`<p>a<b style="color:#fff">b</b>c`,
		`<p>a<font color=white>b</font>c`,
		`<p>a<font color="#fdfdfd">b</font>c`,
		`<body bgcolor=black text=white><p>a<b style="color:rgb(0,0,0)">b</b>c`,
		`<td style="background:#f00 none">a<b style="color:#fe0101">b</b>c`,
		`<table bgcolor=red><tr><td>a<b style="color:red">b</b>c`,
		`<p>a<b style="color:transparent">b</b>c`,
		`<p>a<b style="color:rgba(0,0,0,0)">b</b>c`,
		`<p>a<b style="position:absolute;left:-9999px">b</b>c`,
		`<p>a<b style="position:fixed;top:-100em">b</b>c`,
		`<p>a<b style="margin-left:-5000px">b</b>c`,
		`<p>a<b style="text-indent:-9999px">b</b>c`,
		`<p>a<b style="text-indent:-100%">b</b>c`,
		`<p>a<b style="max-height:0;overflow:hidden">b</b>c`,
		`<p>a<b style="width:1px;height:1px;overflow:hidden">b</b>c`,
		`<p>a<b style="position:absolute;clip:rect(0 0 0 0)">b</b>c`,
		`<p>a<b style="clip-path:inset(100%)">b</b>c`,
		`<style>.x{display:none!important}</style><p>a<b class=x style="display:block">b</b>c`,
		`<p>a<b hidden>b</b>c</p></body></html>`,
		`<table><tr><td>a<b style="color:white">b</b>c</div></td></tr></table>`,
	}
	for _, in := range hiding {
		if got := visible(in); got != "ac" {
			t.Errorf("%s: %q shows", in, got)
		}
	}
	showing := []string{
		`<style>.x{display:none}.x{display:inline}</style><p>a<b class=x>b</b>c`,
		`<style>.x{display:none}</style><p>a<b class=x style="display:block">b</b>c`, // by the cascade
		`<style>.x:hover{display:none}@media (max-width:9px){.x{display:none}}</style><p>a<b class=x>b</b>c`,
		`<style media=print>.x{display:none}</style><p>a<b class=x>b</b>c`,
		`<!--[if mso]><style>.x{display:none}</style><![endif]--><p>a<b class=x>b</b>c`,
		`<style>.x{color:#fff}.x+.x{background:red}</style><p>a<b class=x>b</b>c`, // unsure
		`<td style="background:#c00">a<b style="color:#fff">b</b>c`,
		`<td background="x.png">a<b style="color:#fff">b</b>c`,
		`<td style="background-image:url(x.png)">a<b style="color:#fff">b</b>c`,
		`<td style="background:linear-gradient(red,blue)">a<b style="color:#fff">b</b>c`,
		`<table bgcolor="#c00"><tr><td>a<b style="color:#fff">b</b>c</div></td></tr></table>`,
		`<table bgcolor="#c00"><tr><td><div></div></div></div>a<b style="color:#fff">b</b>c`,
		`<p>a<b style="color:#eee">b</b>c`,
		`<p>a<b style="position:absolute;left:-9px">b</b>c`,
		`<p>a<b style="left:-9999px">b</b>c`,
		`<p>a<b style="text-indent:-20px">b</b>c`,
		`<p style="text-indent:-9999px">x<b style="text-indent:0">abc</b>`,
		`<p>a<b style="width:1px">b</b>c`,
		`<p>a<b style="max-height:0">b</b>c`,
		`<font color=white><button>abc</button>`,
	}
	for _, in := range showing {
		if got := visible(in); got != "abc" {
			t.Errorf("%s: %q shows", in, got)
		}
	}
	if got := visible(`<font color=white>x<a href=y>abc</a></font>`); got != "abc" {
		t.Errorf("link in its own colour: %q shows", got)
	}
	if d := htmltext.Read(`<td style="font-size:0;color:#fff"><img alt=a>b`); !slices.Equal(shown(d), []string{"alt: a", "hidden: b"}) {
		t.Errorf("image in tiny text: %q", shown(d))
	}
}

// visible joins what shows, headings and links left out.
func visible(in string) string {
	var b strings.Builder
	for _, p := range htmltext.Read(in).Passages {
		if p.Kind == htmltext.Text || p.Kind == htmltext.Anchor {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestStyleLimit(t *testing.T) {
	sheet := "<style>" + strings.Repeat(".x{color:red}", css.MaxRules)
	if d := htmltext.Read(sheet + "</style>a"); d.Limits != nil {
		t.Errorf("at the limit: %v", d.Limits)
	}
	if d := htmltext.Read(sheet + ".x{color:red}</style>a"); !slices.Equal(d.Limits, []htmltext.Limit{htmltext.LimitStyle}) {
		t.Errorf("past the limit: %v", d.Limits)
	}
}

func TestTitles(t *testing.T) {
	in := `<a href=x title="楽天 &amp; 市場">a</a><div hidden><a href=y title=b>c</a></div><area href=z title=d>`
	want := []string{"title: 楽天 & 市場", "link: a", "link: c", "title: d"}
	got := shown(htmltext.Read(in))
	got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "hidden") })
	want = slices.DeleteFunc(want, func(s string) bool { return s == "link: c" })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestForms(t *testing.T) {
	tests := []struct {
		name, in string
		want     []htmltext.Form
	}{
		{"none", "<p>a", nil},
		{"password", `<form action="https://a.example/x"><input name=u><input type=PassWord><input type=hidden><input type=submit></form>`,
			[]htmltext.Form{{URL: "https://a.example/x", Host: "a.example", Password: true, Fields: 2}}},
		{"base", `<base href=https://b.example/d/><form action=y><select></select><textarea></textarea>`, []htmltext.Form{{URL: "https://b.example/d/y", Host: "b.example", Fields: 2}}},
		{"without action", `<form><input type=password></form>`, []htmltext.Form{{Password: true, Fields: 1}}},
		{"without form", `<input type=password><input><form action=https://a.example></form><input>`,
			[]htmltext.Form{{Password: true, Fields: 3}, {URL: "https://a.example", Host: "a.example"}}},
		{"unended", `<form action=https://a.example><input><form action=https://b.example><input type=password>`,
			[]htmltext.Form{{URL: "https://a.example", Host: "a.example", Fields: 1}, {URL: "https://b.example", Host: "b.example", Password: true, Fields: 1}}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, htmltext.Read(tt.in).Forms); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if d := htmltext.Read(strings.Repeat("<form>", htmltext.MaxForms)); d.Limits != nil || len(d.Forms) != htmltext.MaxForms {
		t.Errorf("at the limit: %v", d.Limits)
	}
	if d := htmltext.Read(strings.Repeat("<form>", htmltext.MaxForms+1)); !slices.Equal(d.Limits, []htmltext.Limit{htmltext.LimitForms}) {
		t.Errorf("past the limit: %v", d.Limits)
	}
}

const codeURL = "https://rakuten.example/login"

// drawCode writes a QR code with one text for each module.
func drawCode(tb testing.TB, row, dark, light, end string) string {
	tb.Helper()
	code, err := encoder.Encoder_encodeWithoutHint(codeURL, decoder.ErrorCorrectionLevel_L)
	if err != nil {
		tb.Fatal(err)
	}
	m := code.GetMatrix()
	var b strings.Builder
	for y := range m.GetHeight() {
		b.WriteString(row)
		for x := range m.GetWidth() {
			if m.Get(x, y) == 1 {
				b.WriteString(dark)
			} else {
				b.WriteString(light)
			}
		}
		b.WriteString(end)
	}
	return b.String()
}

func TestCodes(t *testing.T) {
	docs := map[string]string{
		"bgcolor":              "<table>" + drawCode(t, "<tr>", `<td bgcolor=black></td>`, `<td bgcolor=white></td>`, "</tr>") + "</table>",
		"styles and blanks":    "<p>スキャン<table>" + drawCode(t, "<tr>\n", `<td style="width:4px;background:#000">&nbsp;</td>`, "<td>&nbsp;</td>\n", "</tr>") + "</table><p>x",
		"transparent on black": "<table bgcolor=black>" + drawCode(t, "<tr>", `<td></td>`, `<td style="background-color:#fff"></td>`, "</tr>") + "</table>",
		"no end tags":          "<table>" + drawCode(t, "<tr>", `<td bgcolor=black>`, `<td bgcolor=white>`, "") + "</table>",
		"classes":              "<style>.d{background:#111}.l{background:#eee}</style><table>" + drawCode(t, "<tr>", `<td class=d></td>`, `<td class=l></td>`, "</tr>") + "</table>",
		"spans":                drawCode(t, "<div>", `<span style="background:#000"></span>`, `<span style="background:#fff"></span>`, "</div>"),
		"floats":               drawCode(t, "<div>", `<div style="float:left;background:navy"></div>`, `<div style="float:left"></div>`, "</div>"),
		"line breaks":          drawCode(t, "", `<i style="background:#000"></i>`, `<i></i>`, "<br>"),
		"colspan":              "<table>" + drawCode(t, "<tr>", `<td colspan=3 bgcolor=black></td>`, `<td colspan=3 bgcolor=white></td>`, "</tr>") + "</table>",
		"blocks in pre":        "<pre>" + drawCode(t, "", "██", "  ", "\n") + "</pre>",
		"blocks in divs":       drawCode(t, "<div>", "█", "&nbsp;", "</div>\r\n"),
		"references":           "<p>" + drawCode(t, "", "&#9608;&#x2588;", "&nbsp;&nbsp;", "<br>\n"),
	}
	for name, in := range docs {
		if got := htmltext.Read(in).Codes; !slices.Equal(got, []string{codeURL}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, in := range map[string]string{
		"empty cells":  "<table>" + strings.Repeat("<tr>"+strings.Repeat("<td></td>", 30)+"</tr>", 30) + "</table>",
		"text between": "<table>" + drawCode(t, "<tr>", `<td bgcolor=black>x</td>`, `<td></td>`, "</tr>") + "</table>",
	} {
		if got := htmltext.Read(in).Codes; got != nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestScripts(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{`<script>window.location.href = "https://a.example/x";</script>`, []string{"https://a.example/x"}},
		{`<body onload="location='https://a.example/x?y=1'">`, []string{"https://a.example/x?y=1"}},
		{`window.open('https:\/\/a.example\/x');`, []string{"https://a.example/x"}},
		{"fetch(`https://a.example/p`)", []string{"https://a.example/p"}},
		{`x.open("POST", "https://a.example/p.php", true)`, []string{"https://a.example/p.php"}},
		{`$.ajax({type:"x", url: "https://a.example/p.php"})`, []string{"https://a.example/p.php"}},
		{`f.action="https://a.example";f.action="https://a.example"`, []string{"https://a.example"}},
		{`location = atob("aHR0cHM6Ly9hLmV4YW1wbGUv"); atob("eA=="); atob(x); atob("`, []string{"https://a.example/"}},
		{`<script src="https://cdn.example/jquery.js"></script><a href="https://a.example">`, nil},
		{`https://a.example location`, nil},
		{`var x = "https://a.example"`, nil},
		{"", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, htmltext.Scripts(tt.in)); diff != "" {
			t.Errorf("%s: %s", tt.in, diff)
		}
	}
	var many strings.Builder
	for i := range htmltext.MaxScriptLinks + 1 {
		fmt.Fprintf(&many, "location='https://a%d.example';", i)
	}
	if got := htmltext.Scripts(many.String()); len(got) != htmltext.MaxScriptLinks {
		t.Errorf("%d links", len(got))
	}
}

func FuzzDrawn(f *testing.F) {
	f.Add("<style>.d{background:#111}</style>", drawCode(f, "<tr>", `<td class=d>`, `<td>&nbsp;</td>`, "</tr>"))
	f.Add("<pre>", drawCode(f, "", "██", "  ", "\n"))
	f.Fuzz(func(t *testing.T, head, body string) {
		src := strings.ToValidUTF8(head+body, "\uFFFD")
		for _, code := range htmltext.Read(src).Codes {
			if code == "" {
				t.Error("empty code")
			}
		}
		htmltext.Scripts(src)
	})
}
