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
	Registerer prometheus.Registerer `json:"-"` // nil keeps the metrics to ourselves
	Existing   bool                  // fail where there is no store yet, rather than make one
	Now        func() time.Time      `json:"-"` // nil is time.Now

	Database     string // URL of a PostgreSQL database, that several hosts may share; "" is SQLite in the folder
	PasswordFile string // its first line is the password for Database
	Objects      string // s3://BUCKET/PREFIX?endpoint=URL&region=NAME for the messages; "" is files in the folder. Needs Database.
	ObjectsKey   string // file of two lines: access key and secret key for Objects
	KeyFile      string // a key in base64 on each line; the first one encrypts messages, all decrypt. "" leaves them in the clear
}

// Store is an open quarantine. Its methods may be called at the same time.
type Store struct {
	blobs   *blobs
	index   *index
	metrics *metrics
	now     func() time.Time
	sealed  bool // what is in a message is not for the index
	most    int  // MaxRecipients
}

// Open opens the store in the folder dir and makes it when it is not there. Who
// opens it while nobody else has it open also removes what a crash left behind.
// The folder of a store with a database and objects elsewhere is not touched.
func Open(dir string, o Options) (*Store, error) { return open(dir, o, disk{}) }

func open(dir string, o Options, fs files) (_ *Store, err error) {
	where := dir
	if o.Objects != "" {
		where = o.Objects
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{now: o.Now, sealed: o.KeyFile != "", most: MaxRecipients}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open quarantine %s: %w", where, err), s.Close())
		}
	}()
	if o.Objects != "" && o.Database == "" {
		return nil, errors.New("objects need a database that several hosts can share")
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	shelf, err := openShelf(dir, o, fs)
	if err != nil {
		return nil, err
	}
	s.blobs = &blobs{shelf: shelf}
	if o.KeyFile != "" {
		if s.blobs.shelf, err = openSealed(shelf, o.KeyFile); err != nil {
			s.blobs.shelf = shelf
			return nil, err
		}
	}
	if s.index, err = openIndex(context.Background(), dir, o, s.blobs.present); err != nil {
		return nil, err
	}
	if o.Database == "" {
		// The database is a new name in dir, and dir may be one in its parent.
		if err = errors.Join(fs.syncDir(dir), fs.syncDir(filepath.Dir(dir))); err != nil {
			return nil, err
		}
	}
	s.metrics, err = newMetrics(o.Registerer)
	if err == nil && o.Registerer != nil {
		err = o.Registerer.Register(newCensus(s))
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// openShelf opens or makes the place for the messages.
func openShelf(dir string, o Options, fs files) (shelf, error) {
	if o.Objects != "" {
		return openBucket(o.Objects, o.ObjectsKey)
	}
	if o.Existing && o.Database == "" {
		if _, err := os.Stat(filepath.Join(dir, "index.db")); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return openFolder(fs, dir)
}

// Close waits for nobody: call it when no method is running.
func (s *Store) Close() (err error) {
	if s.index != nil {
		err = s.index.close()
	}
	if s.blobs != nil {
		err = errors.Join(err, s.blobs.shelf.close())
	}
	return err
}

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
		if len(e.Recipients) == 0 || len(e.Recipients) > s.most {
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
	put := s.blobs.share
	if s.index.own {
		put = s.blobs.put
	}
	for try := 1; ; try++ {
		rows, ids := make([]row, len(entries)), make([]string, len(entries))
		for i, e := range entries {
			sum, err := hashOf(e.Header, e.Body)
			if err != nil {
				return nil, err
			}
			ids[i] = strings.ToLower(rand.Text()[:16]) // 80 bits: nobody guesses or repeats one
			if err := put(ctx, s.index.file(sum, ids[i]), e.Header, e.Body); err != nil {
				return nil, fmt.Errorf("store message: %w", err)
			}
			if e.Subject = cut(e.Subject, maxSubject); s.sealed {
				e.Subject = ""
			}
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
	message, err := s.blobs.get(ctx, s.index.file(it.SHA256, it.Entry), it.SHA256, it.Size)
	if errors.Is(err, ErrCorrupt) {
		if now, again := s.index.get(ctx, it.ID); again == nil && now[0].State == Erased || errors.Is(again, ErrNotFound) {
			return nil, ErrErased
		}
	}
	return message, err
}
