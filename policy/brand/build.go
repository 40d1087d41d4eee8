package brand

// builder lays the states of an automaton into its array, breadth first.
type builder struct {
	*automaton
	patterns []pattern // sorted by text
	queue    []span
	free     []int32 // free[i] is the free node after i, for a free i; a list in the order of the array
	back     []int32 // the free node before i
	first    int32   // first free node; -1 for none
	final    int32   // last free node
}

type pattern struct {
	text []byte
	word int32
}

// span is a state that waits for its children: the patterns lo to hi share
// their first depth bytes.
type span struct{ lo, hi, depth, state int32 }

func (b *builder) build() {
	b.first, b.final = -1, -1
	b.grow()
	b.take(0)
	b.nodes[0].out = -1
	b.queue = append(b.queue, span{hi: int32(len(b.patterns))})
	for head := 0; head < len(b.queue); head++ {
		b.expand(b.queue[head])
	}
}

// expand places the children of a state. States of less depth have theirs
// already, so the children's fail states are known.
func (b *builder) expand(s span) {
	for s.lo < s.hi && len(b.patterns[s.lo].text) == int(s.depth) {
		s.lo++ // it ends at this state: terminal() has noted it
	}
	if s.lo == s.hi {
		return
	}
	var labels [256]byte
	n := 0
	for i := s.lo; i < s.hi; i++ {
		if c := b.patterns[i].text[s.depth]; n == 0 || labels[n-1] != c {
			labels[n] = c
			n++
		}
	}
	base := b.place(labels[:n])
	b.nodes[s.state].base = base
	lo := s.lo
	for _, c := range labels[:n] {
		hi := lo
		for hi < s.hi && b.patterns[hi].text[s.depth] == c {
			hi++
		}
		child := base ^ int32(c)
		b.take(child)
		b.nodes[child].check = s.state
		b.nodes[child].fail = b.failOf(s.state, c)
		b.terminal(child, lo, s.depth+1)
		b.queue = append(b.queue, span{lo: lo, hi: hi, depth: s.depth + 1, state: child})
		lo = hi
	}
}

// failOf is the longest proper suffix of the state's child by c that is a state.
func (b *builder) failOf(state int32, c byte) int32 {
	if state == 0 {
		return 0
	}
	return b.step(b.nodes[state].fail, c)
}

// terminal notes the words that end at a state of the given depth, the first of
// whose patterns is lo.
func (b *builder) terminal(state, lo, depth int32) {
	out := b.nodes[b.nodes[state].fail].out
	if p := b.patterns[lo]; len(p.text) == int(depth) {
		b.next[p.word] = out
		out = p.word
	}
	b.nodes[state].out = out
}

// place finds a base for which the nodes of all labels are free.
func (b *builder) place(labels []byte) int32 {
	const tries = 64 // free places looked at before a new block is opened
	tried := 0
	for at := b.first; at >= 0 && tried < tries; at = b.free[at] {
		if base := at ^ int32(labels[0]); b.fits(base, labels) {
			return base
		}
		tried++
	}
	return b.grow()
}

func (b *builder) fits(base int32, labels []byte) bool {
	for _, c := range labels {
		if b.nodes[base^int32(c)].check != unused {
			return false
		}
	}
	return true
}

const (
	unused = -1
	taken  = -2 // in use, a child of none yet
)

// grow adds a block of free nodes and returns its first.
func (b *builder) grow() int32 {
	start := int32(len(b.nodes))
	for i := start; i < start+block; i++ {
		b.nodes = append(b.nodes, node{check: unused, out: -1})
		b.free = append(b.free, -1)
		b.back = append(b.back, b.final)
		if b.final >= 0 {
			b.free[b.final] = i
		} else {
			b.first = i
		}
		b.final = i
	}
	return start
}

// take removes a node from the free ones.
func (b *builder) take(i int32) {
	before, after := b.back[i], b.free[i]
	if before >= 0 {
		b.free[before] = after
	} else {
		b.first = after
	}
	if after >= 0 {
		b.back[after] = before
	} else {
		b.final = before
	}
	b.nodes[i].check = taken
}
