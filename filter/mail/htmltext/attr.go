package htmltext

import "bytes"

// attrs are the attributes that matter, as written. nil means absent; of
// duplicates the first counts, as in browsers.
type attrs struct {
	href, src, action, formaction, data []byte
	alt, title, value, placeholder      []byte
	style, hidden                       []byte
	content, httpEquiv, kind            []byte
	id, class, media                    []byte
	color, bgcolor, background, text    []byte
	colspan                             []byte
}

// parse reads the attributes of tag, which is all of a start tag from '<' to '>'
// (HTML, section 13.2.5.32 and following). It lowers attribute names in place.
func (a *attrs) parse(tag []byte, nameLen int) {
	b := bytes.TrimSuffix(tag[1+nameLen:], []byte(">"))
	for {
		for len(b) > 0 && (space(b[0]) || b[0] == '/') {
			b = b[1:]
		}
		if len(b) == 0 {
			return
		}
		n := 1 // an equals sign may begin a name
		for n < len(b) && !space(b[n]) && b[n] != '/' && b[n] != '=' {
			n++
		}
		name := b[:n]
		b = b[n:]
		for len(b) > 0 && space(b[0]) {
			b = b[1:]
		}
		value := b[:0:0]
		if len(b) > 0 && b[0] == '=' {
			value, b = attrValue(b[1:])
		}
		if slot := a.slot(name); slot != nil && *slot == nil {
			*slot = value
			if value == nil {
				*slot = []byte{}
			}
		}
	}
}

// attrValue reads a value in quotes or without.
func attrValue(b []byte) (value, rest []byte) {
	for len(b) > 0 && space(b[0]) {
		b = b[1:]
	}
	if len(b) == 0 {
		return nil, nil
	}
	if q := b[0]; q == '"' || q == '\'' {
		end := bytes.IndexByte(b[1:], q)
		if end < 0 {
			return b[1:], nil
		}
		return b[1 : 1+end], b[2+end:]
	}
	n := 0
	for n < len(b) && !space(b[n]) {
		n++
	}
	return b[:n], b[n:]
}

// slot returns where the value of the attribute name goes, nil for those that do
// not matter.
func (a *attrs) slot(name []byte) *[]byte {
	if len(name) < 2 || len(name) > 11 {
		return nil
	}
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			name[i] = c + 'a' - 'A'
		}
	}
	switch string(name) {
	case "href", "xlink:href":
		return &a.href
	case "src":
		return &a.src
	case "action":
		return &a.action
	case "formaction":
		return &a.formaction
	case "data":
		return &a.data
	case "alt":
		return &a.alt
	case "title":
		return &a.title
	case "value":
		return &a.value
	case "placeholder":
		return &a.placeholder
	case "style":
		return &a.style
	case "hidden":
		return &a.hidden
	case "content":
		return &a.content
	case "http-equiv":
		return &a.httpEquiv
	case "type":
		return &a.kind
	case "id":
		return &a.id
	case "class":
		return &a.class
	case "media":
		return &a.media
	case "color":
		return &a.color
	case "bgcolor":
		return &a.bgcolor
	case "background":
		return &a.background
	case "text":
		return &a.text
	case "colspan":
		return &a.colspan
	}
	return nil
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }
