package quarantine

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// nameOf is the name of an item's or entry's message.
func nameOf(tb testing.TB, s *Store, id string) string {
	tb.Helper()
	items, err := s.Show(tb.Context(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return s.index.file(items[0].SHA256, items[0].Entry)
}

// lay puts raw bytes where a message lies.
func lay(tb testing.TB, s *Store, name string, raw []byte) {
	tb.Helper()
	err := s.blobs.shelf.put(tb.Context(), name, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func TestVerify(t *testing.T) { onEach(t, testVerify) }

func testVerify(t *testing.T, b *backend) {
	var later time.Duration
	s := b.open(t, Options{Now: func() time.Time { return time.Now().Add(later) }})
	check := func(o VerifyOptions, want Verification, faults ...Fault) {
		t.Helper()
		var got []Fault
		o.Told = func(f Fault) error {
			f.Detail = ""
			got = append(got, f)
			return nil
		}
		v, err := s.Verify(t.Context(), o)
		if err != nil || v != want {
			t.Errorf("%+v, %v, want %+v", v, err, want)
		}
		byName := func(a, b Fault) int { return strings.Compare(a.Name, b.Name) }
		slices.SortFunc(got, byName)
		slices.SortFunc(faults, byName)
		if diff := cmp.Diff(faults, got); diff != "" {
			t.Error(diff)
		}
	}
	check(VerifyOptions{}, Verification{})
	whole := stored(t, s, entry("whole", "a@b", "c@d"))
	missing, damaged := stored(t, s, entry("missing", "a@b")), stored(t, s, entry("damaged", "a@b"))
	gone := stored(t, s, entry("gone", "a@b"))
	if _, err := s.Erase(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	check(VerifyOptions{Repair: true}, Verification{Entries: 3, Files: 3})

	if err := s.blobs.shelf.remove(t.Context(), nameOf(t, s, missing)); err != nil {
		t.Fatal(err)
	}
	lay(t, s, nameOf(t, s, damaged), []byte("no message at all"))
	// A message that was not taken: a crash came between it and its row.
	e := entry("orphan", "a@b")
	sum, err := hashOf(e.Header, e.Body)
	if err != nil {
		t.Fatal(err)
	}
	orphan := s.index.file(sum, "neverstored")
	if err := s.blobs.put(t.Context(), orphan, e.Header, e.Body); err != nil {
		t.Fatal(err)
	}
	broken := s.index.file(strings.Repeat("ab", 32), "neverstoredtoo")
	lay(t, s, broken, []byte("cut off"))
	// What is named otherwise, or as in another kind of store, is somebody else's.
	lay(t, s, strings.Repeat("cd", 16), nil)
	other := strings.Repeat("cd", 32)
	if !s.index.own {
		other += "-entry"
	}
	lay(t, s, other, nil)

	bad := []Fault{{Kind: FaultMissing, Entry: missing, Name: nameOf(t, s, missing)}, {Kind: FaultDamaged, Entry: damaged, Name: nameOf(t, s, damaged)}}
	check(VerifyOptions{}, Verification{Entries: 3, Files: 4, Faults: 2}, slices.Clone(bad)...) // the orphans are young
	later = orphanAge + time.Minute
	orphans := []Fault{{Kind: FaultOrphan, Name: orphan}, {Kind: FaultOrphan, Name: broken}}
	check(VerifyOptions{Repair: true}, Verification{Entries: 3, Files: 4, Faults: 4}, append(slices.Clone(bad), orphans...)...)

	// Nothing is removed that could not be saved.
	full := func(string, []byte) error { return errors.New("full") }
	refused := []Fault{orphans[0], orphans[1]}
	refused[1].Mended = true // it cannot be read: nothing to save
	check(VerifyOptions{Orphan: full}, Verification{Entries: 3, Files: 4, Faults: 4, Mended: 1}, append(slices.Clone(bad), refused...)...)
	saved := map[string]string{}
	save := func(name string, message []byte) error {
		saved[name] = string(message)
		return nil
	}
	orphans[0].Mended = true
	check(VerifyOptions{Orphan: save}, Verification{Entries: 3, Files: 3, Faults: 3, Mended: 1}, append(slices.Clone(bad), orphans[0])...)
	if diff := cmp.Diff(map[string]string{orphan: header + "orphan"}, saved); diff != "" {
		t.Error(diff)
	}
	check(VerifyOptions{Orphan: save}, Verification{Entries: 3, Files: 2, Faults: 2}, slices.Clone(bad)...)
	if _, err := s.Message(t.Context(), whole); err != nil {
		t.Error(err)
	}
}

// TestLateStore: a message whose orphan was taken away while it was being stored
// is not acknowledged, or stored again.
func TestLateStore(t *testing.T) { onEach(t, testLateStore) }

func testLateStore(t *testing.T, b *backend) {
	s := b.open(t, Options{})
	e := entry("late", "a@b")
	sum, err := hashOf(e.Header, e.Body)
	if err != nil {
		t.Fatal(err)
	}
	name := s.index.file(sum, "late")
	if err := s.blobs.put(t.Context(), name, e.Header, e.Body); err != nil {
		t.Fatal(err)
	}
	if done, err := s.takeOut(t.Context(), name, func(string, []byte) error { return nil }); err != nil || !done {
		t.Fatalf("%v, %v", done, err)
	}
	r := row{id: "late", sum: sum, size: messageSize(e.Header, e.Body), entry: e}
	if err := s.index.insert(t.Context(), r); err == nil {
		t.Error("a row for a message that is gone")
	}
	// What has become somebody's meanwhile is left.
	id := stored(t, s, e)
	if done, err := s.takeOut(t.Context(), nameOf(t, s, id), func(string, []byte) error { return nil }); err != nil || done {
		t.Errorf("%v, %v", done, err)
	}
	if _, err := s.Message(t.Context(), id); err != nil {
		t.Error(err)
	}
}

// TestMend: where entries have messages of their own, an equal one mends.
func TestMend(t *testing.T) {
	for _, name := range []string{"postgres and files", "postgres and objects"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newBackend(t, name).open(t, Options{})
			whole, bad := stored(t, s, entry("x", "a@b")), stored(t, s, entry("x", "c@d"))
			lay(t, s, nameOf(t, s, bad), bytes.Repeat([]byte("x"), 100))
			if v, err := s.Verify(t.Context(), VerifyOptions{Repair: true}); err != nil || v != (Verification{Entries: 2, Files: 2, Faults: 1, Mended: 1}) {
				t.Errorf("%+v, %v", v, err)
			}
			for _, id := range []string{whole, bad} {
				if message, err := s.Message(t.Context(), id); err != nil || string(message) != header+"x" {
					t.Errorf("%q, %v", message, err)
				}
			}
		})
	}
}
