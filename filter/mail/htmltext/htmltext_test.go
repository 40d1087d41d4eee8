package htmltext_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sekisho/filter/mail/htmltext"
)

// shown writes a document's passages as "kind: text" lines.
func shown(d htmltext.Document) []string {
	var lines []string
	for _, p := range d.Passages {
		lines = append(lines, string(p.Kind)+": "+p.Text)
	}
	return lines
}

// links writes a document's links as "kind url [host] text" lines.
func links(d htmltext.Document) []string {
	var lines []string
	for _, l := range d.Links {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s [%s] %s", l.Kind, l.URL, l.Host, l.Text)))
	}
	return lines
}

func TestText(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"blocks", "<p>one</p><div>two<div>three</div>four</div>five<br>six", []string{"text: one", "text: two", "text: three", "text: four", "text: five", "text: six"}},
		{"inline elements part nothing", "<p>R<b>a</b>ku<span>ten</span></p>", []string{"text: Rakuten"}},
		{"white space", "<p>  a \r\n\t b&nbsp;&nbsp;c </p>", []string{"text: a b c"}},
		{"headings", "<title>T</title><h1>H <b>x</b></h1><h4>no</h4>", []string{"heading: T", "heading: H x", "text: no"}},
		{"list and table", "<ul><li>a<li>b</ul><table><tr><td>c<td>d</table>", []string{"text: a", "text: b", "text: c", "text: d"}},
		{"pre keeps lines", "<pre>a\r\nb\n</pre>c", []string{"text: a", "text: b", "text: c"}},
		{"entities", "<p>&lt;&amp;&#27005;&#x5929;&copy;&hearts;&NotEqualTilde; &bogus; & &#0;&#128;</p>", []string{"text: <&楽天©♥≂̸ &bogus; & \uFFFD€"}},
		{"entities without semicolon", "<p>&ltb &copy2026</p>", []string{"text: <b ©2026"}},
		{"scripts and styles", "<style>a{}</style><script>x('<b>')</script><p>a</p><noscript>b</noscript>", []string{"text: a", "text: b"}},
		{"textarea", "<textarea>a &amp; b</textarea>", []string{"text: a & b"}},
		{"comment inside a word", "<p>R<!-- x -->akuten</p>", []string{"text: Rakuten", "hidden: x"}},
		{"comment to the end", "<p>a</p><!-- b", []string{"text: a", "hidden: b"}},
		{"unended tag at the end", "<p>a</p><a href='x", []string{"text: a"}},
		{"controls", "<p>a\x00\x01b\u0085c</p>", []string{"text: abc"}},
		{"zero-width characters stay", "<p>楽\u200b天</p>", []string{"text: 楽\u200b天"}},
		{"alt and title of images", `<p>a<img alt="ロゴ &amp;"><img title=t>b</p>`, []string{"alt: ロゴ &", "alt: t", "text: ab"}},
		{"link alone in its block", `<td><a href=x><b>確認</b> する</a></td>`, []string{"link: 確認 する"}},
		{"link in running text", `<p>詳細は<a href=x>こちら</a>へ</p>`, []string{"link: こちら", "text: 詳細はこちらへ"}},
		{"link in a heading", `<h1><a href=x>楽天</a></h1>`, []string{"link: 楽天", "heading: 楽天"}},
		{"link over blocks", `<a href=x><div>a</div><div>b</div></a>`, []string{"link: a b"}},
		{"link around an image", `<a href=x><img alt="楽天"></a>`, []string{"alt: 楽天", "link: 楽天"}},
		{"submit button", `<form><input type=submit value="ログイン"></form>`, []string{"text: ログイン"}},
		{"downlevel-revealed comment", "<p><![if !mso]>a<![endif]></p>", []string{"text: a"}},
		{"conditional comment", "<p>R<!--[if mso]><table><tr><td>b</td></tr></table><![endif]-->akuten</p>", []string{"text: Rakuten", "hidden: b"}},
		{"nothing", "  <div> </div>", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shown(htmltext.Read(tt.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHidden(t *testing.T) {
	hiding := []string{
		`style="display:none"`, `style='DISPLAY : None'`, `style=display:none!important`, `style="color:red;display:none;"`,
		`style="visibility:hidden"`, `style="font-size:0"`, `style="font-size:0px"`, `style="font-size:1px"`, `style="font-size:.5px"`,
		`style="font:0/0 a"`, `style="opacity:0"`, `style="max-height:0;overflow:hidden"`, `style="height:0px;overflow:hidden"`,
		`hidden`, `hidden=""`, `HIDDEN=hidden`, `style="display&#58;none"`, `style="dis/**/play:block;display:none"`,
		`style="\64 isplay:none"`, `style="display:none!important;display:block"`, `a=1 style="display:none" style="display:block"`,
		`style="background:url('a;b');display:none"`,
	}
	for _, attr := range hiding {
		d := htmltext.Read("<p>a<span " + attr + ">b</span>c</p>")
		if diff := cmp.Diff([]string{"text: ac", "hidden: b"}, shown(d)); diff != "" {
			t.Errorf("%s hides: %s", attr, diff)
		}
	}
	showing := []string{
		`style="display:block"`, `style="display:none;display:block"`, `style="display:block!important;display:none"`,
		`style="font-size:14px"`, `style="font-size:12px;line-height:0"`, `style="opacity:0.9"`, `style="opacity:.5"`, `style="height:0"`,
		`style="visibility:visible"`, `style="background:url('x;display:none')"`, `style="background:url(x;display:none)"`,
		`title="display:none"`, `data-hidden`, `class=hidden`, `style="/*display:none*/"`, `style="xdisplay:none"`, `style="font:bold 100 12px a"`,
	}
	for _, attr := range showing {
		d := htmltext.Read("<p>a<span " + attr + ">b</span>c</p>")
		if diff := cmp.Diff([]string{"text: abc"}, shown(d)); diff != "" {
			t.Errorf("%s shows: %s", attr, diff)
		}
	}
}

func TestHiddenTree(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"children of the hidden", `<div style="display:none"><p>a</p><p style="display:block">b</p></div>c`, []string{"hidden: a", "hidden: b", "text: c"}},
		{"visibility is undone below", `<div style="visibility:hidden">a<b style="visibility:visible">b</b></div>`, []string{"text: b", "hidden: a"}},
		{"font size is undone below", `<td style="font-size:0px"> x <div style="font-size:13px">a</div></td>`, []string{"hidden: x", "text: a"}},
		{"relative size of nothing", `<td style="font-size:0"><b style="font-size:2em">a</b></td>`, []string{"hidden: a"}},
		{"template", `<template>a</template>b`, []string{"text: b", "hidden: a"}},
		{"void elements hide nothing", `<br style="display:none">a<img hidden>b`, []string{"text: ab"}},
		{"stray end tags", `<div hidden>a</p></span></b>b</div>c`, []string{"hidden: a", "hidden: b", "text: c"}},
		{"paragraph ended by a block", `<p hidden>a<div>b</div>`, []string{"hidden: a", "text: b"}},
		{"paragraph ended by a block, span open", `<p><span hidden>a<div>b</div>`, []string{"hidden: a", "text: b"}},
		{"cell ended by a cell", `<table><tr><td hidden>a<td>b<tr><td>c</table>`, []string{"hidden: a", "text: b", "text: c"}},
		{"cell ended by a cell, paragraph open", `<table><tr><td><p hidden>a<td>b</table>`, []string{"hidden: a", "text: b"}},
		{"item ended by an item", `<ul><li hidden>a<li>b</ul>`, []string{"hidden: a", "text: b"}},
		{"unknown elements", `<x-y hidden>a</x-y>b`, []string{"text: b", "hidden: a"}},
		{"image in hidden text", `<div hidden><img alt=a></div>b`, []string{"hidden: a", "text: b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shown(htmltext.Read(tt.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"anchor", `<a href="https://a.example/?x=1&amp;y=2">楽天</a>`, []string{"a https://a.example/?x=1&y=2 [a.example] 楽天"}},
		{"reference without semicolon", `<a href="https://a.example/?x=1&copy=2&lt=3&amp4">x</a>`, []string{"a https://a.example/?x=1&copy=2&lt=3&amp4 [a.example] x"}},
		{"entities in the scheme", `<a href="&#104;ttps&colon;&sol;&sol;a.example&period;jp">x</a>`, []string{"a https://a.example.jp [a.example.jp] x"}},
		{"line ends inside", "<a href=' ht\ntps:\\\\a.exam\tple/x '>x</a>", []string{"a https://a.example/x [a.example] x"}},
		{"user name", `<a href=https://rakuten.co.jp@evil.example/>x</a>`, []string{"a https://rakuten.co.jp@evil.example/ [evil.example] x"}},
		{"first href counts", `<a href=https://a.example HREF=https://b.example>x</a>`, []string{"a https://a.example [a.example] x"}},
		{"base", `<base href="https://b.example/d/"><a href=x>x</a><base href=https://c.example>`, []string{"a https://b.example/d/x [b.example] x"}},
		{"base below", `<a href=x>x</a><base href="https://b.example/d/">`, []string{"a https://b.example/d/x [b.example] x"}},
		{"area", `<area href=https://a.example alt=map>`, []string{"a https://a.example [a.example] map"}},
		{"form and buttons", `<form action=https://a.example><button formaction=https://b.example>送信</button><input type=submit formaction=https://c.example value=go></form>`,
			[]string{"form https://a.example [a.example]", "a https://b.example [b.example] 送信", "a https://c.example [c.example] go"}},
		{"images and frames", `<img src=https://a.example/1.png><iframe src="//b.example"></iframe><object data=https://c.example></object><svg><image xlink:href=https://d.example /></svg>`,
			[]string{"img https://a.example/1.png [a.example]", "img http://b.example [b.example]", "img https://c.example [c.example]", "img https://d.example [d.example]"}},
		{"svg link", `<svg><a xlink:href="https://a.example"><text>x</text></a></svg>`, []string{"a https://a.example [a.example] x"}},
		{"refresh", `<meta http-equiv=Refresh content="0; URL='https://a.example/'">`, []string{"a https://a.example/ [a.example]"}},
		{"refresh without url=", `<meta http-equiv=refresh content="0;https://a.example/">`, []string{"a https://a.example/ [a.example]"}},
		{"other metas", `<meta name=x content="0;https://a.example/">`, nil},
		{"plain text", `<p>see https://a.example/x。</p>`, []string{"plain https://a.example/x [a.example] https://a.example/x"}},
		{"plain text over a tag", `<p>see https://a.<b>example</b>/x</p>`, []string{"plain https://a.example/x [a.example] https://a.example/x"}},
		{"plain text ends with its block", `<p>https://a.example</p>b`, []string{"plain https://a.example [a.example] https://a.example"}},
		{"link text is no plain text", `<p>x <a href=https://evil.example>https://rakuten.co.jp</a> y</p>`, []string{"a https://evil.example [evil.example] https://rakuten.co.jp"}},
		{"anchors in anchors", `<a href=https://a.example>one<a href=https://b.example>two</a>three`, []string{"a https://a.example [a.example] one", "a https://b.example [b.example] two"}},
		{"anchor that does not end", `<a href=https://a.example>one<p>two`, []string{"a https://a.example [a.example] one two"}},
		{"anchor without href", `<a name=x>one</a>`, nil},
		{"anchor without text", `<a href=https://a.example></a>`, []string{"a https://a.example [a.example]"}},
		{"hidden text in a link", `<a href=https://a.example>R<i hidden>x</i>akuten</a>`, []string{"a https://a.example [a.example] Rakuten"}},
		{"conditional comment", `<a href=https://a.example>x<!--[if mso]><a href=https://b.example>y</a><![endif]-->z</a>`, []string{"a https://a.example [a.example] xz", "a https://b.example [b.example]"}},
		{"mailto", `<a href="mailto:a@b.example">x</a>`, []string{"a mailto:a@b.example [] x"}},
		{"slash in an unquoted value", `<a href=https://a.example/b/>x</a>`, []string{"a https://a.example/b/ [a.example] x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, links(htmltext.Read(tt.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		limit    htmltext.Limit
		at, past string
	}{
		{htmltext.LimitPassages, strings.Repeat("<p>a", htmltext.MaxPassages), strings.Repeat("<p>a", htmltext.MaxPassages+1)},
		{htmltext.LimitLinks, strings.Repeat("<img src=a>", htmltext.MaxLinks), strings.Repeat("<img src=a>", htmltext.MaxLinks+1)},
		{htmltext.LimitDepth, strings.Repeat("<b>", htmltext.MaxDepth), strings.Repeat("<b>", htmltext.MaxDepth+1)},
		{htmltext.LimitText, strings.Repeat("a", htmltext.MaxText-1), strings.Repeat("a", htmltext.MaxText)},
		{htmltext.LimitHidden, "<b hidden>" + strings.Repeat("a", htmltext.MaxHidden-1), "<b hidden>" + strings.Repeat("a", htmltext.MaxHidden)},
	}
	for _, tt := range tests {
		if d := htmltext.Read(tt.at); len(d.Limits) > 0 {
			t.Errorf("%s: hit at the limit: %v", tt.limit, d.Limits)
		}
		if d := htmltext.Read(tt.past); !slices.Equal(d.Limits, []htmltext.Limit{tt.limit}) {
			t.Errorf("%s: one past the limit: %v", tt.limit, d.Limits)
		}
	}
	long := strings.Repeat("a", htmltext.MaxLinkText)
	if d := htmltext.Read("<a href=x>" + long + "</a>"); len(d.Links[0].Text) != htmltext.MaxLinkText-1 {
		t.Errorf("link text of %d bytes", len(d.Links[0].Text))
	}
	pad := strings.Repeat(" ", htmltext.MaxStyle-len("display:none"))
	if d := htmltext.Read(`<b style="` + pad + `display:none">a`); d.Passages[0].Kind != htmltext.Hidden {
		t.Error("a style at the limit is not honoured")
	}
	if d := htmltext.Read(`<b style="` + pad + `  display:none">a`); d.Passages[0].Kind != htmltext.Text {
		t.Error("a style past the limit is honoured")
	}
}

// TestBombs reads input that is quadratic for careless readers. Ten times the
// bytes may take about ten times as long; here only an hour is told from a second.
func TestBombs(t *testing.T) {
	const n = 200_000
	bombs := map[string]string{
		"open elements":       strings.Repeat("<div>", n),
		"end tags":            strings.Repeat("<i>", 500) + strings.Repeat("</b>", n),
		"clashing end tags":   strings.Repeat("<p>", 500) + strings.Repeat("</pre>", n),
		"cells":               strings.Repeat("<td>", n),
		"spans and blocks":    strings.Repeat("<span><div>", n),
		"anchors":             strings.Repeat("<a href=x>y", n),
		"attributes":          "<a " + strings.Repeat("b=c ", n) + ">",
		"long attribute":      "<a href='" + strings.Repeat("&amp;", n) + "'>",
		"entities":            strings.Repeat("&", n) + strings.Repeat("&a", n) + strings.Repeat("&#1", n),
		"comments in a style": "<b style='" + strings.Repeat("/**/", n) + "display:none'>x",
		"open comments":       strings.Repeat("<!--", n),
		"conditionals":        strings.Repeat("<!--[if mso]><b><![endif]-->", n),
		"comment starts":      strings.Repeat("<!", n),
		"urls":                strings.Repeat("http://", n) + strings.Repeat("www.", n),
		"url of dots":         "http://" + strings.Repeat("a.", n),
		"lesser-thans":        strings.Repeat("<", n),
		"titles":              strings.Repeat("<title>", n),
		"scripts":             strings.Repeat("<script></script", n),
	}
	for name, bomb := range bombs {
		start := time.Now()
		htmltext.Read(bomb)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: %d KB took %v", name, len(bomb)>>10, took)
		} else {
			t.Logf("%s: %d KB in %v", name, len(bomb)>>10, took)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`<base href=https://b.example/><p style="font-size:0">a<a href='x&amp;y'>b<img alt=c></a> https://d.example <!--[if mso]><a href=e>f</a><![endif]--><table><td hidden>g<td>h`)
	f.Add("<script><!--<script></script>--></script><noscript><p>a</noscript><plaintext>b")
	f.Fuzz(func(t *testing.T, src string) {
		src = strings.ToValidUTF8(src, "\uFFFD")
		d := htmltext.Read(src)
		for _, p := range d.Passages {
			if p.Text == "" || !utf8.ValidString(p.Text) || strings.ContainsAny(p.Text, "\r\n\t\x00") || strings.Contains(p.Text, "  ") {
				t.Errorf("passage %+v", p)
			}
		}
		for _, l := range d.Links {
			if l.URL == "" || !utf8.ValidString(l.URL) || !utf8.ValidString(l.Text) {
				t.Errorf("link %+v", l)
			}
		}
	})
}
