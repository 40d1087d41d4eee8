package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"sekisho/policy"
)

func TestDefang(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"http://a.example/b.html?c=d.e":  "hxxp://a[.]example/b.html?c=d.e",
		"HTTPS://a.example":              "hxxpS://a[.]example",
		"ftp://a.example/":               "fxp://a[.]example/",
		"javascript:alert(1)":            "javascript[:]alert(1)",
		"mailto:a@b.example":             "mailto[:]a@b[.]example",
		"data:text/html,<script>":        "data[:]text/html,<script>",
		"http://a.example/\u202e\x1b[0m": "hxxp://a[.]example/\uFFFD\uFFFD[0m",
		"":                               "",
	} {
		if got := defang(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := defanged("see http://a.example/x and www.b.example。"); got != "see hxxp://a[.]example/x and www[.]b[.]example。" {
		t.Errorf("text: %q", got)
	}
}

// TestHarmless: whatever goes in, no element or attribute comes out that is not in
// the list.
func TestHarmless(t *testing.T) {
	t.Parallel()
	for _, source := range hostileHTML() {
		checkHarmless(t, source)
	}
	if got := harmless(`<p style="color:red">a<b>c</b></p><a href="http://e.example/">d</a>`); !strings.Contains(got,
		`<p style="color:red">a<b>c</b></p><u title="hxxp://e[.]example/">d</u>`) {
		t.Errorf("honest: %s", got)
	}
	long := strings.Repeat("<p>a", maxShownHTML)
	if got := harmless(long); len(got) > 4*maxShownHTML {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzHarmless(f *testing.F) {
	for _, source := range hostileHTML() {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) { checkHarmless(t, source) })
}

// checkHarmless reads what came out as browsers do.
func checkHarmless(t *testing.T, source string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(harmless(source)))
	if err != nil {
		return // too deep for the parser
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("%q: a comment", source)
		}
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "html", "head", "meta", "title", "body", "colgroup", "col":
		default:
			if !layout(n.Data) {
				t.Errorf("%q: element %s", source, n.Data)
			}
		}
		for _, a := range n.Attr {
			if !(n.Data == "meta" && a.Key == "charset" || n.Data == "u" && a.Key == "title" || plain(a.Key, a.Val)) {
				t.Errorf("%q: attribute %s=%q", source, a.Key, a.Val)
			}
		}
	}
}

// hostileHTML is what has run or loaded something in somebody's pages before.
func hostileHTML() []string {
	return []string{
		`<script>alert(1)</script>`, `<SCRIPT SRC=http://evil.example/x.js></SCRIPT>`, `<img src=x onerror=alert(1)>`, `<img src="http://evil.example/p.gif" alt='"><script>alert(1)</script>'>`,
		`<svg onload=alert(1)><script>alert(1)</script></svg>`, `<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`, `<math><mtext></p><style><img src=x onerror=alert(1)>`,
		`<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<object data="http://evil.example/x.swf"></object>`, `<embed src="http://evil.example/">`,
		`<link rel=stylesheet href=http://evil.example/x.css>`, `<link rel=dns-prefetch href=//evil.example>`, `<link rel=preconnect href=//evil.example>`, `<base href=http://evil.example/>`,
		`<meta http-equiv=refresh content="0;url=http://evil.example/">`, `<style>@import url(http://evil.example/x.css); body{background:url(http://evil.example/y)}</style>`,
		`<div style="background:url(http://evil.example/z)">x</div>`, `<div style="background:u\72l(http://evil.example/z)">x</div>`, `<div style="position:fixed;top:0">x</div>`,
		`<p style='width:expression(alert(1))'>`, `<form action=http://evil.example/><input name=q autofocus onfocus=alert(1)><button>go</button></form>`,
		`<a href="javascript:alert(1)">x</a>`, `<a href="&#106;avascript:alert(1)" ping=http://evil.example/>x</a>`, `<body background=http://evil.example/b.png onload=alert(1)>`,
		`<table background=http://evil.example/b.png><td background=x></table>`, `<video poster=http://evil.example/ src=x autoplay></video>`, `<audio src=http://evil.example/ autoplay>`,
		`<details open ontoggle=alert(1)>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<template><script>alert(1)</script></template>`,
		`<textarea></textarea><script>alert(1)</script>`, `<title></title><script>alert(1)</script>`, `<xmp><script>alert(1)</script></xmp><script>alert(2)</script>`, `<plaintext><script>alert(1)`,
		`<!--><script>alert(1)</script>-->`, `<![CDATA[<script>alert(1)</script>]]>`, `<?xml version="1.0"?><script>alert(1)</script>`, `<p/onclick=alert(1)>x`, "<scr\x00ipt>alert(1)</scr\x00ipt>",
		`<img srcset="http://evil.example/1 1x, http://evil.example/2 2x">`, `<input type=image src=http://evil.example/>`, `<portal src=http://evil.example/>`, `<frameset><frame src=http://evil.example/></frameset>`,
		`<font face="x;background:url(http://evil.example/)">y</font>`, `<td bgcolor="url(http://evil.example/)">`,
		`<a href="vbscript:msgbox(1)">x</a><a href="data:text/html,<script>alert(1)</script>">y</a><a href=" java\tscript:alert(1)">z</a>`, `<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>">`,
		`<style>@font-face{font-family:x;src:url(http://evil.example/f)} *{font-family:x;background:image-set("http://evil.example/" 1x)}</style><p>x`, `<p style='background:image-set("http://evil.example/" 1x)'>`,
		`<link rel=prefetch href=http://evil.example/><link rel=preload as=image href=http://evil.example/><link rel=modulepreload href=http://evil.example/>`, `<link rel=prerender href=http://evil.example/><script type=speculationrules>{"prefetch":[{"urls":["http://evil.example/"]}]}</script>`,
		`<div><template shadowrootmode=open><script>alert(1)</script><style>:host{background:url(http://evil.example/)}</style></template></div>`, `<svg><style><img src=x onerror=alert(1)></style></svg>`,
		`<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>`, `<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`, `<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>`,
		`<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>#x"/><animate attributeName=href values=javascript:alert(1) /></svg>`, `<svg><foreignObject><iframe src=http://evil.example/></iframe></foreignObject></svg>`,
		`<meta http-equiv="Content-Security-Policy" content="script-src *"><meta http-equiv=Link content="<http://evil.example/>; rel=preload"><script>alert(1)</script>`, `<marquee onstart=alert(1)>x</marquee><bgsound src=http://evil.example/>`,
		`<p popover id=p onbeforetoggle=alert(1)>x</p><button popovertarget=p autofocus>y</button>`, `<select><style></select><img src=x onerror=alert(1)></style>`, `<table><tr><td><style></table><img src=x onerror=alert(1)></style>`, `<noframes><style></noframes><img src=x onerror=alert(1)>`, `<p dir="rtl" width="&quot;><script>alert(1)</script>">`,
		// Drawings that load or move, and markup that two parsers read in two ways.
		`<svg><style>@import "http://evil.example/s.css";</style><feImage href="http://evil.example/f.png"/></svg>`, `<svg><set attributeName=onmouseover to=alert(1)>`, `<svg><script href="http://evil.example/s.js"/></svg>`,
		`<svg xmlns:x="&#34;><img src=x onerror=alert(1)>">`, `<embed src="data:text/html,<script>alert(1)</script>"><iframe src="data:text/html,<script>alert(1)</script>"></iframe>`,
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`, `<svg><![CDATA[><img src=x onerror=alert(1)>]]>`, `<table><svg><desc><td><script>alert(1)</script>`,
		`<b title="--><script>alert(1)</script>"><!-- "><script>alert(1)</script> --></b>`, `<!-- --!><img src=x onerror=alert(1)> -->`, `<a title="<!--"><script>alert(1)//--></script>`, `<p title='a' title='b"><script>alert(1)</script>'>x</p>`,
		"<p title=`><script>alert(1)</script>`>x</p>", `<script type=module>import "http://evil.example/m.js"</script><script type=importmap>{"imports":{"x":"http://evil.example/i.js"}}</script>`,
		`<p style="--x:\75rl(http://evil.example/v);background:var(--x);list-style:url(http://evil.example/l)">x</p>`, `<map name=m><area href=javascript:alert(1) shape=default></map><img usemap=#m src=x>`,
		`<form><button formaction=javascript:alert(1)>x</button><input type=image formaction=http://evil.example/ src=http://evil.example/></form>`, `<a href="java&#9;script:alert(1)">x</a><a href=" &#1;javascript:alert(1)">x</a><a href="view-source:http://evil.example/">x</a>`,
		`<a href="http://192.0.2.80/" target=_top rel=opener ping="http://192.0.2.80/ping" attributionsrc=http://192.0.2.80/a>x</a><img src=//192.0.2.80/i>`, `<body onhashchange=alert(1) onpageshow=alert(1) onmessage=alert(1)>`, `<form name=location><input name=href></form><img name=cookie>`,
	}
}

// TestLimitsOfView: what is past a limit is cut, and the page says so.
func TestLimitsOfView(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.client("admin")
	for past := range 2 {
		raw := strings.Repeat("X-Many: a\r\n", maxShownFields-2+past) + "Subject: s\r\nContent-Type: text/plain\r\n\r\nx\r\n"
		_, text := l.get(c, "/items/"+l.put(raw, "hanako@kaisha.test")[0])
		if got := strings.Contains(text, "longer than what is shown"); got != (past == 1) {
			t.Errorf("%d fields past the limit: cut %v", past, got)
		}
	}
	var links strings.Builder
	for i := range maxShownLinks + 1 {
		fmt.Fprintf(&links, "http://h%d.example/\r\n", i)
	}
	_, text := l.get(c, "/items/"+l.put("Subject: s\r\n\r\n"+links.String(), "hanako@kaisha.test")[0])
	if !strings.Contains(text, "longer than what is shown") {
		t.Error("one link past the limit")
	}
	if testing.Short() {
		return
	}
	large := l.put("Subject: s\r\n\r\n"+strings.Repeat(strings.Repeat("x", 98)+"\r\n", maxParsed/100+1), "hanako@kaisha.test")[0]
	if status, text := l.get(c, "/items/"+large); status != http.StatusOK || !strings.Contains(text, "too much to be shown") {
		t.Errorf("large message: %d", status)
	}
	if status, text := l.get(c, "/items/"+large+"/html"); status != http.StatusOK || strings.Contains(text, "xxx") {
		t.Errorf("frame of a large message: %d", status)
	}
}

// TestException: the entry that is suggested is one that the loader takes, and the
// text of whoever wrote the reason stays text.
func TestException(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.put(fake, "hanako@kaisha.test")[0]
	c := l.client("jiro")
	form := url.Values{"sender": {"yes"}, "brand": {"yes"}, "recipient": {"yes"}, "days": {"30"}, "reason": {"list \"of\" the \\ school: {a: b} # \u202e\n - x 学校"}}
	status, text := l.post(c, "/items/"+id+"/exception", form)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	found := regexp.MustCompile(`(?s)<pre[^>]*>(.*?)</pre>`).FindStringSubmatch(text)
	entry := html.UnescapeString(found[1])
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/kaisha.test.yaml", []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := policy.LoadFor(dir, func(string) bool { return true })
	if err != nil {
		t.Fatalf("%v\n%s", err, entry)
	}
	all := set.Exceptions(l.server.opt.Now())
	if len(all) != 1 || all[0].Owner != "jiro" || all[0].Text != "allow: {sender: st.mgu.ac.jp, brand: rakuten, recipient: [hanako]}" ||
		all[0].Reason != "list \"of\" the \\ school: {a: b} # \uFFFD - x 学校" {
		t.Errorf("%+v\n%s", all, entry)
	}
	for name, change := range map[string]url.Values{
		"no condition": {"sender": nil, "brand": nil, "recipient": nil}, "no reason": {"reason": {" "}}, "long reason": {"reason": {strings.Repeat("x", maxReason+1)}},
		"no days": {"days": {"0"}}, "many days": {"days": {fmt.Sprint(maxException + 1)}},
	} {
		bad := url.Values{}
		for k, v := range form {
			bad[k] = v
		}
		for k, v := range change {
			bad[k] = v
		}
		if status, _ := l.post(c, "/items/"+id+"/exception", bad); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := l.post(l.client("hanako"), "/items/"+id+"/exception", form); status != http.StatusForbidden {
		t.Errorf("by a recipient: %d", status)
	}
}

// TestTurns: past the limit of messages that are read at a time somebody waits, and
// does not wait longer than they are there.
func TestTurns(t *testing.T) {
	t.Parallel()
	s := &Server{reading: make(chan struct{}, maxReading)}
	var last func()
	for range maxReading {
		done, err := s.turn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		last = done
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.turn(gone); err == nil {
		t.Error("one more did not wait")
	}
	last()
	if _, err := s.turn(t.Context()); err != nil {
		t.Errorf("after one has ended: %v", err)
	}
}
