package daemon

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestUnixMode: the socket has the mode of the settings, whatever the umask.
func TestUnixMode(t *testing.T) {
	for _, umask := range []int{0, 0o077, 0o777} {
		for _, mode := range []fs.FileMode{0o600, 0o660, 0o666} {
			path := filepath.Join(t.TempDir(), "s")
			before := syscall.Umask(umask)
			l, err := openUnix(path, mode)
			syscall.Umask(before)
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode() != fs.ModeSocket|mode {
				t.Errorf("umask %o, mode %v: %v", umask, mode, info.Mode())
			}
			l.Close()
		}
	}
}

// TestUnixTaken: the socket of a daemon that was killed gives way, one that is
// in use does not, and neither does a file of another kind.
func TestUnixTaken(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	l, err := net.Listen("unix", stale)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	live := filepath.Join(dir, "live")
	if l, err = net.Listen("unix", live); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		stale:                           "",
		live:                            "another process listens there",
		file:                            "address already in use",
		filepath.Join(dir, "gone/sock"): "no such file or directory",
	} {
		got, err := openUnix(path, 0o600)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", path, err)
		case want == "":
			got.Close()
		case err == nil || !strings.Contains(err.Error(), want):
			t.Errorf("%s: %v, want %q", path, err, want)
		}
		if _, err := os.Lstat(path); want != "" && path != filepath.Join(dir, "gone/sock") && err != nil {
			t.Errorf("%s was removed", path)
		}
	}
}
