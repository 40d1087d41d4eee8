package brand

import "math/bits"

// heads tells in a few instructions whether any of a set of words can begin at a
// place of a text. It says yes too often, as a Bloom filter does (CACM 13(7),
// 1970), and never no wrongly. Most places of most texts begin nothing, and the
// automaton's states for them lie far apart in memory.
type heads struct {
	bits  []uint64
	shift uint
	one   [256]bool // words of one byte
}

// A word is known by its first six bytes (two characters of Han or kana); a
// shorter one by three, two or one.
const (
	longHead   = 6
	middleHead = 3
	shortHead  = 2
	headWindow = 8 // bytes that may looks at together

	bitsPerHead = 8  // about one place in eight is looked at in vain; the table stays near the processor
	minHeadBits = 12 // the smallest table, as a power of two
)

func newHeads(words []string) *heads {
	n := max(minHeadBits, bits.Len(uint(len(words)*bitsPerHead)))
	h := &heads{bits: make([]uint64, 1<<n/64), shift: uint(64 - n)}
	for _, w := range words {
		switch {
		case len(w) >= longHead:
			h.add(head(w, longHead))
		case len(w) >= middleHead:
			h.add(head(w, middleHead))
		case len(w) == shortHead:
			h.add(head(w, shortHead))
		default:
			h.one[w[0]] = true
		}
	}
	return h
}

// head packs the first n bytes of w.
func head(w string, n int) uint64 {
	var x uint64
	for i := range n {
		x |= uint64(w[i]) << (8 * i)
	}
	return x
}

func (h *heads) add(head uint64) {
	k := h.place(head)
	h.bits[k/64] |= 1 << (k % 64)
}

func (h *heads) has(head uint64) bool {
	k := h.place(head)
	return h.bits[k/64]&(1<<(k%64)) != 0
}

// place is a multiplicative hash (Knuth, TAOCP 6.4).
func (h *heads) place(head uint64) uint64 { return head * 0x9e3779b97f4a7c15 >> h.shift }

// may reports whether a word may begin where s begins.
func (h *heads) may(s string) bool {
	if len(s) < headWindow || h.one[s[0]] {
		return true
	}
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return h.has(x&(1<<(8*longHead)-1)) || h.has(x&(1<<(8*middleHead)-1)) || h.has(x&(1<<(8*shortHead)-1))
}
