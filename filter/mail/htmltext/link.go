package htmltext

import (
	"bytes"
	"strings"

	"golang.org/x/net/html/atom"

	"sekisho/filter/mail/css"
	"sekisho/filter/mail/weburl"
)

// reference takes the links, images and texts out of a start tag's attributes.
func (r *reader) reference(id atom.Atom, a *attrs, s sight) {
	switch id {
	case atom.A:
		if a.href != nil {
			r.beginLink(a.href)
		}
		r.tooltip(a, s)
	case atom.Button:
		if a.formaction != nil {
			r.beginLink(a.formaction)
		}
		r.tooltip(a, s)
	case atom.Area:
		r.addLink(LinkAnchor, a.href, clean(a.alt))
		r.tooltip(a, s)
	case atom.Form:
		r.addLink(LinkForm, a.action, "")
		r.openForm(a.action)
	case atom.Input:
		r.input(a, s)
	case atom.Textarea:
		r.inline(a.placeholder, s)
		r.asks(false)
	case atom.Select:
		r.asks(false)
	case atom.Img, atom.Image:
		r.addLink(LinkImage, imageSource(a), "")
		r.inlinePicture(imageSource(a), s)
		r.alt(a, s)
	case atom.Iframe, atom.Frame, atom.Embed:
		r.addLink(LinkImage, a.src, "")
	case atom.Object:
		r.addLink(LinkImage, a.data, "")
	case atom.Base:
		if r.base == "" && a.href != nil {
			r.base = weburl.Clean(attribute(a.href))
		}
	case atom.Meta:
		if bytes.EqualFold(bytes.TrimSpace(a.httpEquiv), []byte("refresh")) {
			r.addLink(LinkAnchor, refreshURL(a.content), "")
		}
	case atom.Style:
		r.inSheet = css.Screen(a.media)
	}
}

// imageSource is src, or the href of an SVG image.
func imageSource(a *attrs) []byte {
	if a.src == nil {
		return a.href
	}
	return a.src
}

// inlinePicture keeps the picture in a "data:image/png;base64,..." address (RFC 2397).
func (r *reader) inlinePicture(src []byte, s sight) {
	head := src[:min(len(src), 64)]
	comma := bytes.IndexByte(head, ',')
	if comma < 0 || !s.room() || !css.Is(head[:min(len(head), len("data:image/"))], "data:image/") || !bytes.HasSuffix(bytes.ToLower(head[:comma]), []byte(";base64")) {
		return
	}
	if len(r.pictures) < MaxPictures && len(src) <= MaxPicture {
		r.pictures = append(r.pictures, bytes.Clone(src[comma+1:]))
	}
}

// input shows the label of a button, and where it leads instead of its form.
func (r *reader) input(a *attrs, s sight) {
	label := a.placeholder
	switch strings.ToLower(string(bytes.TrimSpace(a.kind))) {
	case "hidden":
		return
	case "image":
		r.addLink(LinkImage, a.src, "")
		r.alt(a, s)
	case "submit", "button", "reset":
		label = a.value
	case "password":
		r.asks(true)
	default:
		r.asks(false)
	}
	r.addLink(LinkAnchor, a.formaction, clean(label))
	r.inline(label, s)
}

// inline writes the text of an attribute into the open block.
func (r *reader) inline(text []byte, s sight) {
	if len(text) > 0 && r.visible(s) {
		r.text.space = true
		r.text.write(text[:min(len(text), MaxStyle)])
		r.text.space = true
	}
}

// alt keeps the text that stands for an image, also as the text of the link
// around it.
func (r *reader) alt(a *attrs, s sight) {
	raw := a.alt
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = a.title
	}
	text := clean(raw)
	if text == "" {
		return
	}
	if !s.room() {
		r.hidden.space = true
		r.hidden.write(raw[:min(len(raw), MaxStyle)])
		return
	}
	r.add(item{kind: Alt, text: text})
	if r.link >= 0 {
		r.takeLinkText(len(r.text.b))
		r.appendLinkText([]byte(text))
	}
}

// tooltip keeps the text that shows over a link or button.
func (r *reader) tooltip(a *attrs, s sight) {
	if a.title == nil || !r.visible(s) {
		return
	}
	if text := clean(a.title); text != "" {
		r.add(item{kind: Title, text: text})
	}
}

// clean is an attribute's text as one line.
func clean(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	t := buffer{limit: MaxStyle}
	t.write(raw[:min(len(raw), MaxStyle-1)])
	return strings.ToValidUTF8(string(t.b), "")
}

// refreshURL takes the address out of "5; url='http://...'" (HTML, section
// 4.2.5.3).
func refreshURL(content []byte) []byte {
	i := bytes.IndexAny(content, ";,")
	if i < 0 {
		return nil
	}
	u := bytes.TrimSpace(content[i+1:])
	if len(u) >= 4 && bytes.EqualFold(u[:3], []byte("url")) {
		if v := bytes.TrimSpace(u[3:]); len(v) > 0 && v[0] == '=' {
			u = bytes.TrimSpace(v[1:])
		}
	}
	return bytes.Trim(u, `"'`)
}

// addLink keeps a reference; nil is none.
func (r *reader) addLink(kind LinkKind, ref []byte, text string) bool {
	if ref == nil {
		return false
	}
	if len(r.links) == MaxLinks {
		r.hit(LimitLinks)
		return false
	}
	r.links = append(r.links, link{kind: kind, ref: attribute(ref[:min(len(ref), 4*weburl.MaxURL)]), text: text})
	return true
}

// beginLink opens a link whose text is to follow.
func (r *reader) beginLink(href []byte) {
	if r.addLink(LinkAnchor, href, "") {
		r.link = len(r.links) - 1
		r.linkFrom = len(r.text.b)
		r.linkText = r.linkText[:0]
	}
}

// endLink closes the open link, if any.
func (r *reader) endLink() {
	if r.link < 0 {
		return
	}
	r.takeLinkText(len(r.text.b))
	if len(r.linkText) > 0 {
		text := string(r.linkText)
		r.links[r.link].text = text
		r.add(item{kind: Anchor, text: text})
	}
	r.link = -1
}

// takeLinkText moves what was written since linkFrom to the open link's text.
func (r *reader) takeLinkText(end int) {
	if r.nested {
		return // none of it shows
	}
	start := r.linkFrom
	if start < end && r.text.b[start] == ' ' {
		start++
	}
	r.linkFrom = end
	if start >= end {
		return
	}
	r.spans = append(r.spans, weburl.Span{Start: start, End: end})
	r.appendLinkText(r.text.b[start:end])
}

func (r *reader) appendLinkText(text []byte) {
	if len(r.linkText)+len(text) >= MaxLinkText {
		text = validPrefix(text, MaxLinkText-len(r.linkText)-1)
	}
	if len(text) == 0 {
		return
	}
	if len(r.linkText) > 0 {
		r.linkText = append(r.linkText, ' ')
	}
	r.linkText = append(r.linkText, text...)
}

// validPrefix cuts text to n bytes at a character's edge.
func validPrefix(text []byte, n int) []byte {
	if n <= 0 {
		return nil
	}
	return bytes.ToValidUTF8(text[:min(n, len(text))], nil)
}

// document resolves links and turns places into texts.
func (r *reader) document() Document {
	if r.text.full {
		r.hit(LimitText)
	}
	if r.hidden.full {
		r.hit(LimitHidden)
	}
	if r.sheet.Cut {
		r.hit(LimitStyle)
	}
	text := string(r.text.b)
	d := Document{Passages: make([]Passage, len(r.items)), Links: make([]Link, 0, len(r.links)), Forms: r.readForms(), Pictures: r.pictures}
	for i, it := range r.items {
		d.Passages[i] = Passage{Kind: it.kind, Text: it.text}
		if it.text == "" {
			d.Passages[i].Text = text[it.start:it.end]
		}
	}
	for _, l := range r.links {
		if u := weburl.Resolve(r.base, l.ref); u != "" {
			d.Links = append(d.Links, Link{Kind: l.kind, URL: u, Host: weburl.Host(u), Text: l.text})
		}
	}
	r.plainLinks(&d, text)
	d.Limits = r.limits
	return d
}

// plainLinks finds the URLs in visible text that is no link already.
func (r *reader) plainLinks(d *Document, text string) {
	if len(d.Links) >= MaxLinks {
		return
	}
	skip := r.spans
	for _, s := range weburl.Find(nil, text, MaxLinks-len(d.Links)) {
		for len(skip) > 0 && skip[0].End <= s.Start {
			skip = skip[1:]
		}
		if len(skip) > 0 && skip[0].Start < s.End {
			continue
		}
		shown := text[s.Start:s.End]
		u := weburl.Resolve("", shown)
		d.Links = append(d.Links, Link{Kind: LinkPlain, URL: u, Host: weburl.Host(u), Text: shown})
	}
}
