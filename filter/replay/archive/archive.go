package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Message is one message of an archive, not yet opened.
type Message struct {
	Name string // path of the file with slashes; in an mbox, "#" and its number from 1 behind it

	path   string
	mbox   bool
	offset int64 // in an mbox: of its "From " line
	size   int64
}

// Open returns the message as its file holds it, line ends untouched. The caller
// closes it.
func (m Message) Open() (io.ReadCloser, error) {
	f, err := os.Open(m.path)
	if err != nil || !m.mbox {
		return f, err
	}
	return &unquoting{file: f, lines: newLines(io.NewSectionReader(f, m.offset, m.size))}, nil
}

// Messages walks over the archives in the order given. What can't be read is
// yielded as an error, and the walk goes on; only a consumer ends it early.
func Messages(paths []string) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for _, path := range paths {
			if !walk(path, yield) {
				return
			}
		}
	}
}

func walk(path string, yield func(Message, error) bool) bool {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return yield(Message{}, fmt.Errorf("archive: %w", err))
	case info.IsDir():
		return walkFolder(path, yield)
	}
	return file(path, yield)
}

// walkFolder yields what lies below a folder. Symbolic links inside are not
// followed: they could lead out of the archive, or in circles.
func walkFolder(root string, yield func(Message, error) bool) bool {
	goOn := true
	// Errors are yielded where they occur; the walk itself returns none.
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			goOn = yield(Message{}, fmt.Errorf("archive: %w", err))
			if d != nil && d.IsDir() && goOn {
				return fs.SkipDir
			}
		case d.IsDir() && d.Name() == "tmp" && isMaildir(filepath.Dir(path)):
			return fs.SkipDir
		case !d.Type().IsRegular():
		case strings.EqualFold(filepath.Ext(path), ".eml"), inMaildir(path):
			goOn = yield(Message{Name: filepath.ToSlash(path), path: path}, nil)
		case strings.EqualFold(filepath.Ext(path), ".mbox"):
			goOn = file(path, yield)
		}
		if !goOn {
			return fs.SkipAll
		}
		return nil
	})
	return goOn
}

// inMaildir reports whether path is a message of a Maildir. Names that begin with a
// dot are none.
func inMaildir(path string) bool {
	dir := filepath.Dir(path)
	name := filepath.Base(dir)
	return !strings.HasPrefix(filepath.Base(path), ".") && (name == "cur" || name == "new") && isMaildir(filepath.Dir(dir))
}

func isMaildir(dir string) bool {
	for _, name := range [...]string{"cur", "new"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// file yields the messages of one file: all those of an mbox, else the file
// itself.
func file(path string, yield func(Message, error) bool) bool {
	f, err := os.Open(path)
	if err != nil {
		return yield(Message{}, fmt.Errorf("archive: %w", err))
	}
	defer f.Close()
	head := make([]byte, len(separator))
	if n, _ := io.ReadFull(f, head); n < len(head) || string(head) != separator || strings.EqualFold(filepath.Ext(path), ".eml") {
		return yield(Message{Name: filepath.ToSlash(path), path: path}, nil)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return yield(Message{}, fmt.Errorf("archive: %w", err))
	}
	return split(f, path, yield)
}

// separator begins the line above each message of an mbox.
const separator = "From "

// split finds the messages of an mbox by reading it once.
func split(f io.Reader, path string, yield func(Message, error) bool) bool {
	r := newLines(f)
	start, at, number, empty := int64(0), int64(0), 0, true
	emit := func() bool {
		number++
		return yield(Message{Name: filepath.ToSlash(path) + "#" + strconv.Itoa(number), path: path, mbox: true, offset: start, size: at - start}, nil)
	}
	for {
		line, begins, err := r.next()
		if begins && empty && at > 0 && bytes.HasPrefix(line, []byte(separator)) {
			if !emit() {
				return false
			}
			start = at
		}
		at += int64(len(line))
		if begins {
			empty = len(bytes.TrimRight(line, "\r\n")) == 0
		}
		switch {
		case errors.Is(err, io.EOF):
			return at == start || emit()
		case err != nil:
			return yield(Message{}, fmt.Errorf("archive: %s: %w", path, err))
		}
	}
}
