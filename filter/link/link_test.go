package link

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var now = time.Unix(1_800_000_000, 0)

func keys(t *testing.T) (*Keys, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "link.key")
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

func TestLink(t *testing.T) {
	t.Parallel()
	k, _ := keys(t)
	l := Link{Item: "a7qscn7oummhlu2y-1", Digest: "abcdefghijklmnopqrstuvwx", Expires: now.Add(time.Hour)}
	token := k.Token(l, "Hanako@kaisha.test")
	if strings.ContainsAny(token, "/?#%+= @") || strings.Contains(token, "anako") || len(token) > maxToken/2 {
		t.Errorf("token %q", token)
	}
	got, err := k.Check(token, now)
	if err != nil || got.Item != l.Item || got.Digest != l.Digest || !got.Expires.Equal(l.Expires) || got.ID() != l.Item+"."+l.Digest {
		t.Errorf("%+v %v", got, err)
	}
	if err := got.For("hanako@KAISHA.test"); err != nil {
		t.Error(err)
	}
	for _, other := range []string{"taro@kaisha.test", "", "hanako@kaisha.test.evil.test"} {
		if err := got.For(other); !errors.Is(err, ErrOther) {
			t.Errorf("%q: %v", other, err)
		}
	}
	if !got.Seen(got.Form()) || got.Seen("") || got.Seen(got.Form()+"x") {
		t.Error("form")
	}
	if _, err := k.Check(token, now.Add(time.Hour-time.Second)); err != nil {
		t.Error(err)
	}
	if _, err := k.Check(token, now.Add(time.Hour)); !errors.Is(err, ErrExpired) {
		t.Error(err)
	}
	if err := (&Link{}).For("hanako@kaisha.test"); !errors.Is(err, ErrOther) {
		t.Error(err)
	}
}

// TestForged: no byte of a link can be changed, taken away or added, and a key of
// somebody else's makes none.
func TestForged(t *testing.T) {
	t.Parallel()
	k, _ := keys(t)
	token := k.Token(Link{Item: "abc-1", Digest: "def", Expires: now.Add(time.Hour)}, "hanako@kaisha.test")
	for i := range len(token) {
		for _, c := range []byte("A0.-_z") {
			if token[i] == c {
				continue
			}
			changed := token[:i] + string(c) + token[i+1:]
			if l, err := k.Check(changed, now); !errors.Is(err, ErrForged) {
				t.Fatalf("%q: %+v %v", changed, l, err)
			}
		}
		if _, err := k.Check(token[:i], now); !errors.Is(err, ErrForged) {
			t.Fatalf("%q: %v", token[:i], err)
		}
	}
	other, _ := keys(t)
	for _, bad := range []string{"", ".", "1.abc-1", token + "A", token + ".", strings.Repeat("A", maxToken) + ".", strings.Repeat("A.", 1<<16),
		other.Token(Link{Item: "abc-1", Digest: "def", Expires: now.Add(time.Hour)}, "hanako@kaisha.test")} {
		if _, err := k.Check(bad, now); !errors.Is(err, ErrForged) {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
}

// TestKeys: a new first key signs, the old one's links go on until it is taken away.
func TestKeys(t *testing.T) {
	t.Parallel()
	old, path := keys(t)
	token := old.Token(Link{Item: "abc-1", Digest: "def", Expires: now.Add(time.Hour)}, "hanako@kaisha.test")
	if again, err := Open(path); err != nil || string(again.all[0]) != string(old.all[0]) {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fresh := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", keyBytes))) + "\n"
	write(fresh + string(text))
	both, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := both.Check(token, now)
	if err != nil || l.For("hanako@kaisha.test") != nil {
		t.Error(err)
	}
	if _, err := old.Check(both.Token(Link{Item: "abc-1", Digest: "def", Expires: now.Add(time.Hour)}, "hanako@kaisha.test"), now); !errors.Is(err, ErrForged) {
		t.Error("signed by the old key")
	}
	for name, bad := range map[string]string{"empty": "", "short": "AAAA\n", "words": "hello\n", "long": strings.Repeat(fresh, maxKeys+1)} {
		write(bad)
		if _, err := Open(path); err == nil {
			t.Errorf("%s file taken", name)
		}
	}
	write(strings.Repeat(fresh, maxKeys))
	if _, err := Open(path); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil {
		t.Error("a file that others read was taken")
	}
}
