package campaign

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"go.uber.org/zap"

	"sekisho/filter/wholefile"
)

// state is what a restart must not forget.
type state struct {
	Key       [2]uint64   `json:"key"` // of the numbers in incidents
	Next      int         `json:"next"`
	Incidents []*Incident `json:"incidents"` // the oldest first
}

// Open returns a Watch that goes on with the incidents of its file.
func Open(opt Options) (*Watch, error) {
	if opt.Log == nil {
		opt.Log = zap.NewNop()
	}
	w := &Watch{opt: opt, raised: make(chan struct{}, 1), senders: map[uint64]*sender{}, claims: map[string][]*cluster{}, next: 1}
	if opt.File != "" {
		s, err := load(opt.File)
		if err != nil {
			return nil, err
		}
		w.take(s)
	}
	if w.hash.key == [2]uint64{} {
		var b [16]byte
		if _, err := rand.Read(b[:]); err != nil {
			return nil, err
		}
		w.hash.key = [2]uint64{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])}
	}
	w.metrics = newMetrics(opt.Registerer) // last: after an error nothing is registered
	return w, nil
}

// take makes the watch know again what its incidents are about.
func (w *Watch) take(s state) {
	w.hash.key, w.next, w.incidents = s.Key, max(1, s.Next), s.Incidents
	for _, i := range w.incidents {
		switch {
		case i.Kind == Account && i.Sender != 0 && len(w.senders) < maxSenders:
			w.senders[i.Sender] = &sender{last: i.Last, begun: i.Last, incident: i}
		case i.Kind == Many && len(i.Brands) > 0 && w.clusters < maxClaims && len(w.claims[i.Brands[0]]) < maxAlike:
			c := &cluster{brand: i.Brands[0], sketch: i.Sketch, shape: i.Links, sites: slices.Clone(i.Sites), last: i.Last, orgs: map[string]time.Time{}, incident: i}
			w.claims[c.brand] = append(w.claims[c.brand], c)
			w.clusters++
		}
	}
}

// Run saves incidents until ctx ends, and then once more.
func (w *Watch) Run(ctx context.Context) {
	if w.opt.File == "" {
		return
	}
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-w.raised:
		case <-tick.C:
		case <-ctx.Done():
			w.save(time.Now())
			return
		}
		w.save(time.Now())
	}
}

// save writes what has changed; what nobody asks for any more goes.
func (w *Watch) save(now time.Time) {
	w.mu.Lock()
	w.incidents = slices.DeleteFunc(w.incidents, func(i *Incident) bool { return now.Sub(i.Last) > keepTime })
	s, dirty := state{Key: w.hash.key, Next: w.next}, w.dirty
	for _, i := range w.incidents {
		c := i.clone()
		s.Incidents = append(s.Incidents, &c)
	}
	w.dirty = false
	w.mu.Unlock()
	if !dirty {
		return
	}
	if err := write(w.opt.File, s); err != nil {
		w.metrics.failures.Inc()
		w.opt.Log.Error("incidents are not saved", zap.Error(err))
		w.mu.Lock()
		w.dirty = true
		w.mu.Unlock()
	}
}

// Read returns the incidents of a file, the newest first; none where there is none.
func Read(file string) ([]Incident, error) {
	s, err := load(file)
	var all []Incident
	for _, i := range slices.Backward(s.Incidents) {
		all = append(all, *i)
	}
	return all, err
}

func load(file string) (state, error) {
	var s state
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxFileBytes)).Decode(&s); err != nil {
		return s, fmt.Errorf("%s: %w; mend it, or remove it and incidents are forgotten", file, err)
	}
	for _, i := range s.Incidents {
		if i == nil || len(i.Orgs) == 0 {
			return state{}, fmt.Errorf("%s: an incident without an organisation; mend it, or remove it and incidents are forgotten", file)
		}
	}
	return s, nil
}

func write(file string, s state) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return wholefile.Replace(file, append(text, '\n'))
}
