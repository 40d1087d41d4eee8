package quarantine

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Exported tells what was exported.
type Exported struct {
	Items    int `json:"items"`
	Messages int `json:"messages"`
}

// Export gives an item, or all items of an entry, to write: the original bytes as
// ENTRY.eml, and for each recipient what is known of it, the envelope included, as
// ITEM.json. ErrNotFound, ErrErased.
func (s *Store) Export(ctx context.Context, id string, write func(name string, content []byte) error) (Exported, error) {
	items, err := s.Show(ctx, id)
	if err != nil {
		return Exported{}, err
	}
	var e Exported
	if err = s.export(ctx, items, &e, write); err == nil && e.Items == 0 {
		err = fmt.Errorf("export %s: %w", id, ErrErased)
	}
	return e, s.metrics.count(opRead, err)
}

// ExportDomain exports all items of recipients in a domain that are not erased, the
// oldest first. A message that is damaged is left out; its item is not, and the
// error names it when all others are written.
func (s *Store) ExportDomain(ctx context.Context, name string, write func(name string, content []byte) error) (e Exported, err error) {
	var damaged []error
	var stored int64
	var last string
	for {
		items, err := s.index.items(ctx, selectItems+` WHERE i.domain = ? AND i.state <> 'erased' AND (i.stored, i.id) > (?, ?)
			ORDER BY i.stored, i.id LIMIT ?`, domain(name), stored, last, maxErase)
		if err != nil {
			return e, s.metrics.count(opRead, err)
		}
		if len(items) == 0 {
			return e, errors.Join(damaged...)
		}
		for _, it := range items {
			switch err := s.export(ctx, []Item{it}, &e, write); {
			case errors.Is(err, ErrCorrupt):
				damaged = append(damaged, s.metrics.count(opRead, err))
			case err != nil && !errors.Is(err, ErrErased):
				return e, s.metrics.count(opRead, err)
			}
			stored, last = it.Stored.UnixMicro(), it.ID
		}
	}
}

// export writes items of one entry, and its message after the first of them.
func (s *Store) export(ctx context.Context, items []Item, e *Exported, write func(string, []byte) error) error {
	done := false
	for _, it := range items {
		if it.State == Erased {
			continue
		}
		text, err := json.MarshalIndent(it, "", "  ")
		if err != nil {
			return err
		}
		if err := write(it.ID+".json", append(text, '\n')); err != nil {
			return err
		}
		e.Items++
		if done {
			continue
		}
		done = true
		message, err := s.message(ctx, it)
		if err != nil {
			return fmt.Errorf("message of %s: %w", it.ID, err)
		}
		switch err := write(it.Entry+".eml", message); {
		case errors.Is(err, os.ErrExist): // with another recipient of the same message
		case err != nil:
			return err
		default:
			e.Messages++
		}
	}
	return nil
}

// ToFolder makes the folder dir and returns what writes files into it, each synced,
// for our eyes only. It never writes over a file: os.ErrExist.
func ToFolder(dir string) (func(name string, content []byte) error, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return func(name string, content []byte) error {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		return errors.Join(err, f.Sync(), f.Close(), disk{}.syncDir(dir))
	}, nil
}

// ToArchive returns what writes files into a tar archive, and what ends it.
func ToArchive(w io.Writer, now time.Time) (write func(name string, content []byte) error, end func() error) {
	archive := tar.NewWriter(w)
	seen := map[string]bool{}
	return func(name string, content []byte) error {
		if seen[name] {
			return fmt.Errorf("%s: %w", name, os.ErrExist)
		}
		seen[name] = true
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: now}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err := archive.Write(content)
		return err
	}, archive.Close
}
