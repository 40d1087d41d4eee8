package brand

import (
	"bytes"
	"sort"
)

// automaton finds all of a set of words in one pass over a text, after Aho and
// Corasick (CACM 18(6), 1975). Its states lie in one double array in the order
// of their depth, so that the few that most text meets stay together however
// many words there are.
//
// Words made of letters of alphabets are found whole only: the edges of words
// are symbols of their own, put into the text and the patterns alike.
type automaton struct {
	nodes []node
	root  [256]int32 // the step from the root
	size  []int32    // bytes of each word, without edges
	next  []int32    // the next shorter word that ends where this one ends; -1 for none
	heads *heads     // of the words
}

// node is a state. A step by byte c leads to base^c if that one's check is the
// state itself, and tries again from fail if not.
type node struct {
	base, check, fail int32
	out               int32 // the longest word that ends here; -1 for none
}

const (
	wordStart = 1 // edges: bytes that folded text does not hold
	wordEnd   = 2
	block     = 256
)

// kind is what a byte of folded UTF-8 means to the edges of words.
type kind byte

const (
	other kind = iota // punctuation, white space, scripts without blanks between words
	word              // a letter or digit of an alphabet, or the first byte of one
	more              // not the first byte of a character
)

// kinds: characters of two bytes are letters (Latin, Greek, Cyrillic and so on)
// save those that begin with C2, which are signs. Han, kana and Hangul have no
// edges.
var kinds = func() (k [256]kind) {
	for c := range 256 {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 0xc3 && c <= 0xdf:
			k[c] = word
		case c >= 0x80 && c <= 0xbf:
			k[c] = more
		}
	}
	return k
}()

// withEdges returns folded text with the edges of its words.
func withEdges(folded string) []byte {
	b := make([]byte, 0, len(folded)+4)
	in := false
	for i := range len(folded) {
		c := folded[i]
		if k := kinds[c]; k != more && (k == word) != in {
			in = !in
			b = append(b, edge(in))
		}
		b = append(b, c)
	}
	if in {
		b = append(b, wordEnd)
	}
	return b
}

func edge(in bool) byte {
	if in {
		return wordStart
	}
	return wordEnd
}

// newAutomaton builds the automaton of words, which are folded, not empty and
// unique. It reports words by their index.
func newAutomaton(words []string) *automaton {
	a := &automaton{size: make([]int32, len(words)), next: make([]int32, len(words)), heads: newHeads(words)}
	b := &builder{automaton: a, patterns: make([]pattern, len(words))}
	for i, w := range words {
		a.size[i] = int32(len(w))
		b.patterns[i] = pattern{text: withEdges(w), word: int32(i)}
	}
	sort.Slice(b.patterns, func(i, j int) bool { return bytes.Compare(b.patterns[i].text, b.patterns[j].text) < 0 })
	b.build()
	for c := range 256 {
		a.root[c] = a.step(0, byte(c))
	}
	return a
}

func (a *automaton) step(state int32, c byte) int32 {
	for {
		to := a.nodes[state].base ^ int32(c)
		if a.nodes[to].check == state {
			return to
		}
		if state == 0 {
			return 0
		}
		state = a.nodes[state].fail
	}
}

// scan calls found for every word that ends at some place of folded, in the
// order of the ends, longer words first. It stops when found returns false.
func (a *automaton) scan(folded string, found func(word int32, start, end int) bool) {
	var state int32
	in, start := false, a.root[wordStart]
	for i := 0; i < len(folded); i++ {
		c := folded[i]
		k := kinds[c]
		if k != more && (k == word) != in {
			in = !in
			state = a.from(state, edge(in))
			if a.nodes[state].out >= 0 && !a.report(state, i, found) {
				return
			}
			if in && state == start && !a.heads.may(folded[i:]) {
				state = 0
			}
		}
		if state == 0 {
			if in {
				i = skipWord(folded, i)
				continue
			}
			if a.root[c] == 0 || k == other && !a.heads.may(folded[i:]) {
				i = skipCharacter(folded, i)
				continue
			}
		}
		state = a.from(state, c)
		if a.nodes[state].out >= 0 && !a.report(state, i+1, found) {
			return
		}
	}
	if in {
		state = a.from(state, wordEnd)
		a.report(state, len(folded), found)
	}
}

// from is step with a short way for the root.
func (a *automaton) from(state int32, c byte) int32 {
	if state == 0 {
		return a.root[c]
	}
	return a.step(state, c)
}

// skipWord returns the last byte of the word that folded[i] is in: where no
// pattern is under way, none can begin before the next edge.
func skipWord(folded string, i int) int {
	for i+1 < len(folded) && kinds[folded[i+1]] != other {
		i++
	}
	return i
}

// skipCharacter returns the last byte of the character that folded[i] is in.
func skipCharacter(folded string, i int) int {
	for i+1 < len(folded) && kinds[folded[i+1]] == more {
		i++
	}
	return i
}

func (a *automaton) report(state int32, end int, found func(word int32, start, end int) bool) bool {
	for w := a.nodes[state].out; w >= 0; w = a.next[w] {
		if !found(w, end-int(a.size[w]), end) {
			return false
		}
	}
	return true
}
