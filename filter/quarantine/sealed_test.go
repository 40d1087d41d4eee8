package quarantine

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// keyFile writes keys, the first one first.
func keyFile(tb testing.TB, keys ...string) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "keys")
	if err := os.WriteFile(name, []byte("# keys\n\n"+strings.Join(keys, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	return name
}

func newKey() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

// TestSealedTellsNothing: no word of a message, and no hash of one, is where
// messages lie.
func TestSealedTellsNothing(t *testing.T) {
	t.Parallel()
	b := newBackend(t, "sqlite and sealed files")
	s := b.open(t, Options{})
	id := stored(t, s, entry("secret secret secret", "a@b"))
	items, err := s.Show(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	err = filepath.WalkDir(filepath.Join(b.dir, "messages"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names++
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte("secret")) || strings.Contains(path, items[0].SHA256[:8]) {
			t.Errorf("%s: %q", path, text)
		}
		return err
	})
	if err != nil || names != 1 {
		t.Errorf("%d files, %v", names, err)
	}
	if files := messageFiles(t, s); len(files) != 1 || files[0] != items[0].SHA256 {
		t.Errorf("%v", files)
	}
}

// TestSealedObjects: the same on a bucket that hosts share.
func TestSealedObjects(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *backend){
		"put": testPutAndShow, "expire": testExpire, "verify": testVerify, "export": testExport, "killed": func(t *testing.T, b *backend) {
			acknowledged := map[string]string{}
			runAndKill(t, b, 0, acknowledged)
			verify(t, b, acknowledged)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBackend(t, "postgres and objects")
			b.options.KeyFile = keyFile(t, newKey())
			test(t, b)
		})
	}
}

// TestKeysChange: what was stored in the clear or under an old key is readable, is
// shared with what comes later, and is erased with it.
func TestKeysChange(t *testing.T) {
	t.Parallel()
	b := &backend{dir: t.TempDir()}
	first, second := newKey(), newKey()
	var ids []string
	var files []int
	for _, keys := range [][]string{nil, {first}, {second, first}} {
		b.options.KeyFile = ""
		if keys != nil {
			b.options.KeyFile = keyFile(t, keys...)
		}
		s, err := Open(b.dir, b.with(Options{}))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, stored(t, s, entry(strings.Join(keys, ""), "a@b")), stored(t, s, entry("", "a@b")))
		for _, id := range ids {
			if _, err := s.Message(t.Context(), id); err != nil {
				t.Errorf("with %d keys: %v", len(keys), err)
			}
		}
		files = append(files, len(messageFiles(t, s)))
		if v, err := s.Verify(t.Context(), VerifyOptions{}); err != nil || v.Faults != 0 {
			t.Errorf("%+v, %v", v, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if files[0] != 1 || files[1] != 2 || files[2] != 3 {
		t.Errorf("files: %v", files)
	}
	// Without its key a message is not there, and another one is not harmed.
	b.options.KeyFile = keyFile(t, second)
	s := b.open(t, Options{})
	if _, err := s.Message(t.Context(), ids[2]); !errors.Is(err, ErrCorrupt) {
		t.Error(err)
	}
	if v, err := s.Verify(t.Context(), VerifyOptions{Orphan: func(string, []byte) error { return errors.New("taken for an orphan") }}); err != nil || v.Faults != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	b.options.KeyFile = keyFile(t, second, first)
	s = b.open(t, Options{})
	if _, err := s.EraseDomain(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if left := messageFiles(t, s); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestTampered: nothing can be changed, cut, or put in another's place.
func TestTampered(t *testing.T) {
	t.Parallel()
	b := newBackend(t, "sqlite and sealed files")
	s := b.open(t, Options{})
	id, other := stored(t, s, entry("one", "a@b")), stored(t, s, entry("two", "a@b"))
	below := s.blobs.shelf.(*sealed).inner.(*folder)
	path := func(id string) string {
		return below.path(s.blobs.shelf.(*sealed).names(nameOf(t, s, id))[0])
	}
	raw, err := os.ReadFile(path(id))
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, n int, text []byte, want error) {
		t.Helper()
		if err := os.WriteFile(path(id), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Message(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("%s at %d: %v", what, n, err)
		}
	}
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		want := ErrCorrupt
		if i >= len(sealMagic) && i < headSize-nonceSize {
			want = errNoKey
		}
		try("changed", i, changed, want)
		try("cut", i, raw[:i], ErrCorrupt)
	}
	swapped, err := os.ReadFile(path(other))
	if err != nil {
		t.Fatal(err)
	}
	try("swapped", 0, swapped, ErrCorrupt)
	try("as it was", 0, raw, nil)
}

func TestKeyFileMistakes(t *testing.T) {
	t.Parallel()
	keys := make([]string, maxKeys+1)
	for i := range keys {
		keys[i] = newKey()
	}
	for text, file := range map[string]string{
		"no such file":       filepath.Join(t.TempDir(), "none"),
		"has no key":         keyFile(t),
		":4: is no key":      keyFile(t, newKey(), newKey()[4:]),
		":3: is no key":      keyFile(t, "not base64!"),
		"more than 100 keys": keyFile(t, keys...),
	} {
		if _, err := Open(t.TempDir(), Options{KeyFile: file}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	opened(t, t.TempDir(), Options{KeyFile: keyFile(t, keys[:maxKeys]...)})
}

// TestSealedSize: one byte past the largest that we write is not read to its end.
func TestSealedSize(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a quarter of a gigabyte")
	}
	s := newBackend(t, "sqlite and sealed files").open(t, Options{}).blobs.shelf.(*sealed)
	name := strings.Repeat("ab", 32)
	for size, fits := range map[int]bool{maxSealed: true, maxSealed + 1: false} {
		err := s.inner.put(t.Context(), s.names(name)[0], func(w io.Writer) error {
			_, err := w.Write(make([]byte, size))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.open(t.Context(), name)
		if (err == nil) != fits {
			t.Errorf("%d bytes: %v", size, err)
		}
		if err == nil {
			r.Close()
		}
	}
}

func TestVeil(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOfN(rapid.Byte(), 32, 32)
		one, err1 := newSealKey(draw.Draw(t, "one"))
		two, err2 := newSealKey(draw.Draw(t, "two"))
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		name := rapid.StringMatching("[0-9a-f]{64}(-[a-z2-7]{16})?").Draw(t, "name")
		veiled := one.veil(name)
		if got, ok := one.unveil(veiled); !ok || got != name || !ours(veiled) || strings.Contains(veiled, name[:64]) {
			t.Fatalf("%q became %q and %q", name, veiled, got)
		}
		if _, ok := two.unveil(veiled); ok && one.id != two.id {
			t.Fatal("another key reads the name")
		}
	})
}
