package banner

import (
	"bytes"

	"golang.org/x/net/html"
)

// top finds where text that is to stand first goes in a document: behind the
// <body> tag, or else before the first thing that opens a body unsaid (HTML,
// section 13.2.6.4.6).
func top(doc []byte) (int, Refusal) {
	at := 0
	if bytes.HasPrefix(doc, byteOrderMark) {
		at = len(byteOrderMark)
	}
	z := html.NewTokenizer(bytes.NewReader(ascii(doc[at:])))
	first := -1  // where the body begins if no <body> comes
	inside := "" // element of the head whose content is being read
	begin := at
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		begin, at = at, at+len(z.Raw())
		switch kind {
		case html.TextToken:
			if inside == "" && first < 0 && len(bytes.TrimSpace(z.Raw())) > 0 {
				first = begin
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			raw, _ := z.TagName()
			switch name := string(raw); name {
			case "body":
				if first < 0 && inside == "" {
					return at, ""
				}
			case "frameset":
				return 0, Frames
			case "html", "head", "meta", "link", "base":
			case "title", "style", "script", "noscript":
				if first < 0 && inside == "" && kind == html.StartTagToken {
					inside = name
				}
			default:
				if first < 0 && inside == "" {
					first = begin
				}
			}
		case html.EndTagToken:
			raw, _ := z.TagName()
			switch name := string(raw); {
			case name == inside:
				inside = ""
			case name != "head" && inside == "" && first < 0:
				first = begin
			}
		}
	}
	if first < 0 {
		first = at
	}
	return first, ""
}

// ascii is doc with an x for each byte that ISO-2022-JP (RFC 1468) has as half a
// character, since it may look like a "<". Other charsets never write one so.
func ascii(doc []byte) []byte {
	const esc = 0x1b
	if bytes.IndexByte(doc, esc) < 0 {
		return doc
	}
	out := bytes.Clone(doc)
	double := false
	for i := 0; i < len(out); i++ {
		switch {
		case out[i] == esc && i+2 < len(out) && (out[i+1] == '$' || out[i+1] == '('):
			double = out[i+1] == '$' || out[i+2] == 'I'
			n := 3
			if out[i+1] == '$' && out[i+2] == '(' && i+3 < len(out) {
				n = 4
			}
			for range n {
				out[i] = 'x'
				i++
			}
			i--
		case double && out[i] > ' ':
			out[i] = 'x'
		}
	}
	return out
}
