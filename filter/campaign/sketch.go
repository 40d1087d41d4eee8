package campaign

import (
	"math/bits"
	"net/netip"
	"strings"
	"unicode"

	"sekisho/filter/claim/canon"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
)

// sketch is a simhash of a text: texts that share most of their pieces differ in
// few bits. 0 is a text that is too short to be told from others.
type sketch uint64

// alike is in how many bits two sketches differ; all of them where one is none.
func (s sketch) distance(o sketch) int {
	if s == 0 || o == 0 {
		return 64
	}
	return bits.OnesCount64(uint64(s ^ o))
}

// hasher hashes under a secret key. Who has the numbers cannot try words on them.
type hasher struct{ key [2]uint64 }

// text hashes a string (FNV-1a, mixed with the key before and after: short, and
// good enough to spread pieces over bits).
func (h hasher) text(s string) uint64 {
	x := h.key[0] ^ 14695981039346656037
	for i := range len(s) {
		x = (x ^ uint64(s[i])) * 1099511628211
	}
	return mix(x ^ h.key[1])
}

// mix is the finalizer of MurmurHash3.
func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// sketch sketches the visible text of a message. Digits are all the same: order
// numbers and times are what copies differ in.
func (h hasher) sketch(m *mail.Message) sketch {
	var votes [64]int
	n := 0
	ring := make([]rune, 0, shingle)
	for _, p := range m.Passages {
		if p.Kind != mail.PassageText && p.Kind != mail.PassageHeading || n == maxShingles {
			continue
		}
		for _, r := range canon.Fold(p.Text).Folded {
			switch {
			case unicode.IsDigit(r):
				r = '0'
			case !unicode.IsLetter(r):
				continue
			}
			if ring = append(ring, r); len(ring) < shingle {
				continue
			}
			x := h.text(string(ring))
			for b := range votes {
				votes[b] += int(x>>b&1)*2 - 1
			}
			ring = append(ring[:0], ring[1:]...)
			if n++; n == maxShingles {
				break
			}
		}
	}
	if n < minShingles {
		return 0
	}
	var s sketch
	for b, v := range votes {
		if v > 0 {
			s |= 1 << b
		}
	}
	return s
}

// shape is what the hosts of links look like, without what they say: letters are
// one a, digits one 9, and what is above the owner's name stays as it is. Copies
// that are sent through different sites of one maker have one shape.
func shape(links []mail.Link) string {
	seen := map[string]bool{}
	var b strings.Builder
	looked := 0
	for _, l := range links {
		if l.Host == "" || l.Kind == mail.LinkImage || looked == maxShapes {
			continue
		}
		looked++
		s := hostShape(l.Host)
		if seen[s] || b.Len()+len(s) >= maxShapeBytes {
			continue
		}
		seen[s] = true
		b.WriteString(s)
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func hostShape(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return "ip"
	}
	suffix := host
	if _, above, ok := strings.Cut(proof.OrgDomain(host), "."); ok {
		suffix = above
	}
	own := strings.TrimSuffix(host, suffix)
	var b strings.Builder
	var last byte
	for i := range len(own) {
		c := own[i]
		switch {
		case c >= '0' && c <= '9':
			c = '9'
		case c != '.' && c != '-':
			c = 'a'
		}
		if c != last || c == '.' {
			b.WriteByte(c)
		}
		last = c
	}
	return b.String() + suffix
}
