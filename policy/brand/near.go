package brand

import (
	"maps"
	"math/bits"
	"strings"

	"sekisho/filter/claim/canon"
)

// nearby finds misspelt names in short texts. Its names lie in the order of
// their sizes, each with the set of its letters: two texts within n edits of each
// other differ in at most 2n letters, so that few are compared in full.
type nearby struct {
	sets  [maxNearBytes + 1][]uint64 // the letters of names, by size
	names [maxNearBytes + 1][]nearName
	known map[string]struct{} // everyday words: no misspellings of a name
}

type nearName struct {
	text  string // folded
	edits int    // how many make a misspelling
	name  int32  // in Catalogue.names
}

// Near finds the name that a short text misspells: a run of whole words, of
// the whole text if it can be, that is one edit away from a Latin name of
// six letters or more, or two from one of nine (insertion, deletion, substitution
// or transposition of neighbours), or leaves out two inner letters of one of
// seven. Runs that are everyday words or names of brands themselves are none; nor
// are those that differ in a final s. Texts of more than a few words are no names
// and not looked at.
func (c *Catalogue) Near(t canon.Text) (Match, bool) {
	if c.near == nil || len(t.Folded) > maxNearText {
		return Match{}, false
	}
	words := fields(t.Folded)
	if len(words) == 0 || len(words) > maxNearWords {
		return Match{}, false
	}
	for n := min(len(words), maxNearRun); n > 0; n-- {
		for i := 0; i+n <= len(words); i++ {
			start, end := words[i].start, words[i+n-1].end
			if name, ok := c.near.closest(t.Folded[start:end]); ok {
				m := &c.names[name]
				return Match{Brand: m.brand, Alias: m.alias, Start: start, End: end}, true
			}
		}
	}
	return Match{}, false
}

type extent struct{ start, end int }

// fields returns the extents of the words of s, up to one more than Near takes.
func fields(s string) []extent {
	words := make([]extent, 0, maxNearWords+1)
	start := -1
	for i := 0; i <= len(s) && len(words) <= maxNearWords; i++ {
		blank := i == len(s) || kinds[s[i]] == other && strings.IndexByte(" \"'“”()[]<>,;:|/!?*-_", s[i]) >= 0
		switch {
		case blank && start >= 0:
			words = append(words, extent{start, i})
			start = -1
		case !blank && start < 0:
			start = i
		}
	}
	return words
}

// add makes a name known to the search, if it is fit for it.
func (n *nearby) add(folded string, name int32) {
	letters := len(folded) - strings.Count(folded, " ")
	if letters < minNear || len(folded) > maxNearBytes || !ascii(folded) {
		return
	}
	edits := 1
	if letters >= minNearTwice {
		edits = 2
	}
	n.names[len(folded)] = append(n.names[len(folded)], nearName{text: folded, edits: edits, name: name})
	n.sets[len(folded)] = append(n.sets[len(folded)], letterSet(folded))
}

// closest returns the name that run misspells, the least misspelt one.
func (n *nearby) closest(run string) (name int32, ok bool) {
	if len(run) < minNear-1 || len(run) > maxNearBytes || !ascii(run) {
		return 0, false
	}
	if _, word := n.known[run]; word {
		return 0, false
	}
	letters, best := letterSet(run), maxNearEdits+1
	for size := max(minNear, len(run)-2); size <= min(maxNearBytes, len(run)+2); size++ {
		for i, set := range n.sets[size] {
			if bits.OnesCount64(set^letters) > 2*maxNearEdits {
				continue
			}
			m := &n.names[size][i]
			if d := m.distance(run); d < best {
				name, best = m.name, d
			}
		}
	}
	return name, best <= maxNearEdits
}

func letterSet(s string) (set uint64) {
	for i := range len(s) {
		set |= 1 << (s[i] & 63)
	}
	return set
}

// distance is the number of edits that run is away from the name, one more than
// maxNearEdits for too many and for those that are no misspelling.
func (m *nearName) distance(run string) int {
	if strings.TrimSuffix(run, "s") == strings.TrimSuffix(m.text, "s") || run == m.text {
		return maxNearEdits + 1
	}
	if m.edits == 1 && len(m.text)-len(run) == 2 {
		if len(m.text) >= minNearShort && leavesOut(m.text, run) {
			return 2
		}
		return maxNearEdits + 1
	}
	if d := damerau(run, m.text); d <= m.edits {
		return d
	}
	return maxNearEdits + 1
}

// leavesOut reports whether run is name without some of its inner letters.
func leavesOut(name, run string) bool {
	if name[0] != run[0] || name[len(name)-1] != run[len(run)-1] {
		return false
	}
	i := 0
	for j := 0; j < len(name) && i < len(run); j++ {
		if name[j] == run[i] {
			i++
		}
	}
	return i == len(run)
}

// damerau is the number of insertions, deletions, substitutions and
// transpositions of neighbours between a and b (optimal string alignment), up to
// maxNearEdits; what is further away is one more.
func damerau(a, b string) int {
	const band = maxNearEdits
	if abs(len(a)-len(b)) > band {
		return band + 1
	}
	var rows [3][maxNearBytes + 1]int8
	for j := range len(b) + 1 {
		rows[0][j] = int8(j)
	}
	for i := 1; i <= len(a); i++ {
		row, last, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = int8(i)
		least := row[0]
		for j := 1; j <= len(b); j++ {
			d := last[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > band {
			return band + 1
		}
	}
	return min(int(rows[len(a)%3][len(b)]), band+1)
}

func abs(n int) int { return max(n, -n) }

// newNearby makes the search of c's names. The everyday words and all spellings
// of all names are known words to it.
func (c *Catalogue) newNearby(spellings []string) {
	c.near = &nearby{known: make(map[string]struct{}, len(spellings)+len(c.everyday))}
	maps.Copy(c.near.known, c.everyday)
	for _, s := range spellings {
		c.near.known[s] = struct{}{}
	}
	for i := range c.names {
		if n := &c.names[i]; n.folded != "" && !n.alias.Ambiguous && !n.alias.Exact {
			c.near.add(n.folded, int32(i))
		}
	}
}
