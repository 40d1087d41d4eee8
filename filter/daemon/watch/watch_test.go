package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// folder is a folder of files with a fixed time.
type folder struct {
	t   testing.TB
	dir string
}

func newFolder(t testing.TB) folder { return folder{t, t.TempDir()} }

func (f folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f folder) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// write gives each file the same time, so that only what a test is about differs.
func (f folder) write(name, text string) {
	f.t.Helper()
	f.must(os.MkdirAll(filepath.Dir(f.path(name)), 0o700))
	f.must(os.WriteFile(f.path(name), []byte(text), 0o600))
	f.touch(name, 0)
}

func (f folder) touch(name string, later time.Duration) {
	f.t.Helper()
	at := time.Unix(1_800_000_000, 0).Add(later)
	f.must(os.Chtimes(f.path(name), at, at))
}

func (f folder) link(target, name string) {
	f.t.Helper()
	f.must(os.Symlink(target, f.path(name)))
}

func (f folder) rename(from, to string) {
	f.t.Helper()
	f.must(os.Rename(f.path(from), f.path(to)))
}

// TestTake: what has to show does, what does not concern anybody does not.
func TestTake(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(f folder)
		change  func(f folder)
		shows   bool
	}{
		"nothing":            {nil, func(folder) {}, false},
		"read":               {nil, func(f folder) { _, err := os.ReadFile(f.path("a.yaml")); f.must(err) }, false},
		"longer":             {nil, func(f folder) { f.write("a.yaml", "longer") }, true},
		"later":              {nil, func(f folder) { f.touch("a.yaml", time.Microsecond) }, true},
		"earlier":            {nil, func(f folder) { f.touch("a.yaml", -time.Hour) }, true},
		"new file":           {nil, func(f folder) { f.write("b.yaml", "b") }, true},
		"new empty folder":   {nil, func(f folder) { f.must(os.Mkdir(f.path("groups"), 0o700)) }, true},
		"file in a folder":   {func(f folder) { f.write("g/a.yaml", "1") }, func(f folder) { f.write("g/a.yaml", "22") }, true},
		"removed":            {nil, func(f folder) { f.must(os.Remove(f.path("a.yaml"))) }, true},
		"renamed":            {nil, func(f folder) { f.rename("a.yaml", "b.yaml") }, true},
		"unreadable":         {nil, func(f folder) { f.must(os.Chmod(f.path("a.yaml"), 0)) }, true},
		"gone":               {nil, func(f folder) { f.must(os.RemoveAll(f.dir)) }, true},
		"hidden file":        {nil, func(f folder) { f.write(".a.yaml.swp", "b") }, false},
		"file in hidden one": {func(f folder) { f.write(".git/x", "1") }, func(f folder) { f.write(".git/x", "22") }, false},
		// An editor writes the new text beside the old and renames it over.
		"renamed over, same size and time": {func(f folder) { f.write(".tmp", "b") }, func(f folder) { f.rename(".tmp", "a.yaml") }, true},
		// Kubernetes: a.yaml -> ..data/a.yaml, ..data -> ..2026_01.
		"..data": {func(f folder) {
			f.must(os.Remove(f.path("a.yaml")))
			f.write("..2026_01/a.yaml", "a")
			f.write("..2026_02/a.yaml", "b")
			f.link("..2026_01", "..data")
			f.link("..data/a.yaml", "a.yaml")
			f.link("..2026_02", "..data_tmp")
		}, func(f folder) { f.rename("..data_tmp", "..data") }, true},
		"dangling link":          {func(f folder) { f.link("nowhere", "l") }, func(f folder) { f.write("nowhere", "") }, true},
		"link to a folder":       {func(f folder) { f.write(".g/a", "1"); f.link(".g", "g") }, func(f folder) { f.write(".g/a", "22") }, true},
		"link to itself":         {func(f folder) { f.link("l", "l") }, func(folder) {}, false},
		"link to where it is in": {func(f folder) { f.link(".", "l"); f.link("..", "m") }, func(folder) {}, false},
	} {
		f := newFolder(t)
		f.write("a.yaml", "a")
		if tt.prepare != nil {
			tt.prepare(f)
		}
		before := Take(f.dir)
		tt.change(f)
		if got := Take(f.dir) != before; got != tt.shows {
			t.Errorf("%s: shows %v, want %v", name, got, tt.shows)
		}
	}
}

// TestTakeFiles: single files are looked at, and a folder behind a link.
func TestTakeFiles(t *testing.T) {
	f := newFolder(t)
	f.write("releases/1/a.yaml", "a")
	f.write("releases/2/a.yaml", "a")
	f.write("brands.yaml", "a")
	f.link("releases/1", "current")
	look := func() Print { return Take(f.path("current"), f.path("brands.yaml"), f.path("more.yaml")) }
	seen := map[Print]string{look(): "at first"}
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"link", func() { f.link("releases/2", "next"); f.rename("next", "current") }},
		{"file", func() { f.write("brands.yaml", "ab") }},
		{"new file", func() { f.write("more.yaml", "") }},
	} {
		step.do()
		if before, ok := seen[look()]; ok {
			t.Errorf("%s: as %s", step.name, before)
		}
		seen[look()] = step.name
	}
}

// TestDepth: a change in the deepest folder that is looked at shows, one below it
// does not.
func TestDepth(t *testing.T) {
	for past := range 2 {
		f := newFolder(t)
		deep := "f"
		for range maxDepth - 1 + past {
			deep = "d/" + deep
		}
		f.write(deep, "1")
		before := Take(f.dir)
		f.write(deep, "22")
		if shows := Take(f.dir) != before; shows != (past == 0) {
			t.Errorf("%d past the limit: shows %v", past, shows)
		}
	}
}

// TestMaxFiles: the last file that is looked at shows, the one after it does not.
func TestMaxFiles(t *testing.T) {
	f := newFolder(t)
	for _, name := range []string{"a", "b", "c"} {
		f.write(name, "1")
	}
	look := func() Print { // at the folder, a and b
		k := newTaker(3)
		k.look(unix.AT_FDCWD, "", f.dir, 0)
		return k.print()
	}
	before := look()
	f.write("c", "22")
	if look() != before {
		t.Error("c shows")
	}
	f.write("b", "22")
	if look() == before {
		t.Error("b does not show")
	}
}

// TestWatcher: a change is spoken of once it stood still, and once.
func TestWatcher(t *testing.T) {
	p := func(n byte) Print { return Print{n} }
	var w Watcher
	w.Tried(p(1))
	for i, step := range []struct {
		see  Print
		want bool
	}{
		{p(1), false}, {p(1), false}, // as loaded
		{p(2), false}, {p(3), false}, {p(4), false}, // being written
		{p(4), true},  // stands still
		{p(1), false}, // back again, before anybody tried
		{p(1), false},
		{p(5), false}, {p(5), true},
	} {
		if got := w.Look(step.see); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
	w.Tried(p(5)) // and was refused, say
	for range 3 {
		if w.Look(p(5)) {
			t.Error("spoken of twice")
		}
	}
	if w.Look(p(6)) || !w.Look(p(6)) {
		t.Error("the next change is not spoken of after its second look")
	}
}

func BenchmarkTake(b *testing.B) {
	f := newFolder(b)
	const files = 100_000
	for i := range files {
		if err := os.WriteFile(f.path(fmt.Sprintf("d%06d.example.jp.yaml", i)), []byte("thresholds: {tag: 4}\n"), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		Take(f.dir)
	}
	b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
}

// processorTime is what the process has used up to now: on a busy machine it says
// more than the time on the wall.
func processorTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
