package record

import (
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// labels are the values of a series' labels, the last ones "" where there are fewer.
type labels [3]string

// series is a counter by labels of which some are open: what an operator configures
// makes series without end. Those that come first have one of their own, up to a
// limit; in all others the open labels say "other".
type series struct {
	*prometheus.CounterVec
	names int   // of labels
	most  int   // series
	open  []int // which labels

	mu    sync.RWMutex
	known map[labels]prometheus.Counter
	rest  map[labels]prometheus.Counter // by the labels with "other" in them
}

func newSeries(o prometheus.CounterOpts, names []string, most int, open ...string) *series {
	s := &series{
		CounterVec: prometheus.NewCounterVec(o, names), names: len(names), most: most,
		known: map[labels]prometheus.Counter{}, rest: map[labels]prometheus.Counter{},
	}
	for _, name := range open {
		s.open = append(s.open, slices.Index(names, name))
	}
	return s
}

// of returns the counter of a series.
func (s *series) of(values labels) prometheus.Counter {
	s.mu.RLock()
	c, _ := s.find(&values)
	s.mu.RUnlock()
	if c != nil {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, in := s.find(&values)
	if c != nil {
		return c
	}
	shown := values
	for i, v := range shown {
		shown[i] = strings.ToValidUTF8(v, "\uFFFD") // anything else the library refuses, with a panic
	}
	c = s.WithLabelValues(shown[:s.names]...)
	in[values] = c
	return c
}

// find looks for a series and tells where it belongs. Where it has none of its own
// the open labels of values become "other".
func (s *series) find(values *labels) (c prometheus.Counter, in map[labels]prometheus.Counter) {
	if c := s.known[*values]; c != nil {
		return c, s.known
	}
	if len(s.known) < s.most {
		return nil, s.known
	}
	for _, i := range s.open {
		values[i] = other
	}
	return s.rest[*values], s.rest
}

// words are the values of a label that is open, up to a limit.
type words struct {
	most int

	mu    sync.RWMutex
	known map[string]struct{}
}

func newWords(most int) *words { return &words{most: most, known: map[string]struct{}{}} }

// of returns the word, or "other" where it is one too many.
func (w *words) of(word string) string {
	w.mu.RLock()
	_, ok := w.known[word]
	w.mu.RUnlock()
	if ok {
		return word
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.known[word]; !ok {
		if len(w.known) >= w.most {
			return other
		}
		w.known[strings.Clone(word)] = struct{}{}
	}
	return word
}
