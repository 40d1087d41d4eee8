package css

import (
	"bytes"
	"cmp"
	"slices"
)

// Set is a set of those compounds that stand before the last of a selector, and
// that an element or its ancestors match.
type Set uint64

// Sheet is all style sheets of a document. The zero value is empty and usable.
type Sheet struct {
	Unsure bool // a rule that could not be followed may paint a background
	Cut    bool // a limit was hit; what is past it is unread
	Hides  bool // a rule takes away or shrinks what it matches

	size    int
	rules   []rule
	anchors []compound       // those before the last of a selector, by bit of a Set
	byKey   map[string][]int // rules by the key of their last compound
	before  map[string][]int // anchors by key
	tags    bool             // some key is a type or "*"
	tries   int
	found   []int // scratch of Match
}

// rule is one selector with its declarations.
type rule struct {
	last   compound
	above  Set // anchors that some ancestors have to match
	parent Set // the anchor that the parent has to match
	weight uint32
	style  *Style
}

// compound is a part of a selector without combinators. Its key is "#id",
// ".class", the type in lower case, or "*".
type compound struct {
	key     string
	tag     string
	id      string
	classes []string
}

// Restart lets all elements be matched again, for a second reading.
func (s *Sheet) Restart() { s.tries = 0 }

// Concerns reports whether any rule can apply to e: cheap, and false for most.
func (s *Sheet) Concerns(e *Element) bool {
	return s.tags || len(s.rules) > 0 && (len(e.Class) > 0 || len(e.ID) > 0)
}

// Element is what selectors ask of an element.
type Element struct {
	Tag   []byte // in lower case
	ID    []byte
	Class []byte // the attribute: names with white space between
}

// Match lays the rules that apply to e over style, weakest first. above are the
// anchors that its ancestors match, parent those of its parent; it returns those of
// e itself.
func (s *Sheet) Match(style *Style, e Element, above, parent Set) (own Set) {
	var buf [MaxClasses][]byte
	classes := buf[:0]
	for rest := e.Class; len(rest) > 0 && len(classes) < MaxClasses; {
		var name []byte
		if name, rest = cutField(rest); len(name) > 0 {
			classes = append(classes, name)
		}
	}
	s.found = s.found[:0]
	var key [maxKey]byte
	look := func(mark string, name []byte) {
		if len(name) == 0 || len(name)+1 > len(key) {
			return
		}
		k := append(append(key[:0], mark...), name...)
		own |= s.look(k, &e, classes, above, parent)
	}
	if s.tags {
		look("", e.Tag)
		look("", []byte("*"))
	}
	look("#", e.ID)
	for _, name := range classes {
		look(".", name)
	}
	slices.SortFunc(s.found, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.rules[a].weight, s.rules[b].weight), cmp.Compare(a, b))
	})
	for _, i := range s.found {
		style.Apply(s.rules[i].style)
	}
	return own
}

// look collects the rules of one key that apply, and the anchors.
func (s *Sheet) look(key []byte, e *Element, classes [][]byte, above, parent Set) (own Set) {
	for _, i := range s.before[string(key)] {
		if s.try() && s.anchors[i].fits(e, classes) {
			own |= 1 << i
		}
	}
	for _, i := range s.byKey[string(key)] {
		r := &s.rules[i]
		if s.try() && r.above&^above == 0 && r.parent&^parent == 0 && r.last.fits(e, classes) && !slices.Contains(s.found, i) {
			s.found = append(s.found, i)
		}
	}
	return own
}

// try counts one rule that is tried.
func (s *Sheet) try() bool {
	if s.tries == MaxMatches {
		s.Cut = true
		return false
	}
	s.tries++
	return true
}

// isType reports whether the key is a type or "*".
func (c *compound) isType() bool { return c.key[0] != '.' && c.key[0] != '#' }

// fits reports whether an element matches all of a compound.
func (c *compound) fits(e *Element, classes [][]byte) bool {
	if c.tag != "" && c.tag != string(e.Tag) || c.id != "" && c.id != string(e.ID) {
		return false
	}
	for _, want := range c.classes {
		if !slices.ContainsFunc(classes, func(have []byte) bool { return string(have) == want }) {
			return false
		}
	}
	return true
}

// Add reads the text of a style element.
func (s *Sheet) Add(text []byte) {
	if len(text) > MaxSheet-s.size {
		text, s.Cut = text[:MaxSheet-s.size], true
	}
	s.size += len(text)
	text = bytes.ReplaceAll(text, []byte("<!--"), []byte(" "))
	text = bytes.ReplaceAll(text, []byte("-->"), []byte(" "))
	s.block(uncomment(text), 0)
}

// block reads the rules in a sheet or in a block of rules.
func (s *Sheet) block(text []byte, depth int) {
	for {
		prelude, body, rest, ok := cutRule(text)
		if !ok {
			return
		}
		text = rest
		switch {
		case len(prelude) == 0 || prelude[0] != '@':
			s.rule(prelude, body)
		case applies(prelude) && depth < maxBlocks:
			s.block(body, depth+1)
		}
	}
}

// applies reports whether the rules in a block with that head hold for a plain
// screen.
func applies(head []byte) bool {
	name, query := cutField(head)
	return Is(name, "@layer") || Is(name, "@media") && Screen(query)
}

// Screen reports whether a media query holds for every screen.
func Screen(query []byte) bool {
	query = trim(query)
	return len(query) == 0 || Is(query, "all") || Is(query, "screen") || Is(query, "only screen")
}

// cutRule splits off the first rule: what is before its braces, and between them.
// Rules without braces ("@import ...;") are left out.
func cutRule(text []byte) (prelude, body, rest []byte, ok bool) {
	for text = trim(text); len(text) > 0 && text[0] == '@'; text = trim(text) {
		end := bytes.IndexAny(text, ";{")
		if end < 0 || text[end] == '{' {
			break
		}
		text = text[end+1:]
	}
	open := bytes.IndexByte(text, '{')
	if open < 0 {
		return nil, nil, nil, false
	}
	depth, quote := 1, byte(0)
	for i := open + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote || c == '\n' {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return trim(text[:open]), text[open+1 : i], text[i+1:], true
			}
		}
	}
	return trim(text[:open]), text[open+1:], nil, true // browsers close what is open at the end
}

// rule keeps the selectors of one rule whose declarations matter.
func (s *Sheet) rule(prelude, body []byte) {
	var style Style
	style.Add(body)
	if style.Empty() {
		return
	}
	for len(prelude) > 0 {
		var one []byte
		if i := bytes.IndexByte(prelude, ','); i >= 0 {
			one, prelude = prelude[:i], prelude[i+1:]
		} else {
			one, prelude = prelude, nil
		}
		if len(s.rules) == MaxRules {
			s.Cut, s.Unsure = true, true
			return
		}
		r := rule{style: &style}
		switch s.selector(trim(one), &r) {
		case follows:
			s.keep(r)
		case cannot:
			s.Unsure = s.Unsure || style.Has(Background) || style.Has(BackgroundImage)
		}
	}
}

func (s *Sheet) keep(r rule) {
	if s.byKey == nil {
		s.byKey = map[string][]int{}
	}
	s.tags = s.tags || r.last.isType()
	s.byKey[r.last.key] = append(s.byKey[r.last.key], len(s.rules))
	s.rules = append(s.rules, r)
	for p := range propertyCount {
		if r.style.Has(p) && p != TextColor && p != Background && p != BackgroundImage && p != Width && p != Height {
			s.Hides = true
		}
	}
}
