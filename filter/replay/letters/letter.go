package letters

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"sekisho/policy/brand"
)

// Kind is what a letter truly is; the words are those of labels.
type Kind string

const (
	Phish   Kind = "impersonation" // poses as a brand
	Genuine Kind = "legit"         // the brand's own mail, proved by one of its domains
	Honest  Kind = "ham"           // other mail that mentions brands
)

// Letter is one message.
type Letter struct {
	Name     string // phish-00042
	Kind     Kind
	Brand    string // catalogue id; "" for honest mail
	Charset  Charset
	Evasions []Evasion // those at work, in the order of layers
	Raw      []byte    // RFC 5322, CRLF line ends
}

// Group names the evasions at work, "none" when there are none.
func (l Letter) Group() string {
	if len(l.Evasions) == 0 {
		return "none"
	}
	names := make([]string, len(l.Evasions))
	for i, e := range l.Evasions {
		names[i] = e.Name
	}
	return strings.Join(names, "+")
}

// Maker writes letters. It is safe for concurrent use.
type Maker struct {
	catalogue *brand.Catalogue
	seed      uint64
	brands    []posed
	evasions  []Evasion
}

// posed is a brand with what letters need of it.
type posed struct {
	*brand.Brand
	theme  theme
	names  []string // as its senders write it
	domain string   // proves it
}

// New returns a Maker for the brands of the selection that c holds. It fails when
// c lacks one of them, or holds no domain that proves it.
func New(c *brand.Catalogue, seed uint64) (*Maker, error) {
	m := &Maker{catalogue: c, seed: seed, evasions: Evasions()}
	for _, s := range selection() {
		for _, id := range s.ids {
			b, ok := c.Brand(id)
			if !ok {
				return nil, fmt.Errorf("letters: the catalogue has no brand %s", id)
			}
			p := posed{Brand: b, theme: s.theme, names: namesOf(b)}
			for _, domain := range slices.Concat(b.MailDomains, b.Domains, under("www.", b.Suffixes), under("www.", b.TLDs)) {
				if c.Owns(id, domain) {
					p.domain = domain
					break
				}
			}
			if p.domain == "" {
				return nil, fmt.Errorf("letters: nothing in the catalogue proves %s", id)
			}
			m.brands = append(m.brands, p)
		}
	}
	return m, nil
}

// Brands is the number of brands that letters pose as.
func (m *Maker) Brands() int { return len(m.brands) }

// namesOf are the first names of a brand that are its own; everyday words only
// where it has no other.
func namesOf(b *brand.Brand) []string {
	const most = 3
	var own, everyday []string
	for _, a := range b.Aliases {
		if a.Ambiguous {
			everyday = append(everyday, a.Name)
		} else {
			own = append(own, a.Name)
		}
	}
	if len(own) == 0 {
		own = everyday
	}
	return own[:min(most, len(own))]
}

func under(prefix string, names []string) []string {
	var all []string
	for _, n := range names {
		all = append(all, prefix+n)
	}
	return all
}

// random is the source of one letter.
func (m *Maker) random(kind Kind, i int) *rand.Rand {
	h := m.seed
	for _, c := range []byte(kind) {
		h = h*31 + uint64(c)
	}
	return rand.New(rand.NewPCG(h, uint64(i)))
}

// Phish returns the i-th phishing letter. Brands, charsets and evasions take
// turns, so that any few thousand letters in a row hold all pairs of brand and
// charset and each evasion many times: alone in one letter of two, beside others
// in one of three, and in the rest no evasion at all.
func (m *Maker) Phish(i int) Letter {
	r := m.random(Phish, i)
	p := m.brands[i%len(m.brands)]
	turn := i / len(m.brands)
	var evasions []Evasion
	switch r.IntN(6) {
	case 0:
	case 1, 2:
		evasions = m.combine(r)
	default:
		evasions = []Evasion{m.evasions[(turn*7+i)%len(m.evasions)]}
	}
	d := newPhish(r, p, charsets()[turn%len(charsets())])
	return m.finish(r, d, evasions, fmt.Sprintf("phish-%05d", i))
}

// Genuine returns the i-th letter of a brand's own.
func (m *Maker) Genuine(i int) Letter {
	r := m.random(Genuine, i)
	p := m.brands[i%len(m.brands)]
	return m.finish(r, newGenuine(r, p, charsets()[i/len(m.brands)%len(charsets())]), nil, fmt.Sprintf("genuine-%05d", i))
}

// Honest returns the i-th letter of somebody who mentions brands.
func (m *Maker) Honest(i int) Letter {
	r := m.random(Honest, i)
	return m.finish(r, newHonest(r, m.brands, charsets()[i%len(charsets())]), nil, fmt.Sprintf("honest-%05d", i))
}

// PhishWith returns a phishing letter in the name of a brand that has one evasion
// alone, for documents and for looking closely. The letter may lack the evasion
// when it can do nothing with the brand's names.
func (m *Maker) PhishWith(evasion, id string, charset Charset) (Letter, bool) {
	at := slices.IndexFunc(m.brands, func(p posed) bool { return p.ID == id })
	e := slices.IndexFunc(m.evasions, func(e Evasion) bool { return e.Name == evasion })
	if at < 0 || e < 0 {
		return Letter{}, false
	}
	r := m.random(Phish, at)
	return m.finish(r, newPhish(r, m.brands[at], charset), []Evasion{m.evasions[e]}, evasion), true
}

// combine picks evasions of two or three layers.
func (m *Maker) combine(r *rand.Rand) []Evasion {
	var picked []Evasion
	skip := layer(r.IntN(2 * int(layers))) // half of the letters combine all layers
	for l := range layers {
		of := slices.DeleteFunc(slices.Clone(m.evasions), func(e Evasion) bool { return e.layer != l })
		if l != skip {
			picked = append(picked, of[r.IntN(len(of))])
		}
	}
	return picked
}

// finish disguises a draft and writes it.
func (m *Maker) finish(r *rand.Rand, d *draft, evasions []Evasion, name string) Letter {
	l := Letter{Name: name, Kind: d.kind, Brand: d.brand.ID}
	for _, e := range evasions {
		if e.apply(r, d) {
			l.Evasions = append(l.Evasions, e)
		}
	}
	l.Raw = d.write(r, name)
	l.Charset = d.charset
	return l
}
