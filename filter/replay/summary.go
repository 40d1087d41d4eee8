package replay

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sekisho/filter/proof"
	"sekisho/policy"
)

// Summary is what came of all messages of a run.
type Summary struct {
	Archives []string
	Source   proof.Source
	Policy   string // folder, or BuiltIn
	Against  string // "" when nothing was compared
	Workers  int
	Took     time.Duration // of this run, without what it resumed

	Judged   int // with the resumed ones, without the unread
	Resumed  int // of these, from the state file
	Unread   int
	Labelled int
	Verdicts Verdicts
	Points   [MaxPoints + 1]Bar // by points; the last holds all above

	Tagged     Rate // impersonations that were tagged or worse
	Recall     Rate // impersonations that were held
	FalseAlarm Rate // honest messages that were held for a brand claim
	Precision  Rate // impersonations among those and the false alarms

	Kinds  []Row // by kind of label
	Groups []Row // by group of labels, least recall first
	Claims []Row // by brand that is claimed, most frequent first
	Named  []Row // by brand that the label names, most frequent first

	Misses  List // impersonations that were not held
	Alarms  List // honest messages that were held for a brand claim
	Holds   List // messages without a label that were held
	Changes List // messages that the policy compared with judges otherwise
	Errors  List // messages that were not judged

	kinds, groups, claims, named map[string]*Row
	names                        func(id string) string
}

// Verdicts counts messages by verdict.
type Verdicts map[policy.Verdict]int

// Held is the number of messages that were kept from their readers.
func (v Verdicts) Held() int {
	return v[policy.Quarantine] + v[policy.Reject] + v[policy.Tempfail]
}

// Bar is one bar of the histogram of points.
type Bar struct {
	Poses  int // impersonations
	Others int // labelled otherwise
	Plain  int // without a label
}

// All is the height of the bar.
func (b Bar) All() int { return b.Poses + b.Others + b.Plain }

// Row counts the messages that have a name in common.
type Row struct {
	Name     string
	All      int
	Verdicts Verdicts
	Recall   Rate // impersonations that were held
	Alarms   Rate // honest messages that were held for a brand claim
}

// List is a list of messages, cut at MaxListed.
type List struct {
	All      int
	Outcomes []Outcome
}

func (l *List) add(o *Outcome) {
	if l.All++; len(l.Outcomes) < MaxListed {
		l.Outcomes = append(l.Outcomes, *o)
	}
}

// Cut is the number of messages that are not listed.
func (l List) Cut() int { return l.All - len(l.Outcomes) }

func newSummary(opt *Options, j *judge, archives []string) *Summary {
	s := &Summary{
		Archives: archives, Source: opt.Source, Policy: cmp.Or(opt.Policies, BuiltIn), Against: opt.Against, Workers: opt.Workers,
		Verdicts: Verdicts{}, kinds: map[string]*Row{}, groups: map[string]*Row{}, claims: map[string]*Row{}, named: map[string]*Row{},
	}
	s.names = func(id string) string {
		if b, ok := j.gate.Set().Brands.Brand(id); ok {
			return b.Name
		}
		return id
	}
	return s
}

// NewSummary begins a summary of outcomes that come from elsewhere than a run over
// archives; source says where, policy and against what judged.
func NewSummary(source, policy, against string) *Summary {
	return &Summary{
		Archives: []string{source}, Policy: policy, Against: against,
		Verdicts: Verdicts{}, kinds: map[string]*Row{}, groups: map[string]*Row{}, claims: map[string]*Row{}, named: map[string]*Row{},
		names: func(id string) string { return id },
	}
}

// Add counts one outcome.
func (s *Summary) Add(o *Outcome) { s.add(o) }

// Finish ends a summary that NewSummary has begun.
func (s *Summary) Finish(took time.Duration, workers int) {
	s.Took, s.Workers = took, workers
	s.finish()
}

// add counts one message.
func (s *Summary) add(o *Outcome) {
	if o.Error != "" {
		s.Unread++
		s.Errors.add(o)
		return
	}
	s.Judged++
	s.Verdicts[o.Verdict]++
	bar := &s.Points[min(max(o.Points, 0), MaxPoints)]
	switch {
	case o.Label == nil:
		bar.Plain++
	case o.Label.Poses():
		bar.Poses++
	default:
		bar.Others++
	}
	if o.Brand != "" {
		count(s.claims, s.names(o.Brand), o)
	}
	if o.Changed() {
		s.Changes.add(o)
	}
	if o.Label != nil {
		s.addLabelled(o)
	} else if o.Held() {
		s.Holds.add(o)
	}
}

// addLabelled holds a message against its label.
func (s *Summary) addLabelled(o *Outcome) {
	s.Labelled++
	count(s.kinds, cmp.Or(o.Label.Kind, "(none)"), o)
	if o.Label.Group != "" {
		count(s.groups, o.Label.Group, o)
	}
	if o.Label.Brand != "" {
		count(s.named, o.Label.Brand, o)
	}
	switch held := o.Held(); {
	case o.Label.Poses():
		s.Tagged.count(o.Caught())
		s.Recall.count(held)
		if held {
			s.Precision.count(true)
		} else {
			s.Misses.add(o)
		}
	case o.Label.Honest():
		alarm := held && o.ForClaim()
		s.FalseAlarm.count(alarm)
		if alarm {
			s.Precision.count(false)
			s.Alarms.add(o)
		}
	}
}

// count counts o in the row of that name.
func count(index map[string]*Row, name string, o *Outcome) {
	r := index[name]
	if r == nil {
		r = &Row{Name: name, Verdicts: Verdicts{}}
		index[name] = r
	}
	r.All++
	r.Verdicts[o.Verdict]++
	switch {
	case o.Label.Poses():
		r.Recall.count(o.Held())
	case o.Label.Honest():
		r.Alarms.count(o.Held() && o.ForClaim())
	}
}

// finish puts the rows in order: most messages first, then by name. Groups are
// there to show where work is needed: those of least recall come first.
func (s *Summary) finish() {
	s.Kinds, s.Groups, s.Claims, s.Named = sorted(s.kinds), sorted(s.groups), sorted(s.claims), sorted(s.named)
	slices.SortStableFunc(s.Groups, func(a, b Row) int { return cmp.Compare(a.Recall.Share(), b.Recall.Share()) })
}

func sorted(index map[string]*Row) []Row {
	rows := make([]Row, 0, len(index))
	for _, name := range slices.Sorted(maps.Keys(index)) {
		rows = append(rows, *index[name])
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(b.All, a.All) })
	return rows
}
