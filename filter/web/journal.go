package web

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/journal"
)

// lazyJournal opens the journal when it is first needed: it is made with the first
// record, which may be later than we are.
type lazyJournal struct {
	dir string

	mu     sync.Mutex
	reader *journal.Reader
}

// open returns the journal; nil where there is none yet, or none at all.
func (j *lazyJournal) open(ctx context.Context) (*journal.Reader, error) {
	if j.dir == "" {
		return nil, nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.reader != nil {
		return j.reader, nil
	}
	r, err := journal.Open(context.WithoutCancel(ctx), j.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	j.reader = r
	return r, nil
}

func (j *lazyJournal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.reader != nil {
		_ = j.reader.Close()
		j.reader = nil
	}
}

// facts returns what was known when a message was judged; nil when the journal no
// longer has it.
func (j *lazyJournal) facts(ctx context.Context, trace string) (*fact.Facts, error) {
	r, err := j.open(ctx)
	if err != nil || r == nil || trace == "" {
		return nil, err
	}
	return r.Facts(ctx, trace)
}

// subject is what the journal has as subject. That it has none, for whatever
// reason, takes nothing from a list.
func (j *lazyJournal) subject(ctx context.Context, trace string) string {
	f, err := j.facts(ctx, trace)
	if err != nil || f == nil {
		return ""
	}
	return f.Message.Subject
}

// verdicts counts verdicts by slots of time.
func (j *lazyJournal) verdicts(ctx context.Context, since time.Time, slot time.Duration, domains []string) ([]journal.Count, error) {
	r, err := j.open(ctx)
	if err != nil || r == nil {
		return nil, err
	}
	return r.Verdicts(ctx, journal.Range{Since: since}, slot, domains)
}
