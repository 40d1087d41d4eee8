package quarantine

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExport(t *testing.T) { onEach(t, testExport) }

func testExport(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	id := stored(t, s, entry("body\r\n", "one@a.example", "two@b.example", "three@A.example"))
	other := stored(t, s, entry("other\r\n", "four@a.example"))
	gone := stored(t, s, entry("gone\r\n", "five@a.example"))
	if _, err := s.Erase(t.Context(), gone); err != nil {
		t.Fatal(err)
	}

	dir := filepath.Join(t.TempDir(), "deep", "export")
	write, err := ToFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := s.Export(t.Context(), id, write); err != nil || e != (Exported{Items: 3, Messages: 1}) {
		t.Errorf("%+v, %v", e, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, id+".eml")); err != nil || string(text) != header+"body\r\n" {
		t.Errorf("%q, %v", text, err)
	}
	var it Item
	text, err := os.ReadFile(filepath.Join(dir, id+"-2.json"))
	if err = errors.Join(err, json.Unmarshal(text, &it)); err != nil || it.Recipient != "two@b.example" || it.Sender != "a@example.com" || it.QueueID != "4AbCdE" {
		t.Errorf("%+v, %v", it, err)
	}
	if info, err := os.Stat(filepath.Join(dir, id+".eml")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := s.Export(t.Context(), id+"-1", write); !errors.Is(err, os.ErrExist) {
		t.Errorf("written over a file: %v", err)
	}
	if _, err := s.Export(t.Context(), gone, write); !errors.Is(err, ErrErased) {
		t.Error(err)
	}
	if _, err := s.Export(t.Context(), "nothing", write); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}

	// A domain's: the message once, and nobody else's items.
	var archive bytes.Buffer
	write, end := ToArchive(&archive, time.Unix(0, 0))
	e, err := s.ExportDomain(t.Context(), "A.example", write)
	if err = errors.Join(err, end()); err != nil || e != (Exported{Items: 3, Messages: 2}) {
		t.Errorf("%+v, %v", e, err)
	}
	var names []string
	for r := tar.NewReader(&archive); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
	if diff := cmp.Diff([]string{id + "-1.json", id + ".eml", id + "-3.json", other + "-1.json", other + ".eml"}, names); diff != "" {
		t.Error(diff)
	}
}

// TestExportBeyondABatch: as many items as there are, of which one is damaged.
func TestExportBeyondABatch(t *testing.T) { onEach(t, testExportBeyondABatch) }

func testExportBeyondABatch(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	const n = maxErase + 2
	to := make([]string, n)
	for i := range to {
		to[i] = "u@a.example"
	}
	stored(t, s, entry("whole\r\n", to...))
	bad := stored(t, s, entry("bad\r\n", "u@a.example"))
	if err := s.blobs.shelf.remove(t.Context(), nameOf(t, s, bad)); err != nil {
		t.Fatal(err)
	}
	write, end := ToArchive(io.Discard, time.Unix(0, 0))
	e, err := s.ExportDomain(t.Context(), "a.example", write)
	if !errors.Is(err, ErrCorrupt) || e != (Exported{Items: n + 1, Messages: 1}) {
		t.Errorf("%+v, %v", e, err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
