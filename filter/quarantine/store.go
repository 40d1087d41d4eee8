package quarantine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options say how a store is opened. The zero value is good.
type Options struct {
	Registerer prometheus.Registerer // nil keeps the metrics to ourselves
	Existing   bool                  // fail where there is no store yet, rather than make one
	Now        func() time.Time      // nil is time.Now
}

// Store is an open quarantine. Its methods may be called at the same time.
type Store struct {
	blobs   *blobs
	index   *index
	lock    *os.File
	metrics *metrics
	now     func() time.Time
}

// Open opens the store in the folder dir and makes it when it is not there. Who
// opens it while nobody else has it open also removes what a crash left behind.
func Open(dir string, o Options) (*Store, error) { return open(dir, o, disk{}) }

func open(dir string, o Options, fs files) (_ *Store, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open quarantine %s: %w", dir, err)
		}
	}()
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if o.Existing {
		if _, err := os.Stat(filepath.Join(dir, "index.db")); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &Store{now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	if s.blobs, err = openBlobs(fs, dir); err != nil {
		return nil, err
	}
	if s.lock, err = lock(filepath.Join(dir, "lock"), func() error { return empty(fs, s.blobs.tmp) }); err != nil {
		return nil, err
	}
	if s.index, err = openIndex(context.Background(), dir, s.now, s.blobs.present); err != nil {
		return nil, errors.Join(err, s.lock.Close())
	}
	// The database is a new name in dir, and dir may be one in its parent.
	err = errors.Join(fs.syncDir(dir), fs.syncDir(filepath.Dir(dir)))
	if err == nil {
		s.metrics, err = newMetrics(o.Registerer)
	}
	if err == nil && o.Registerer != nil {
		err = o.Registerer.Register(newCensus(s))
	}
	if err != nil {
		return nil, errors.Join(err, s.index.close(), s.lock.Close())
	}
	return s, nil
}

// Close waits for nobody: call it when no method is running.
func (s *Store) Close() error { return errors.Join(s.index.close(), s.lock.Close()) }

// Put stores e and returns the id of the entry. When it returns without an
// error, the message and one item per recipient are on disk. With an error the
// message counts as not stored: the sender has to keep it.
func (s *Store) Put(ctx context.Context, e Entry) (id string, err error) {
	ids, err := s.PutAll(ctx, e)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// PutAll is Put for several entries: with an error none of them is stored.
func (s *Store) PutAll(ctx context.Context, entries ...Entry) (ids []string, err error) {
	begin := time.Now()
	for _, e := range entries {
		if size := messageSize(e.Header, e.Body); size > MaxMessage {
			err = fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
		}
		if len(e.Recipients) == 0 || len(e.Recipients) > MaxRecipients {
			err = fmt.Errorf("quarantine: an entry for %d recipients", len(e.Recipients))
		}
	}
	if err == nil {
		ids, err = s.put(ctx, entries)
	}
	if err != nil {
		return nil, s.metrics.count(opPut, err)
	}
	for _, e := range entries {
		s.metrics.stored.Add(float64(len(e.Recipients)))
		s.metrics.bytes.Add(float64(messageSize(e.Header, e.Body)))
	}
	s.metrics.seconds.Observe(time.Since(begin).Seconds())
	return ids, nil
}

// put writes the messages first and the index second: the other way round a crash
// could leave an item without its message.
func (s *Store) put(ctx context.Context, entries []Entry) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		rows, ids := make([]row, len(entries)), make([]string, len(entries))
		for i, e := range entries {
			sum, err := s.blobs.put(e.Header, e.Body)
			if err != nil {
				return nil, fmt.Errorf("store message: %w", err)
			}
			ids[i] = strings.ToLower(rand.Text()[:16]) // 80 bits: nobody guesses or repeats one
			rows[i] = row{id: ids[i], sum: sum, size: messageSize(e.Header, e.Body), entry: e}
		}
		err := s.index.insert(ctx, rows...)
		if errors.Is(err, errLost) && try < maxTries {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("index message: %w", err)
		}
		return ids, nil
	}
}

// List returns the items that f chooses, newest first.
func (s *Store) List(ctx context.Context, f Filter) ([]Item, error) {
	items, err := s.index.list(ctx, f)
	return items, s.metrics.count(opRead, err)
}

// Show returns the item with that id, or all items of the entry with that id.
// ErrNotFound when there is neither.
func (s *Store) Show(ctx context.Context, id string) ([]Item, error) {
	items, err := s.index.get(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if err == nil {
		err = s.index.heard(ctx, items)
	}
	return items, s.metrics.count(opRead, err)
}

// Message returns the original bytes of an item or entry, held against their
// hash. ErrNotFound, ErrErased, or ErrCorrupt when they are not what was stored.
func (s *Store) Message(ctx context.Context, id string) ([]byte, error) {
	items, err := s.Show(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if it.State == Erased {
			continue
		}
		message, err := s.message(ctx, it)
		if errors.Is(err, ErrErased) {
			return nil, err
		}
		if err != nil {
			return nil, s.metrics.count(opRead, fmt.Errorf("message %s: %w", id, err))
		}
		return message, nil
	}
	return nil, fmt.Errorf("message %s: %w", id, ErrErased)
}

// message reads the message of an item, which may be erased at the same time:
// that is no damage.
func (s *Store) message(ctx context.Context, it Item) ([]byte, error) {
	message, err := s.blobs.get(it.SHA256, it.Size)
	if errors.Is(err, ErrCorrupt) {
		if now, again := s.index.get(ctx, it.ID); again == nil && now[0].State == Erased || errors.Is(again, ErrNotFound) {
			return nil, ErrErased
		}
	}
	return message, err
}
