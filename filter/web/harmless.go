package web

import (
	"html"
	"strings"

	xhtml "golang.org/x/net/html"
)

// harmless rewrites the HTML of a message to what lays out text: elements and
// attributes of a closed list, none of which names another place. It is the inner
// of two walls; the outer is the frame's Content-Security-Policy.
func harmless(source string) string {
	source, _ = cut(source, maxShownHTML)
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>-</title></head><body>")
	z := xhtml.NewTokenizer(strings.NewReader(source))
	z.SetMaxBuf(maxShownHTML + 1)
	silent := "" // element whose content is not text
	for {
		kind := z.Next()
		if kind == xhtml.ErrorToken {
			break
		}
		t := z.Token()
		switch {
		case silent != "":
			if kind == xhtml.EndTagToken && t.Data == silent {
				silent = ""
			}
		case kind == xhtml.TextToken:
			b.WriteString(html.EscapeString(visible(t.Data)))
		case kind == xhtml.StartTagToken && mute(t.Data):
			silent = t.Data
		case (kind == xhtml.StartTagToken || kind == xhtml.SelfClosingTagToken) && t.Data == "img":
			b.WriteString(`<span>[` + html.EscapeString(visible(attribute(t, "alt"))) + `]</span>`)
		case kind == xhtml.StartTagToken || kind == xhtml.SelfClosingTagToken:
			open(&b, t)
		case kind == xhtml.EndTagToken && layout(t.Data):
			b.WriteString("</" + t.Data + ">")
		case kind == xhtml.EndTagToken && t.Data == "a":
			b.WriteString("</u>")
		}
	}
	b.WriteString("</body></html>")
	return b.String()
}

// mute reports elements whose content no client shows as text of the message.
func mute(name string) bool {
	switch name {
	case "script", "style", "title", "iframe", "noembed", "noframes", "noscript", "xmp", "plaintext", "textarea", "template", "svg", "math",
		"object", "applet", "select", "audio", "video", "canvas":
		return true
	}
	return false
}

// layout reports the elements that are kept.
func layout(name string) bool {
	switch name {
	case "p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "small", "big", "sub", "sup", "font", "center", "blockquote", "pre", "code", "tt",
		"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
		"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption":
		return true
	}
	return false
}

func open(b *strings.Builder, t xhtml.Token) {
	name := t.Data
	switch {
	case name == "a":
		b.WriteString(`<u title="` + html.EscapeString(defang(attribute(t, "href"))) + `">`)
		return
	case !layout(name):
		return
	}
	b.WriteString("<" + name)
	for _, a := range t.Attr {
		if a.Namespace == "" && plain(a.Key, a.Val) {
			b.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
		}
	}
	b.WriteString(">")
}

// plain reports attributes that say how something looks and nothing else.
func plain(key, value string) bool {
	if len(value) > maxShownField {
		return false
	}
	switch key {
	case "align", "valign", "width", "height", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "bgcolor", "color", "face", "size", "dir":
		return true
	case "style":
		// A style names another place by a function, an at-rule or an escape of one.
		return !strings.ContainsAny(value, `(\@<>`) && !strings.Contains(strings.ToLower(value), "position")
	}
	return false
}

func attribute(t xhtml.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
