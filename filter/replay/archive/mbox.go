package archive

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
)

// lines reads a file by lines without keeping a whole one: a line longer than
// the buffer comes in pieces.
type lines struct {
	r      *bufio.Reader
	inside bool // the next piece continues a line
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, lineBuffer)} }

// lineBuffer is the size in bytes of the pieces in which long lines are read.
const lineBuffer = 64 << 10

// next returns the next piece, valid until the next call, and whether it begins a
// line. The last piece comes with io.EOF.
func (l *lines) next() (piece []byte, begins bool, err error) {
	piece, err = l.r.ReadSlice('\n')
	begins = !l.inside
	l.inside = errors.Is(err, bufio.ErrBufferFull)
	if l.inside {
		err = nil
	}
	return piece, begins, err
}

// unquoting reads one message of an mbox: without its "From " line, and with the
// quoting of lines that look like one undone.
type unquoting struct {
	file  *os.File
	lines *lines
	rest  []byte
	err   error
	begun bool
}

// Read implements io.Reader.
func (u *unquoting) Read(p []byte) (int, error) {
	for len(u.rest) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		var begins bool
		u.rest, begins, u.err = u.lines.next()
		switch {
		case !u.begun:
			u.begun, u.rest = !u.lines.inside, nil
		case begins && bytes.HasPrefix(bytes.TrimLeft(u.rest, ">"), []byte(separator)):
			u.rest = bytes.TrimPrefix(u.rest, []byte(">"))
		}
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (u *unquoting) Close() error { return u.file.Close() }
