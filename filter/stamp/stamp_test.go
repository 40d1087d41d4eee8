package stamp

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sekisho/filter/mail"
)

var noon = time.Unix(1_800_000_000, 0)

func made(tb testing.TB) *Key {
	tb.Helper()
	k, err := Open(filepath.Join(tb.TempDir(), "release.key"))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

const message = "From: a@b.test\r\nSubject: two\r\n\tlines\r\n\r\nbody\r\n"

func fresh() Stamp {
	return Stamp{Kind: Release, Item: "abc-1", Nonce: "n1", Expires: noon.Add(time.Minute)}
}

// TestCheck: what was sealed is genuine on the way that SMTP takes, and nothing
// else is.
func TestCheck(t *testing.T) {
	k, s := made(t), fresh()
	sealed := string(k.Seal(s, "to@x.test", []byte(message))) + message
	other := string(made(t).Seal(s, "to@x.test", []byte(message)))
	for name, tc := range map[string]struct {
		message string
		to      []string
		at      time.Time
		want    error
	}{
		"as sent":          {message: sealed},
		"end of the body":  {message: strings.TrimSuffix(sealed, "\r\n")},
		"mended":           {message: strings.Replace(sealed, "\r\n\r\n", "\r\nDate: x\r\nMessage-ID: <x>\r\n\r\n", 1)},
		"name in capitals": {message: strings.Replace(sealed, Field, strings.ToUpper(Field), 1)},
		"below a forged":   {message: Field + ": v=1\r\n" + sealed},
		"none":             {message: message, want: ErrNone},
		"another key":      {message: other + message, want: ErrForged},
		"another to":       {message: sealed, to: []string{"you@x.test"}, want: ErrForged},
		"two recipients":   {message: sealed, to: []string{"to@x.test", "you@x.test"}, want: ErrShared},
		"nobody":           {message: sealed, to: []string{}, want: ErrShared},
		"late":             {message: sealed, at: s.Expires, want: ErrExpired},
		"body":             {message: strings.Replace(sealed, "body", "Body", 1), want: ErrAltered},
		"header":           {message: strings.Replace(sealed, "two", "2", 1), want: ErrAltered},
		"field on top":     {message: "Received: x\r\n" + sealed, want: ErrAltered},
		"subject added":    {message: strings.Replace(sealed, "\r\n\r\n", "\r\nSubject: x\r\n\r\n", 1), want: ErrAltered},
		"longer life":      {message: strings.Replace(sealed, "x=1800000060", "x=1800009060", 1), want: ErrForged},
		"another item":     {message: strings.Replace(sealed, "i=abc-1", "i=abc-2", 1), want: ErrForged},
		"another kind":     {message: strings.Replace(sealed, "k=release", "k=copy", 1), want: ErrForged},
		"unknown kind":     {message: strings.Replace(sealed, "k=release", "k=other", 1), want: ErrForged},
		"one tag twice":    {message: strings.Replace(sealed, "v=1;", "v=1; v=1;", 1), want: ErrForged},
		"too long":         {message: strings.Replace(sealed, "v=1;", strings.Repeat(" ", maxValue)+"v=1;", 1), want: ErrForged},
		"four before it":   {message: strings.Repeat(Field+": v=1\r\n", maxStamps) + sealed, want: ErrForged},
		"three before it":  {message: strings.Repeat(Field+": v=1\r\n", maxStamps-1) + sealed},
	} {
		to := tc.to
		if to == nil {
			to = []string{"to@x.test"}
		}
		at := tc.at
		if at.IsZero() {
			at = noon
		}
		h, body := split([]byte(tc.message))
		got, err := k.Check(to, h, body, at)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
		if err == nil && got != s {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestAddedFields: what an MTA adds is what a header lacks, and no more.
func TestAddedFields(t *testing.T) {
	k := made(t)
	const resent = "Resent-To: c@d.test\r\nSubject: two\r\n\r\nbody\r\n"
	for name, tc := range map[string]struct {
		message, added string
		want           error
	}{
		"what is missing":         {message: message, added: "Message-Id Date To"},
		"as many as are added":    {message: resent, added: "Resent-Message-Id Resent-Date Resent-From To"},
		"one more":                {message: resent, added: "Resent-Message-Id Resent-Date Resent-From To Date", want: ErrAltered},
		"one that was there":      {message: message, added: "From", want: ErrAltered},
		"one twice":               {message: message, added: "Date DATE", want: ErrAltered},
		"of a message not resent": {message: message, added: "Resent-Date", want: ErrAltered},
		"of no known name":        {message: message, added: "Date Reply-To", want: ErrAltered},
	} {
		sealed := string(k.Seal(fresh(), "to@x.test", []byte(tc.message))) + tc.message
		more := ""
		for _, field := range strings.Fields(tc.added) {
			more += "\r\n" + field + ": x"
		}
		h, body := split([]byte(strings.Replace(sealed, "\r\n\r\n", more+"\r\n\r\n", 1)))
		if _, err := k.Check([]string{"to@x.test"}, h, body, noon); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// TestAnyByteChanged: no change of one byte in the field passes, but of its name's
// case and of white space.
func TestAnyByteChanged(t *testing.T) {
	k := made(t)
	rapid.Check(t, func(t *rapid.T) {
		field := k.Seal(fresh(), "to@x.test", []byte(message))
		at := rapid.IntRange(len(Field)+1, len(field)-3).Draw(t, "at")
		was := field[at]
		field[at] = byte(rapid.IntRange('!', '~').Draw(t, "byte"))
		if field[at] == was || strings.IndexByte(" \t\r\n", was) >= 0 {
			return
		}
		h := mail.Header{{Name: Field, Raw: field}}
		rest, body := split([]byte(message))
		if s, err := k.Check([]string{"to@x.test"}, append(h, rest...), body, noon); err == nil {
			t.Fatalf("passes as %+v with %q", s, field)
		}
	})
}

func TestSplitLosesNothing(t *testing.T) {
	for _, m := range []string{message, "\r\nbody", "a: b", "a: b\r\n", "a: b\r\n\r\n", "no field\r\n c\r\n\r\n\r\nx", ""} {
		h, body := split([]byte(m))
		var b bytes.Buffer
		for _, f := range h {
			b.Write(f.Raw)
		}
		b.WriteString("\r\n")
		b.Write(body)
		if got := b.String(); got != m && got != m+"\r\n" {
			t.Errorf("%q became %q", m, got)
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "release.key")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no key: %v", err)
	}
	keys := make([]*Key, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = Open(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k == nil || !bytes.Equal(k.secret, keys[0].secret) || len(k.secret) != keyBytes {
			t.Fatal("different keys")
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("left behind: %v, %v", names, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "others may use") {
		t.Errorf("readable by others: %v", err)
	}
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("short"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "5 bytes") {
		t.Errorf("short: %v", err)
	}
}
