package brand

import (
	"iter"
	"slices"
	"strings"
)

// Catalogue is an immutable, checked set of brands. The zero value holds none.
type Catalogue struct {
	brands   []*Brand // by ID
	byID     map[string]int32
	group    []int32   // of each brand; brands without an owner group have one of their own
	groups   [][]int32 // the brands of each group, by ID
	hosts    map[string][]right
	nobody   map[string]nobody
	words    *automaton
	names    []name // by word of the automaton
	near     *nearby
	people   *people
	everyday map[string]struct{} // words that are nobody's name, folded
}

// Brand returns the entry with the given id.
func (c *Catalogue) Brand(id string) (*Brand, bool) {
	i, ok := c.byID[id]
	if !ok {
		return nil, false
	}
	return c.brands[i], true
}

// Len is the number of brands.
func (c *Catalogue) Len() int { return len(c.brands) }

// All yields the brands in the order of their ids.
func (c *Catalogue) All() iter.Seq[*Brand] { return slices.Values(c.brands) }

// assemble makes the catalogue of checked brands.
func assemble(brands []*Brand, lists neverProof, everyday map[string]struct{}) *Catalogue {
	slices.SortFunc(brands, func(a, b *Brand) int { return strings.Compare(a.ID, b.ID) })
	c := &Catalogue{
		brands:   brands,
		byID:     make(map[string]int32, len(brands)),
		group:    make([]int32, len(brands)),
		hosts:    make(map[string][]right, 8*len(brands)),
		everyday: everyday,
	}
	owners := make(map[string]int32)
	for i, b := range brands {
		c.byID[b.ID] = int32(i)
		g, known := owners[b.OwnerGroup]
		if b.OwnerGroup == "" || !known {
			g = int32(len(c.groups))
			c.groups = append(c.groups, nil)
			owners[b.OwnerGroup] = g
		}
		c.group[i] = g
		c.groups[g] = append(c.groups[g], int32(i))
		c.register(b, g)
	}
	c.exclude(lists)
	c.learn()
	c.people = newPeople(brands)
	return c
}

// learn builds the automaton of all spellings of all aliases. Where a variant of
// one alias is another alias itself, the latter has it.
func (c *Catalogue) learn() {
	known := make(map[string]bool, 8*len(c.brands))
	var words []string
	add := func(spelling string, n name) {
		if !known[spelling] {
			known[spelling] = true
			words = append(words, spelling)
			c.names = append(c.names, n)
		}
	}
	var names []name
	var folded []string
	for _, b := range c.brands {
		if b.Tier == Broad {
			c.weaken(b)
		}
		for i := range b.Aliases {
			if b.silent(&b.Aliases[i]) {
				continue
			}
			n, f := newName(b, &b.Aliases[i])
			n.folded = f
			add(f, n)
			n.folded = ""
			names, folded = append(names, n), append(folded, f)
		}
	}
	for _, b := range c.brands {
		for _, p := range b.FooterPrints {
			n, f := newName(b, &Alias{Name: p, Footer: true})
			add(f, n)
		}
	}
	for i, n := range names {
		for _, variant := range spellings(folded[i]) {
			add(variant, n)
		}
	}
	for i, n := range names {
		n.twin = true
		for _, variant := range twins(folded[i]) {
			add(variant, n)
		}
	}
	c.words = newAutomaton(words)
	c.newNearby(words)
}
