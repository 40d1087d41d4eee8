package claim

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// collection keeps the strongest claim for each brand and place, in the order in
// which places were first found.
type collection struct {
	claims []Claim
}

func (c *collection) add(n Claim) {
	for i := range c.claims {
		old := &c.claims[i]
		if old.Brand != n.Brand || old.Place != n.Place {
			continue
		}
		if n.weight() > old.weight() {
			*old = n
		}
		return
	}
	if len(c.claims) < maxClaims {
		c.claims = append(c.claims, n)
	}
}

// weight orders claims of one brand in one place: the stronger first, and of two
// equals the one whose name is nobody else's.
func (c Claim) weight() int {
	w := 2 * c.Strength.rank()
	if !c.Ambiguous {
		w++
	}
	return w
}

func (s Strength) rank() int {
	switch s {
	case Strong:
		return 4
	case Medium:
		return 3
	case Weak:
		return 2
	case Mention:
		return 1
	}
	return 0
}

// AtLeast reports whether s claims as much as o or more.
func (s Strength) AtLeast(o Strength) bool { return s.rank() >= o.rank() }

// least returns the weaker of two strengths.
func least(s, o Strength) Strength {
	if s.AtLeast(o) {
		return o
	}
	return s
}

// cut returns at most n bytes of s, ending at a rune edge.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// around returns the part of text, at most maxSeenBytes long, in which seen
// stands; text starts it where that shows seen whole.
func around(text, seen string) string {
	text = strings.TrimSpace(text)
	if len(text) <= maxSeenBytes {
		return text
	}
	at := strings.Index(text, seen)
	if at < 0 || at+len(seen) <= maxSeenBytes {
		return cut(text, maxSeenBytes)
	}
	at -= min(at, maxSeenBytes/2)
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return cut(text[at:], maxSeenBytes)
}

// spelledAsName reports whether an everyday word is written as the name it also
// is: "Apple" but not "apple", "ANA" but not "Ana". Scripts without case are
// always written as the name.
func spelledAsName(name, seen string) bool {
	nameLower, nameUpper := caseOf(name)
	seenLower, seenUpper := caseOf(seen)
	switch {
	case !nameLower && !nameUpper:
		return true
	case nameUpper && !nameLower: // an abbreviation
		return !seenLower
	case nameUpper: // a proper name
		return seenUpper
	}
	return !seenUpper // written in lower case, as "au"
}

// caseOf reports which cases the letters of s have.
func caseOf(s string) (lower, upper bool) {
	for _, r := range s {
		lower = lower || unicode.IsLower(r)
		upper = upper || unicode.IsUpper(r)
	}
	return lower, upper
}

// names reports whether anything names the brand yet.
func (c *collection) names(id string) bool {
	for i := range c.claims {
		if c.claims[i].Brand == id {
			return true
		}
	}
	return false
}
