package watch

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	maxFiles = 1_000_000 // looked at; what is beyond them is not watched
	maxDepth = 8         // folders inside each other
)

// Print stands for the state of files: another print is another state.
type Print [sha256.Size]byte

// Take looks at files, and at all that is in those that are folders, hidden names
// aside. What is not there, or cannot be looked at, is a state like any other.
func Take(files ...string) Print {
	t := newTaker(maxFiles)
	for _, file := range files {
		t.look(unix.AT_FDCWD, "", file, 0)
	}
	return t.print()
}

// taker collects one print.
type taker struct {
	hash  hash.Hash
	buf   []byte         // of what goes into hash next
	left  int            // files
	above map[place]bool // folders that the one at hand is in: a link back to one of them ends there
}

func newTaker(limit int) *taker {
	return &taker{hash: sha256.New(), left: limit, above: map[place]bool{}}
}

func (t *taker) print() Print {
	t.hash.Write(t.buf)
	return Print(t.hash.Sum(nil))
}

// place is what a name leads to.
type place struct{ device, inode uint64 }

// look takes in one name in an open folder, which saves the kernel the walk to it.
// Its path, which begins with parent, is made only where there is a folder to open.
func (t *taker) look(folder int, parent, name string, depth int) {
	if t.left == 0 {
		return
	}
	t.left--
	t.text(name)
	var s unix.Stat_t
	if err := unix.Fstatat(folder, name, &s, 0); err != nil {
		t.failed(err)
		return
	}
	at := place{s.Dev, s.Ino}
	if s.Mode&unix.S_IFMT != unix.S_IFDIR {
		t.numbers(at.device, at.inode, uint64(s.Size), uint64(s.Mtim.Nano()), uint64(s.Mode))
		return
	}
	// What a folder is shows in its names. Its times would show hidden ones too.
	if t.above[at] || depth == maxDepth {
		return
	}
	t.above[at] = true
	t.enter(parent+name, depth)
	delete(t.above, at)
}

func (t *taker) enter(path string, depth int) {
	dir, err := os.Open(path)
	if err != nil {
		t.failed(err)
		return
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		t.failed(err)
	}
	slices.Sort(names)
	folder := int(dir.Fd())
	path += "/"
	for _, name := range names {
		if !strings.HasPrefix(name, ".") {
			t.look(folder, path, name, depth+1)
		}
	}
	t.numbers() // the end: what comes next is not in here
}

// failed notes the kind of an error: the same one is the same state.
func (t *taker) failed(err error) {
	var kind syscall.Errno
	if !errors.As(err, &kind) {
		t.text(err.Error())
		return
	}
	t.numbers(uint64(kind))
}

// text and numbers write so that no two lists of values look the same.
func (t *taker) text(s string) {
	t.numbers(uint64(len(s)))
	t.buf = append(t.buf, s...)
}

func (t *taker) numbers(all ...uint64) {
	t.buf = append(t.buf, byte(len(all)))
	for _, n := range all {
		t.buf = binary.LittleEndian.AppendUint64(t.buf, n)
	}
	const enough = 32 << 10
	if len(t.buf) > enough {
		t.hash.Write(t.buf)
		t.buf = t.buf[:0]
	}
}
