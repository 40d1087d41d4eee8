package quarantine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// FaultKind is what is wrong with a message or an entry.
type FaultKind string

const (
	FaultMissing    FaultKind = "missing"    // an entry has no message
	FaultDamaged    FaultKind = "damaged"    // an entry's message is not what was stored
	FaultUnreadable FaultKind = "unreadable" // an entry's message could not be read now
	FaultOrphan     FaultKind = "orphan"     // a message belongs to no entry
)

// Fault is one thing that is not as it should be. Its JSON form is an interface.
type Fault struct {
	Kind   FaultKind `json:"kind"`
	Entry  string    `json:"entry,omitempty"`
	Name   string    `json:"name"` // of the message where messages lie
	Detail string    `json:"detail,omitempty"`
	Mended bool      `json:"mended"`
}

// Verification sums up what Verify has seen.
type Verification struct {
	Entries int `json:"entries"` // held against their messages
	Files   int `json:"files"`   // messages held against the index
	Faults  int `json:"faults"`
	Mended  int `json:"mended"`
}

// VerifyOptions say what becomes of faults. The zero value only tells them.
type VerifyOptions struct {
	Repair bool // put a message that is missing or damaged back, where an equal one is whole

	// Orphan is given messages that belong to no entry, which are removed when it
	// returns without an error: they are what a crash leaves of a message that
	// was not taken, but also all that is left when the index was restored from
	// an older copy. Nil leaves them where they are.
	Orphan func(name string, message []byte) error

	Told func(Fault) error // each fault as it is found; nil is for nobody
}

// Verify reads all that is stored and tells what is not as it should be: each
// entry has its message, with the right hash, and each message an entry. Messages
// younger than an hour are not called orphans, since somebody may be storing them.
func (s *Store) Verify(ctx context.Context, o VerifyOptions) (v Verification, err error) {
	tell := func(f Fault) error {
		v.Faults++
		if f.Mended {
			v.Mended++
		}
		if o.Told == nil {
			return nil
		}
		return o.Told(f)
	}
	if err = s.verifyEntries(ctx, o, &v, tell); err == nil {
		err = s.verifyFiles(ctx, o, &v, tell)
	}
	return v, s.metrics.count(opRead, err)
}

// blobRef is what the index says of a message.
type blobRef struct {
	entry, sum string
	size       int64
}

func (s *Store) verifyEntries(ctx context.Context, o VerifyOptions, v *Verification, tell func(Fault) error) error {
	for last := ""; ; {
		some, err := s.index.refs(ctx, "erased = 0 AND id > ?", last)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, r := range some {
			v.Entries++
			if err := s.verifyEntry(ctx, o, r, tell); err != nil {
				return err
			}
		}
		last = some[len(some)-1].entry
	}
}

func (s *Store) verifyEntry(ctx context.Context, o VerifyOptions, r blobRef, tell func(Fault) error) error {
	name := s.index.file(r.sum, r.entry)
	damage := s.blobs.check(ctx, name, r.sum, r.size)
	if damage == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if now, err := s.index.refs(ctx, "erased = 0 AND id = ?", r.entry); err != nil || len(now) == 0 {
		return err // erased meanwhile
	}
	f := Fault{Kind: FaultUnreadable, Entry: r.entry, Name: name, Detail: damage.Error()}
	switch {
	case errors.Is(damage, errMissing):
		f.Kind = FaultMissing
	case errors.Is(damage, ErrCorrupt):
		f.Kind = FaultDamaged
	}
	if o.Repair && f.Kind != FaultUnreadable {
		mended, err := s.mend(ctx, r, name)
		if err != nil {
			return fmt.Errorf("mend %s: %w", name, err)
		}
		f.Mended = mended
	}
	return tell(f)
}

// mend looks for an equal message that is whole: another entry's, or one that
// belongs to nobody. Where entries share messages there is no other.
func (s *Store) mend(ctx context.Context, r blobRef, name string) (bool, error) {
	if !s.index.own {
		return false, nil
	}
	var message []byte
	found := errors.New("found")
	err := s.blobs.shelf.walk(ctx, r.sum, func(other string, _ time.Time) error {
		if other == name {
			return nil
		}
		var err error
		if message, err = s.blobs.get(ctx, other, r.sum, r.size); err == nil {
			return found
		}
		return nil // no better
	})
	if !errors.Is(err, found) {
		return false, err
	}
	return true, s.blobs.putWritten(ctx, name, func(w io.Writer) error {
		_, err := w.Write(message)
		return err
	})
}

func (s *Store) verifyFiles(ctx context.Context, o VerifyOptions, v *Verification, tell func(Fault) error) error {
	old := s.now().Add(-orphanAge)
	return s.blobs.shelf.walk(ctx, "", func(name string, at time.Time) error {
		if sum, _, own := strings.Cut(name, "-"); own != s.index.own || len(sum) != hashSize {
			return nil // of a store with another index in the same place, or sealed with a key that we do not have
		}
		v.Files++
		known, err := s.index.knows(ctx, name)
		if err != nil || known || at.After(old) {
			return err
		}
		f := Fault{Kind: FaultOrphan, Name: name}
		if o.Orphan != nil {
			if f.Mended, err = s.takeOut(ctx, name, o.Orphan); err != nil {
				f.Detail = err.Error()
			}
		}
		return tell(f)
	})
}

// takeOut removes a message that belongs to nobody, after somebody else has it.
func (s *Store) takeOut(ctx context.Context, name string, save func(string, []byte) error) (bool, error) {
	sum, _, _ := strings.Cut(name, "-")
	message, err := s.blobs.whole(ctx, name, sum)
	if err != nil && !errors.Is(err, ErrCorrupt) {
		return false, err
	}
	if err == nil { // what is damaged is nothing that could be saved
		if err := save(name, message); err != nil {
			return false, err
		}
	}
	return s.index.disown(ctx, name, func() error { return s.blobs.shelf.remove(ctx, name) })
}

// whole reads a message of any size that has that hash.
func (b *blobs) whole(ctx context.Context, name, sum string) ([]byte, error) {
	var message bytes.Buffer
	n, err := b.unpack(ctx, name, sum, MaxMessage, &message)
	if err == nil && n > MaxMessage {
		err = ErrTooLarge
	}
	return message.Bytes(), err
}

// refs reads what the index says of the next messages.
func (x *index) refs(ctx context.Context, where, arg string) (all []blobRef, err error) {
	found, err := x.reading().query(ctx, fmt.Sprintf("SELECT id, sha256, size FROM entry WHERE %s ORDER BY id LIMIT %d", where, maxErase), arg)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var r blobRef
		if err := found.Scan(&r.entry, &r.sum, &r.size); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, found.Err()
}

// knows reports whether a message of that name belongs to an entry, be it one that
// is erased and whose message is still to be removed.
func (x *index) knows(ctx context.Context, name string) (bool, error) {
	return knows(ctx, x.reading(), name)
}

func knows(ctx context.Context, h handle, name string) (bool, error) {
	sum, entry, own := strings.Cut(name, "-")
	var n int
	var err error
	if own {
		err = h.value(ctx, &n, "SELECT count(*) FROM entry WHERE id = ? AND sha256 = ?", entry, sum)
	} else {
		err = h.value(ctx, &n, "SELECT count(*) FROM entry WHERE sha256 = ?", sum)
	}
	return n > 0, err
}

// disown removes a message that no entry has, and that none can get meanwhile: by
// being alone in the database, or by giving its entry's id away for good.
func (x *index) disown(ctx context.Context, name string, remove func() error) (done bool, err error) {
	_, entry, own := strings.Cut(name, "-")
	err = x.change(ctx, func(ctx context.Context, tx handle) error {
		known, err := knows(ctx, tx, name)
		if done = !known; err != nil || known {
			return err
		}
		if own {
			_, err := tx.exec(ctx, `INSERT INTO entry (id, sha256, size, stored, received, sender, sender_args, client,
				client_name, helo, auth_user, queue_id, trace, brand, why, erased)
				VALUES (?1, '', 0, ?2, 0, '', '[]', '', '', '', '', '', '', '', '', ?2) ON CONFLICT DO NOTHING`, entry, x.now().UnixMicro())
			return err
		}
		return remove()
	})
	if err != nil || !done || !own {
		return done && err == nil, err
	}
	// Somebody may have stored it between our look and our row: then the row is his.
	if known, err := x.knows(ctx, name); err != nil || known {
		return false, err
	}
	return true, remove()
}
