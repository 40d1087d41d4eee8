package htmltext

import "bytes"

// token is a kind of token.
type token byte

const (
	tokenNone    token = iota // the end; a tag that never ends is none (HTML, section 13.2.5.6)
	tokenText                 // character references are still in it
	tokenStart                // a start tag, from '<' to '>'
	tokenEnd                  // an end tag
	tokenComment              // a comment, a doctype, a bogus comment
)

// tokens cuts a document as browsers do (HTML, section 13.2.5). It hands out places
// in one copy of the document, looks for few bytes at a time and leaves attributes
// to those who need them: most of the time of reading goes here.
type tokens struct {
	b          []byte
	start, end int    // of the token at hand
	raw        string // the element that was opened and whose text holds no tags; else ""
}

func newTokens(src string) *tokens { return &tokens{b: []byte(src)} }

// text is all of the token at hand. It may be written to.
func (t *tokens) text() []byte { return t.b[t.start:t.end:t.end] }

// next goes on to the next token.
func (t *tokens) next() token {
	t.start = t.end
	if raw := t.raw; raw != "" {
		t.raw = ""
		if t.end = t.rawEnd(raw); t.end > t.start {
			return tokenText
		}
	}
	for i := t.start; ; i++ {
		k := bytes.IndexByte(t.b[i:], '<')
		if k < 0 || i+k+1 == len(t.b) {
			break
		}
		if i += k; !begins(t.b[i+1]) {
			continue
		}
		if i > t.start {
			t.end = i
			return tokenText
		}
		return t.markup()
	}
	if t.end = len(t.b); t.end > t.start {
		return tokenText
	}
	return tokenNone
}

// begins reports whether '<' and c begin markup (section 13.2.5.6).
func begins(c byte) bool { return isLetter(c) || c == '/' || c == '!' || c == '?' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// markup reads the markup that begins at start.
func (t *tokens) markup() token {
	switch at := t.start + 2; {
	case t.b[t.start+1] == '!':
		t.end = t.declarationEnd(at)
		return tokenComment
	case t.b[t.start+1] == '?':
		t.end = t.behind('>', t.start+1)
		return tokenComment
	case t.b[t.start+1] != '/':
		if t.end = t.tagEnd(t.start + 1); t.end < 0 {
			return t.nothing()
		}
		t.raw = rawElement(tagName(t.b[t.start+1 : t.end]))
		return tokenStart
	case at == len(t.b):
		t.end = at
		return tokenText
	case !isLetter(t.b[at]):
		t.end = t.behind('>', at)
		return tokenComment
	default:
		if t.end = t.tagEnd(at); t.end < 0 {
			return t.nothing()
		}
		return tokenEnd
	}
}

// nothing ends the document at a tag without an end.
func (t *tokens) nothing() token {
	t.start, t.end = len(t.b), len(t.b)
	return tokenNone
}

// behind returns the place behind the next c from i on; the end without one.
func (t *tokens) behind(c byte, i int) int {
	if k := bytes.IndexByte(t.b[i:], c); k >= 0 {
		return i + k + 1
	}
	return len(t.b)
}

// declarationEnd returns where what begins with "<!" ends, which goes on at i
// (section 13.2.5.42).
func (t *tokens) declarationEnd(i int) int {
	if !bytes.HasPrefix(t.b[i:], []byte("--")) {
		return t.behind('>', i)
	}
	from := i + 2
	if b := t.b[from:]; bytes.HasPrefix(b, []byte(">")) {
		return from + 1 // sections 13.2.5.43 and 44: a comment that is closed at once
	} else if bytes.HasPrefix(b, []byte("->")) {
		return from + 2
	}
	for i = from; i < len(t.b); {
		i = t.behind('>', i)
		body, closed := bytes.CutSuffix(t.b[from:i], []byte(">"))
		if closed && (bytes.HasSuffix(body, []byte("--")) || bytes.HasSuffix(body, []byte("--!"))) {
			break
		}
	}
	return i
}

// tagEnd returns where the tag ends whose name begins at i; -1 if it never does.
// A '>' in a quoted value is part of it (sections 13.2.5.8 and 13.2.5.32 to 40).
func (t *tokens) tagEnd(i int) int {
	b := t.b
	for i < len(b) && !space(b[i]) && b[i] != '/' && b[i] != '>' {
		i++
	}
	for {
		for i < len(b) && (space(b[i]) || b[i] == '/') {
			i++
		}
		if i == len(b) {
			return -1
		}
		if b[i] == '>' {
			return i + 1
		}
		i++ // an equals sign may begin a name
		for i < len(b) && !space(b[i]) && b[i] != '/' && b[i] != '>' && b[i] != '=' {
			i++
		}
		for i < len(b) && space(b[i]) {
			i++
		}
		if i < len(b) && b[i] == '=' {
			if i = valueEnd(b, i+1); i < 0 {
				return -1
			}
		}
	}
}

// valueEnd returns where an attribute's value ends, from behind the equals sign on.
func valueEnd(b []byte, i int) int {
	for i < len(b) && space(b[i]) {
		i++
	}
	if i == len(b) {
		return -1
	}
	if q := b[i]; q == '"' || q == '\'' {
		k := bytes.IndexByte(b[i+1:], q)
		if k < 0 {
			return -1
		}
		return i + 1 + k + 1
	}
	for i < len(b) && !space(b[i]) && b[i] != '>' {
		i++
	}
	return i
}
