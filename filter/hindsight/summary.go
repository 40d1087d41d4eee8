package hindsight

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sekisho/policy"
)

// Summary is what came of all records.
type Summary struct {
	Was, Is string // what was compared, for people
	Workers int    // 0: nothing was judged again
	Took    time.Duration

	Decisions   int
	Recipients  int
	First, Last time.Time // of the decisions
	Unread      int       // records whose facts could not be read
	Nameless    int       // records made without what people wrote or are called
	Problem     string    // why the first unread one was not read

	Changed int          // recipients with another verdict
	Shifted int          // with the same verdict, by other points or another finding
	Moves   map[Move]int // all recipients
	Domains []Row        // of recipients, most changes first
	Causes  []Row        // findings that made a difference, most changes first
	Listed  []Line       // differences, the first MaxListed
	domains map[string]*Row
	causes  map[string]*Row
}

// Move is from one verdict to another, or the same.
type Move struct{ Was, Is policy.Verdict }

// Row counts the recipients that have a name in common.
type Row struct {
	Name    string
	All     int
	Changed int
	Moves   map[Move]int // differences only
}

func newSummary(was, is string) *Summary {
	return &Summary{Was: was, Is: is, Moves: map[Move]int{}, domains: map[string]*Row{}, causes: map[string]*Row{}}
}

// record counts one decision.
func (s *Summary) record(at time.Time, persons bool) {
	s.Decisions++
	if s.First.IsZero() || at.Before(s.First) {
		s.First = at
	}
	if at.After(s.Last) {
		s.Last = at
	}
	if !persons {
		s.Nameless++
	}
}

func (s *Summary) unread(err error) {
	if s.Unread++; s.Problem == "" {
		s.Problem = err.Error()
	}
}

// add counts one recipient.
func (s *Summary) add(l *Line) {
	s.Recipients++
	move := Move{l.Was.Verdict, l.Is.Verdict}
	s.Moves[move]++
	of := count(s.domains, domain(l.Rcpt))
	if !l.Changed {
		if l.Was.Points != l.Is.Points || l.Was.By != l.Is.By {
			s.Shifted++
		}
		return
	}
	s.Changed++
	of.change(move)
	count(s.causes, string(l.decided())).change(move)
	if len(s.Listed) < MaxListed {
		s.Listed = append(s.Listed, *l)
	}
}

func count(index map[string]*Row, name string) *Row {
	r := index[name]
	if r == nil {
		r = &Row{Name: name, Moves: map[Move]int{}}
		index[name] = r
	}
	r.All++
	return r
}

func (r *Row) change(m Move) {
	r.Changed++
	r.Moves[m]++
}

// finish puts rows in order: most changes first, then by name.
func (s *Summary) finish() {
	s.Domains, s.Causes = sorted(s.domains), sorted(s.causes)
}

func sorted(index map[string]*Row) []Row {
	var rows []Row
	for _, name := range slices.Sorted(maps.Keys(index)) {
		if r := index[name]; r.Changed > 0 {
			rows = append(rows, *r)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(b.Changed, a.Changed) })
	return rows
}
