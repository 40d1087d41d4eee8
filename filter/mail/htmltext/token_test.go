package htmltext

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

type cut struct {
	Kind token
	Raw  string
}

func cuts(src string) []cut {
	var all []cut
	for t := newTokens(src); ; {
		kind := t.next()
		if kind == tokenNone {
			return all
		}
		all = append(all, cut{kind, string(t.text())})
	}
}

// peerCuts are those of golang.org/x/net/html, with the names of start tags in lower
// case as ours have them.
func peerCuts(src string) []cut {
	var all []cut
	for z := html.NewTokenizer(strings.NewReader(src)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return all
		}
		raw := bytes.Clone(z.Raw())
		if (kind == html.StartTagToken || kind == html.SelfClosingTagToken) && string(tagName(raw[1:])) == "noscript" {
			z.NextIsNotRawText()
		}
		all = append(all, cut{map[html.TokenType]token{
			html.TextToken: tokenText, html.StartTagToken: tokenStart, html.SelfClosingTagToken: tokenStart, html.EndTagToken: tokenEnd,
			html.CommentToken: tokenComment, html.DoctypeToken: tokenComment,
		}[kind], string(raw)})
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"", "<", "a<", "a<b", "a<b>c</b>", "</", "</>", "</ x>y", "<?xml a>b", "<!>", "<!", "<!a", "<!doctype html>x", "<! -->x",
		"<!-->x", "<!--->x", "<!---->x", "<!--a--!>x", "<!--!>x-->y", "<!---!>x-->y", "<!--a--!b-->x", "<!--a", "<!--a--", "<!--->", "<!--a->b-->c", "<!--a--->b", "<!----!>b",
		"<a href='>'>x", `<a href=">" b=">">x`, "<a href=a>b", "<a href=a/>b", "<a =>b", "<a ==>b", "<a b = c>d", "<a b =>d", "<a/b/c>d", "<a b='", "<a b", "<a", "<a / >b", "<a b/=c>d", `<a b="c"d="e">f`, `<a b=c"d>e">f`, "<a '>b", "<a\x00b>c",
		"<title>a<b></title>c", "<TITLE>a</titlex></TitLe >c", "<textarea><</textarea>", "<style>a</style", "<xmp></xmp/>a", "<plaintext>a</plaintext>b", "<iframe><b></iframe>", "<title/>a</title>b", "<noscript><b>c</b></noscript>",
		"<script>a<b></script>c", "<script><!--<script></script>--></script>x", "<script><!--a--></script>x", "<script><!--></script>x", "<script><!--<script>a</script>b</script>x", "<script><!--</script>x", "<script><!-- <scripts></script>x", "<script>a", "<script></script",
		"a < b <3 <<b>", "<b<c>d", "</b c='>'>d", "1 <2 & 3>4",
	} {
		if diff := cmp.Diff(peerCuts(src), cuts(src)); diff != "" {
			t.Errorf("%q (-x/net +ours)\n%s", src, diff)
		}
	}
}

// A '<' that begins nothing leaves the script's comment as it is, so that the next
// start tag of a script hides an end tag (section 13.2.5.23).
func TestScriptComment(t *testing.T) {
	t.Parallel()
	const script = "<!-- 1<2 <script></script> --></script>"
	want := []cut{{tokenStart, "<script>"}, {tokenText, strings.TrimSuffix(script, "</script>")}, {tokenEnd, "</script>"}, {tokenText, "x"}}
	if diff := cmp.Diff(want, cuts("<script>"+script+"x")); diff != "" {
		t.Error(diff)
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"a<b c=d>e</b>", "<!--a--!>b", "<title>a</title>", "<script><!--<script></script>--></script>", "<a b='>\"'/ =c>", "<style><</style <b>", "</ a><?b><!c>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if strings.Contains(strings.ToLower(src), "<script") && strings.Contains(src, "<!--") {
			return // see TestScriptComment
		}
		if diff := cmp.Diff(peerCuts(src), cuts(src)); diff != "" {
			t.Errorf("(-x/net +ours)\n%s", diff)
		}
	})
}
