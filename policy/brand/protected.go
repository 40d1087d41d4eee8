package brand

import (
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"sekisho/filter/claim/canon"
)

// Person is somebody of an operator's own organisation in whose name impostors
// write to colleagues.
type Person struct {
	Name      string
	Also      []string // other spellings of the name
	Addresses []string // the person's own, in small letters
	Brand     *Brand   // the organisation
}

// ownCategory is the category of an organisation of the operator's own.
const ownCategory = "own"

// protected is an organisation of the operator's own in a data file: its names and
// domains, and its people.
type protected struct {
	ID         text     `yaml:"id,required"`
	Name       text     `yaml:"name,required"`
	OwnerGroup text     `yaml:"owner_group"`
	Aliases    []label  `yaml:"aliases"`
	Domains    []text   `yaml:"domains,required"`
	ESPDomains []text   `yaml:"esp_domains"`
	People     []person `yaml:"people"`
}

type person struct {
	Name      text   `yaml:"name,required"`
	Also      []text `yaml:"also"`
	Addresses []text `yaml:"addresses"`
}

// entry returns p as the rest of the checks know entries.
func (p *protected) entry() entry {
	return entry{
		ID: p.ID, Name: p.Name, Category: text{Value: ownCategory, Pos: p.ID.Pos}, OwnerGroup: p.OwnerGroup,
		Aliases: p.Aliases, Domains: p.Domains, ESPDomains: p.ESPDomains, own: true, people: p.People,
	}
}

// checkPeople tells people who would never be found, and addresses that are none.
func (e *filed) checkPeople() {
	if len(e.people) > MaxPeople {
		e.doc.Errorf(e.ID.Pos, "%s has more than %d people", e.ID.Value, MaxPeople)
	}
	for i := range e.people {
		p := &e.people[i]
		for _, name := range append([]text{p.Name}, p.Also...) {
			if n := newPersonName(name.Value); !n.whole() {
				e.doc.Errorf(name.Pos, "%q is not the full name of a person: give family and given name, %d words at most", name.Value, maxPersonWords)
			}
		}
		for _, address := range p.Addresses {
			if a, err := mail.ParseAddress(address.Value); err != nil || a.Address != address.Value {
				e.doc.Errorf(address.Pos, "%q is not a mail address", address.Value)
			}
		}
	}
}

// persons returns the people of b.
func (e *entry) persons(b *Brand) []Person {
	var all []Person
	for _, p := range e.people {
		person := Person{Name: p.Name.Value, Also: values(p.Also), Addresses: values(p.Addresses), Brand: b}
		for i, a := range person.Addresses {
			person.Addresses[i] = strings.ToLower(a)
		}
		all = append(all, person)
	}
	return all
}

// personName is a name as it is compared: its words, folded, without what stands
// between them.
type personName struct {
	words []string
	latin bool // in a script with blanks between words
}

func newPersonName(s string) personName {
	n := personName{words: nameWords(canon.Fold(s).Folded)}
	for _, w := range n.words {
		r, _ := utf8.DecodeRuneInString(w)
		n.latin = n.latin || r < firstSpaceless
	}
	return n
}

// firstSpaceless is where the scripts begin that write names without blanks.
const firstSpaceless = 0x2e80

func nameWords(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool {
		return r < utf8.RuneSelf && !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') || strings.ContainsRune("・。、，（）「」【】［］〈〉", r)
	})
}

// whole reports whether the name is enough to tell a person by: two words where
// words are set apart, two characters elsewhere.
func (n personName) whole() bool {
	if len(n.words) > maxPersonWords {
		return false
	}
	if n.latin {
		return len(n.words) >= 2
	}
	return utf8.RuneCountInString(strings.Join(n.words, "")) >= 2
}

// bears reports whether words, those of a display name, hold the name. Latin
// words may stand in any order, others of a title or firm beside them; names of
// Han characters and kana are a run of whole words, a title behind them.
func (n personName) bears(words []string) bool {
	if n.latin {
		return !slices.ContainsFunc(n.words, func(w string) bool { return !slices.Contains(words, w) })
	}
	name := strings.Join(n.words, "")
	for i := range words {
		joined := ""
		for _, w := range words[i:] {
			joined += w
			if joined == name || strings.HasPrefix(joined, name) && title(joined[len(name):]) {
				return true
			}
			if len(joined) > len(name)+maxTitleBytes {
				break
			}
		}
		if before, ok := strings.CutSuffix(words[i], name); ok && title(before) {
			return true
		}
	}
	return false
}

// titles are what stands before or behind a name without a blank, folded.
var titles = [...]string{"様", "さん", "氏", "殿", "先生", "教授", "社長", "会長", "専務", "常務", "取締役", "代表", "代表取締役", "代表取締役社長", "代表取締役会長", "部長", "課長", "係長", "所長", "室長", "院長", "学長", "理事長", "事務長", "局長", "株式会社"}

func title(s string) bool {
	return slices.ContainsFunc(titles[:], func(t string) bool { return canon.Fold(t).Folded == s })
}

// people finds the persons whose names a display name bears.
type people struct {
	persons []Person
	names   [][]personName // of each person
}

func newPeople(brands []*Brand) *people {
	p := &people{}
	for _, b := range brands {
		for i := range b.People {
			person := &b.People[i]
			names := []personName{newPersonName(person.Name)}
			for _, also := range person.Also {
				names = append(names, newPersonName(also))
			}
			p.persons, p.names = append(p.persons, *person), append(p.names, names)
		}
	}
	return p
}

// People returns the operator's own people whose name a display name bears: those
// that Load was told of as protected. Names are compared after folding; the words
// of Latin names may stand in any order.
func (c *Catalogue) People(name canon.Text) []Person {
	if c.people == nil || len(c.people.persons) == 0 || len(name.Folded) > maxPersonBytes {
		return nil
	}
	words := nameWords(name.Folded)
	if len(words) == 0 || len(words) > maxNameWords {
		return nil
	}
	var found []Person
	for i, person := range c.people.persons {
		if slices.ContainsFunc(c.people.names[i], func(n personName) bool { return n.bears(words) }) {
			found = append(found, person)
		}
	}
	return found
}
