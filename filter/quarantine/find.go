package quarantine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sekisho/filter/mail"
)

// Filter chooses items. Zero fields choose all, but items that are erased only
// when State says so.
type Filter struct {
	To     []string  // recipients' domains, and mailboxes where there is an "@"; any case
	Text   string    // words that all are in subject, sender, recipient, brand, reason, client or ids; any case and width
	Brand  string    // catalogue id
	State  State     //
	Since  time.Time // stored at or after
	Before time.Time // stored before
	After  string    // the Next of the page before
	Limit  int       // at most so many, newest first; 0 is 100, never more than MaxList
}

// Page is some of the items that a filter chooses, newest first.
type Page struct {
	Items []Item
	Next  string // Filter.After for what comes next; "" when that was all
}

// ErrPlace says that a Filter's After is none that a Page has had as its Next.
var ErrPlace = errors.New("no such place in a list")

// Find returns the next items that f chooses. It looks through so many items at a
// time and no more: there may be fewer than Limit, or none, and a Next all the same.
func (s *Store) Find(ctx context.Context, f Filter) (Page, error) {
	p, err := s.index.find(ctx, f)
	if errors.Is(err, ErrPlace) {
		return p, err
	}
	return p, s.metrics.count(opRead, err)
}

// List returns the items that f chooses, up to its limit, however long it takes to
// find them.
func (s *Store) List(ctx context.Context, f Filter) ([]Item, error) {
	var all []Item
	for left := f.limit(); ; {
		f.Limit = left - len(all)
		p, err := s.Find(ctx, f)
		if err != nil {
			return nil, err
		}
		if all = append(all, p.Items...); p.Next == "" || len(all) == left {
			return all, nil
		}
		f.After = p.Next
	}
}

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return defaultList
	}
	return min(f.Limit, MaxList)
}

// place is where an item stands in the order of lists.
type place struct {
	stored int64 // microseconds since 1970
	id     string
}

func (p place) String() string { return strconv.FormatInt(p.stored, 36) + "." + p.id }

func parsePlace(s string) (p place, err error) {
	stored, id, ok := strings.Cut(s, ".")
	if p.stored, err = strconv.ParseInt(stored, 36, 64); !ok || err != nil || len(id) > maxID {
		return place{}, fmt.Errorf("%w: %q", ErrPlace, s)
	}
	p.id = id
	return p, nil
}

// newer orders places as lists do.
func newer(a, b place) int {
	return cmp.Or(cmp.Compare(b.stored, a.stored), strings.Compare(b.id, a.id))
}

func placeOf(it Item) place { return place{it.Stored.UnixMicro(), it.ID} }

// clauses are conditions of a query, all of which hold, with their arguments.
type clauses struct {
	text []string
	args []any
}

func (c *clauses) add(text string, args ...any) {
	c.text, c.args = append(c.text, text), append(c.args, args...)
}

func (c clauses) with(text string, args ...any) clauses {
	return clauses{append(slices.Clone(c.text), text), append(slices.Clone(c.args), args...)}
}

func (c clauses) String() string { return strings.Join(c.text, " AND ") }

// walk is one way through an index: all that a filter may choose lies on one or
// several of them.
type walk struct {
	index string
	clauses
}

// walks are the ways that f goes, in the index that leads through the fewest items.
func (f *Filter) walks(from clauses) []walk {
	to := scopes(f.To)
	all := walk{"item_stored", from.with("i.state <> 'erased'")} // word by word the condition of the index
	if f.State != "" && (len(to) == 0 || f.State == Erased) {
		all = walk{"item_state", from.with("i.state = ?", string(f.State))}
	}
	if len(to) == 0 {
		return []walk{all}
	}
	var ways []walk
	for _, t := range to {
		column := "domain"
		if strings.Contains(t, "@") {
			column = "mailbox"
		}
		way := walk{"item_" + column, all.with("i."+column+" = ?", t)}
		if f.State == Erased {
			way.index = all.index
		}
		ways = append(ways, way)
	}
	return ways
}

// scopes are domains and mailboxes in the form in which they are kept, none of which
// is within another.
func scopes(to []string) []string {
	var all []string
	for _, t := range to {
		if strings.Contains(t, "@") {
			all = append(all, Mailbox(t))
		} else {
			all = append(all, domain(t))
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	domains := all
	return slices.DeleteFunc(slices.Clone(all), func(t string) bool {
		_, found := slices.BinarySearch(domains, domain(t))
		return strings.Contains(t, "@") && found
	})
}

// rest is what no index answers; each item on the way has to be looked at.
func (f *Filter) rest() clauses {
	var c clauses
	if f.State != "" && len(f.To) > 0 {
		c.add("i.state = ?", string(f.State))
	}
	if f.Brand != "" {
		c.add("e.brand = ?", f.Brand)
	}
	words := strings.Fields(fold(f.Text))
	for _, w := range words[:min(len(words), maxWords)] {
		c.add("(instr(e.words, ?) > 0 OR instr(i.mailbox, ?) > 0 OR instr(i.cause, ?) > 0 OR instr(i.policy, ?) > 0 OR i.id = ?)", w, w, w, w, w)
	}
	return c
}

func (x *index) find(ctx context.Context, f Filter) (Page, error) {
	var from clauses
	if !f.Since.IsZero() {
		from.add("i.stored >= ?", f.Since.UnixMicro())
	}
	if !f.Before.IsZero() {
		from.add("i.stored < ?", f.Before.UnixMicro())
	}
	if f.After != "" {
		after, err := parsePlace(f.After)
		if err != nil {
			return Page{}, err
		}
		from.add("(i.stored, i.id) < (?, ?)", after.stored, after.id)
	}
	ways, rest := f.walks(from), f.rest()
	horizon, err := x.horizon(ctx, ways, rest)
	if err != nil {
		return Page{}, err
	}
	if horizon != nil {
		rest.add("(i.stored, i.id) >= (?, ?)", horizon.stored, horizon.id)
	}
	limit := f.limit()
	var p Page
	for _, w := range ways {
		all := w.with("e.id = i.entry").with(strings.Join(append([]string{"1 = 1"}, rest.text...), " AND "), rest.args...)
		// The order of the two tables is ours: whoever begins with entries has to sort.
		some, err := x.items(ctx, selectColumns+" FROM item i INDEXED BY "+w.index+" CROSS JOIN entry e WHERE "+all.String()+
			" ORDER BY i.stored DESC, i.id DESC LIMIT ?", append(all.args, limit+1)...)
		if err != nil {
			return Page{}, err
		}
		p.Items = append(p.Items, some...)
	}
	slices.SortStableFunc(p.Items, func(a, b Item) int { return newer(placeOf(a), placeOf(b)) })
	switch {
	case len(p.Items) > limit:
		p.Items = p.Items[:limit]
		p.Next = placeOf(p.Items[limit-1]).String()
	case horizon != nil:
		p.Next = horizon.String()
	}
	return p, nil
}

// horizon is how far one look goes where items have to be looked at; nil for to the end.
func (x *index) horizon(ctx context.Context, ways []walk, rest clauses) (*place, error) {
	if len(rest.text) == 0 {
		return nil, nil
	}
	var nearest *place
	for _, w := range ways {
		found, err := x.reading().query(ctx, "SELECT i.stored, i.id FROM item i INDEXED BY "+w.index+" WHERE "+w.String()+
			" ORDER BY i.stored DESC, i.id DESC LIMIT 1 OFFSET ?", append(slices.Clone(w.args), max(1, x.looked/len(ways))-1)...)
		if err != nil {
			return nil, err
		}
		var p place
		some := found.Next()
		if some {
			err = found.Scan(&p.stored, &p.id)
		}
		if err := errors.Join(err, found.Err(), found.Close()); err != nil {
			return nil, err
		}
		if some && (nearest == nil || newer(p, *nearest) < 0) {
			nearest = &p
		}
	}
	return nearest, nil
}

// fold writes a text as searches compare it: whatever its case and its width.
func fold(s string) string {
	return strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(s, "\uFFFD")))
}

// words is what a search looks through of an entry.
func (r *row) words() string {
	e := &r.entry
	client := ""
	if e.Envelope.Client.IsValid() {
		client = e.Envelope.Client.String()
	}
	text := fold(strings.Join([]string{e.Subject, e.Envelope.Sender, e.Brand, e.Why, client, e.Envelope.ClientName, e.Envelope.QueueID, e.Trace, r.id}, "\n"))
	return cut(text, maxText)
}

// cut shortens a text to so many bytes, at the end of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// Mailbox is the form in which addresses are compared. Local parts are told apart by
// case in theory (RFC 5321, section 2.4) and by nobody's mailboxes.
func Mailbox(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return strings.ToLower(address)
	}
	return strings.ToLower(address[:at]) + "@" + domain(address)
}

// domain is what stands behind the last @ of an address, in lower case and in
// A-labels (RFC 5890).
func domain(address string) string {
	name := address[strings.LastIndexByte(address, '@')+1:]
	if ascii, ok := mail.ASCIIDomain(name); ok {
		return ascii
	}
	return strings.ToLower(name)
}
