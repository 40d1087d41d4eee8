package listed

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sekisho/policy/brand"
	"sekisho/policy/strictyaml"
)

// Kind says what an entry means.
type Kind string

const (
	Attacker Kind = "attacker" // an impostor's own
	Spoofed  Kind = "spoofed"  // a real one that impostors write into From
)

// Entry is one line of a list.
type Entry struct {
	Value   string // as listed
	Brand   string // catalogue id of the brand that was claimed; "" when the list names none that is known
	Claimed string // the same in the words of the list
	Kind    Kind
	Where   string // "lists/rakuten.csv:12"
}

// Refused is an entry that was left out, and why.
type Refused struct {
	Entry
	Why string
}

// Lists are all lists together. The zero value holds none; a Lists does not change
// once it is made.
type Lists struct {
	addresses map[string]Entry // by address in small letters
	hosts     map[string]Entry // by host name
	pages     map[string]Entry // by address of a page without its scheme
	refused   []Refused
	more      int // refused beyond MaxRefused
}

// Len is the number of entries in force.
func (l *Lists) Len() int {
	if l == nil {
		return 0
	}
	return len(l.addresses) + len(l.hosts) + len(l.pages)
}

// Refused returns the entries that were left out, the first MaxRefused of them,
// and the number of all.
func (l *Lists) Refused() (first []Refused, all int) {
	if l == nil {
		return nil, 0
	}
	return l.refused, len(l.refused) + l.more
}

// Sender returns the entry of an address: its own, or that of its domain or of one
// above.
func (l *Lists) Sender(address, domain string) (Entry, bool) {
	if l.Len() == 0 {
		return Entry{}, false
	}
	if e, ok := l.addresses[strings.ToLower(address)]; ok {
		return e, true
	}
	return l.host(domain)
}

// Link returns the entry of a page, of its host or of a name above that.
func (l *Lists) Link(page, host string) (Entry, bool) {
	if l.Len() == 0 {
		return Entry{}, false
	}
	key := pageKey(page)
	if e, ok := l.pages[key]; ok {
		return e, true
	}
	bare, _, query := strings.Cut(key, "?")
	if e, ok := l.pages[strings.TrimRight(bare, "/")]; query && ok {
		return e, true
	}
	return l.host(host)
}

func (l *Lists) host(name string) (Entry, bool) {
	for name != "" && len(name) <= maxHost {
		if e, ok := l.hosts[name]; ok {
			return e, true
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return Entry{}, false
}

// Load reads lists against the catalogue whose brands they name. All that is wrong
// in them is told at once, with file and line.
func Load(c *brand.Catalogue, paths ...string) (*Lists, error) {
	if len(paths) > MaxFiles {
		return nil, fmt.Errorf("read lists: more than %d files", MaxFiles)
	}
	l := &loader{
		catalogue: c, brands: map[string]string{},
		lists: &Lists{addresses: map[string]Entry{}, hosts: map[string]Entry{}, pages: map[string]Entry{}},
	}
	problems := make([]error, 0, len(paths))
	for _, path := range paths {
		src, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("read lists: %w", err)
		}
		problems = append(problems, l.read(path, src))
	}
	if err := strictyaml.Join(problems...); err != nil {
		return nil, err
	}
	return l.lists, nil
}

var errTooLarge = errors.New("larger than a list may be")

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	case len(src) > MaxFile:
		return nil, fmt.Errorf("%s: %w: %d bytes", path, errTooLarge, MaxFile)
	}
	return src, nil
}
