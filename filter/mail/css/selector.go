package css

import (
	"slices"
	"unicode/utf8"
)

// maxKey is the longest name of a class, id or type that is looked at, with its
// mark.
const maxKey = 64

// reading says what became of a selector.
type reading int

const (
	follows reading = iota
	never           // matches nothing that a reader sees at rest: a:hover, ::before
	cannot          // may match, but is beyond this package
)

// selector reads one selector into r. Combinators are blanks and ">"; the order of
// ancestors is not looked at.
func (s *Sheet) selector(text []byte, r *rule) reading {
	var last compound
	child := false
	for n := 0; ; n++ {
		c, weight, rest, how := parseCompound(text)
		if how != follows {
			return how
		}
		if n == MaxSelector {
			s.Cut = true
			return cannot
		}
		r.weight += weight
		text = trim(rest)
		if len(text) == 0 {
			last = c
			break
		}
		bit, ok := s.anchor(c)
		if !ok {
			return cannot
		}
		if child = text[0] == '>'; child {
			text = trim(text[1:])
		}
		if r.above |= bit; child {
			r.parent = bit
		} else {
			r.parent = 0
		}
	}
	r.last = last
	return follows
}

// anchor numbers a compound that stands before the last.
func (s *Sheet) anchor(c compound) (Set, bool) {
	for _, i := range s.before[c.key] {
		if a := &s.anchors[i]; a.tag == c.tag && a.id == c.id && slices.Equal(a.classes, c.classes) {
			return 1 << i, true
		}
	}
	if len(s.anchors) == MaxAncestors {
		s.Cut = true
		return 0, false
	}
	if s.before == nil {
		s.before = map[string][]int{}
	}
	i := len(s.anchors)
	s.tags = s.tags || c.isType()
	s.before[c.key] = append(s.before[c.key], i)
	s.anchors = append(s.anchors, c)
	return 1 << i, true
}

// parseCompound reads "td.a.b#c" off the front of text. weight counts ids, classes
// and types (Selectors Level 4, section 17).
func parseCompound(text []byte) (c compound, weight uint32, rest []byte, how reading) {
	start := len(text)
	for len(text) > 0 && !space(text[0]) && text[0] != '>' {
		mark := text[0]
		switch mark {
		case '*':
			text = text[1:]
			continue
		case ':':
			name, after := pseudo(text)
			if how = meaning(name); how != follows {
				return c, 0, nil, how
			}
			text = after
			continue
		case '[', '+', '~', '|', '&':
			return c, 0, nil, cannot
		case '.', '#':
			text = text[1:]
		}
		name, after := ident(text)
		if name == "" || len(name)+1 > maxKey {
			return c, 0, nil, cannot
		}
		text = after
		switch mark {
		case '.':
			weight += 1 << 8
			if len(c.classes) == MaxClasses {
				return c, 0, nil, cannot
			}
			c.classes = append(c.classes, name)
		case '#':
			weight += 1 << 16
			c.id = name
		default:
			weight++
			c.tag = string(lower(nil, []byte(name)))
		}
	}
	if len(text) == start {
		return c, 0, nil, cannot
	}
	switch {
	case c.id != "":
		c.key = "#" + c.id
	case len(c.classes) > 0:
		c.key = "." + c.classes[0]
	case c.tag != "":
		c.key = c.tag
	default:
		c.key = "*"
	}
	return c, weight, text, follows
}

// pseudo cuts ":name" or "::name" off, without what is in brackets behind it.
func pseudo(text []byte) (name string, rest []byte) {
	for len(text) > 0 && text[0] == ':' {
		text = text[1:]
	}
	return ident(text)
}

// meaning says what a pseudo-class does to its compound.
func meaning(name string) reading {
	switch name {
	case "link", "any-link":
		return follows
	case "hover", "active", "focus", "visited", "before", "after", "placeholder", "-webkit-input-placeholder", "selection", "checked", "focus-within", "focus-visible", "target", "print":
		return never
	}
	return cannot
}

// ident reads a name with its escapes decoded.
func ident(text []byte) (name string, rest []byte) {
	var out []byte
	i := 0
	for i < len(text) {
		switch c := text[i]; {
		case c == '\\':
			r, n := escape(text[i+1:])
			i += 1 + n
			if n == 0 && i < len(text) {
				out = append(out, text[i])
				i++
			} else {
				out = utf8.AppendRune(out, r)
			}
		case c == '-' || c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z':
			out = append(out, c)
			i++
		default:
			return string(out), text[i:]
		}
	}
	return string(out), nil
}
