package tally

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"sekisho/filter/wholefile"
)

const (
	// MaxEntries is how many exceptions are counted.
	MaxEntries = 100_000
	// kept is how long one that is hit no more is remembered.
	kept = 400 * 24 * time.Hour
)

// Hits is how often an exception had an effect.
type Hits struct {
	Count int64     `json:"count"` // messages
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Tally counts hits. It is safe for concurrent use.
type Tally struct {
	file string

	mu      sync.Mutex
	hits    map[string]Hits
	changed bool
}

// Read returns the counts of a file, by exception; none where the file is not there
// yet.
func Read(file string) (map[string]Hits, error) {
	hits := make(map[string]Hits)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return hits, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &hits)
	}
	if err != nil {
		return nil, fmt.Errorf("tally: %s: %w", filepath.Base(file), err)
	}
	return hits, nil
}

// Open begins where a file ends.
func Open(file string) (*Tally, error) {
	hits, err := Read(file)
	if err != nil {
		return nil, err
	}
	return &Tally{file: file, hits: hits}, nil
}

// Hit counts a message on which the exceptions of these ids had an effect.
func (t *Tally) Hit(at time.Time, ids ...string) {
	if len(ids) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		h := t.hits[id]
		if h.Count == 0 {
			h.First = at.UTC()
		}
		h.Count++
		h.Last = at.UTC()
		t.hits[id] = h
	}
	t.changed = true
}

// Save writes what was counted since the last time.
func (t *Tally) Save(now time.Time) error {
	t.mu.Lock()
	if !t.changed {
		t.mu.Unlock()
		return nil
	}
	t.forget(now)
	hits := maps.Clone(t.hits)
	t.changed = false
	t.mu.Unlock()
	text, err := json.Marshal(hits)
	if err == nil {
		err = wholefile.Replace(t.file, append(text, '\n'))
	}
	if err != nil {
		t.mu.Lock()
		t.changed = true
		t.mu.Unlock()
		return fmt.Errorf("tally: %w", err)
	}
	return nil
}

// forget drops what was hit long ago, and what there is no room for.
func (t *Tally) forget(now time.Time) {
	maps.DeleteFunc(t.hits, func(_ string, h Hits) bool { return now.Sub(h.Last) > kept })
	if len(t.hits) <= MaxEntries {
		return
	}
	ids := slices.SortedFunc(maps.Keys(t.hits), func(a, b string) int { return t.hits[b].Last.Compare(t.hits[a].Last) })
	for _, id := range ids[MaxEntries:] {
		delete(t.hits, id)
	}
}
