package htmltext

import "bytes"

// rawElement returns name if no tags are read in the text of that element but its
// own end tag (HTML, section 13.2.6.4.4 and following), else "". That of noscript
// is read: clients run no scripts, so they show it.
func rawElement(name []byte) string {
	switch string(name) {
	case "iframe":
		return "iframe"
	case "noembed":
		return "noembed"
	case "noframes":
		return "noframes"
	case "plaintext":
		return "plaintext"
	case "script":
		return "script"
	case "style":
		return "style"
	case "textarea":
		return "textarea"
	case "title":
		return "title"
	case "xmp":
		return "xmp"
	}
	return ""
}

// rawEnd returns where the text ends that the element name begins: at its end tag.
func (t *tokens) rawEnd(name string) int {
	switch name {
	case "plaintext":
		return len(t.b)
	case "script":
		return t.scriptEnd()
	}
	for i := t.start; i < len(t.b); i++ {
		k := bytes.IndexByte(t.b[i:], '<')
		if k < 0 {
			break
		}
		if i += k; tagAt(t.b[i+1:], '/', name) {
			return i
		}
	}
	return len(t.b)
}

// tagAt reports whether b goes on after '<' with the rest of a tag: a slash, if one
// is asked for, the name in either case, and what ends a name.
func tagAt(b []byte, slash byte, name string) bool {
	if slash != 0 {
		if len(b) == 0 || b[0] != slash {
			return false
		}
		b = b[1:]
	}
	if len(b) <= len(name) || !bytes.EqualFold(b[:len(name)], []byte(name)) {
		return false
	}
	c := b[len(name)]
	return space(c) || c == '/' || c == '>'
}

// scriptEnd returns where the text of a script ends. In what looks like a comment
// there, a start tag of a script hides the next end tag (sections 13.2.5.15 to 31).
func (t *tokens) scriptEnd() int {
	b, escaped, hidden := t.b, false, false
	for i := t.start; i < len(b); i++ {
		if !escaped {
			k := bytes.IndexByte(b[i:], '<')
			if k < 0 {
				break
			}
			i += k
		}
		switch rest := b[i+1:]; {
		case b[i] == '>':
			if bytes.HasSuffix(b[t.start:i], []byte("--")) {
				escaped, hidden = false, false
			}
		case b[i] != '<':
		case !escaped && bytes.HasPrefix(rest, []byte("!--")):
			escaped = true
			i += len("!--")
		case !hidden && tagAt(rest, '/', "script"):
			return i
		case escaped && !hidden && tagAt(rest, 0, "script"):
			hidden = true
			i += len("script") + 1
		case hidden && tagAt(rest, '/', "script"):
			hidden = false
			i += len("/script") + 1
		}
	}
	return len(b)
}
