package promote

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// swapper is one way to change places. What do has done undo takes back; after an
// error of either the directories are as they were before it.
type swapper interface {
	do() error
	undo() error
	former() string // where the directory is, after do, that was live
	String() string
}

// exchange is of two directories.
type exchange struct{ live, candidate string }

func (e exchange) String() string { return fmt.Sprintf("%s and %s change places", e.live, e.candidate) }

func (e exchange) former() string { return e.candidate }

func (e exchange) undo() error { return e.do() }

func (e exchange) do() error {
	err := unix.Renameat2(unix.AT_FDCWD, e.candidate, unix.AT_FDCWD, e.live, unix.RENAME_EXCHANGE)
	if err != nil {
		return e.explain(err)
	}
	syncParent(e.live)
	syncParent(e.candidate)
	return nil
}

// explain says what to do where the kernel cannot exchange.
func (e exchange) explain(err error) error {
	byHand := fmt.Sprintf("mv %[1]s %[1]s.old && mv %[2]s %[1]s && mv %[1]s.old %[2]s && sekisho reload", e.live, e.candidate)
	switch {
	case errors.Is(err, syscall.EXDEV):
		return fmt.Errorf("%s and %s are on different file systems, which no step can change; bring the candidate to the live one first, "+
			"name it in policy.shadow, and promote again: cp -a %[2]s %[1]s.candidate", e.live, e.candidate)
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%s or %s is a mount point, which cannot change places; mount the directory above it", e.live, e.candidate)
	case errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.EOPNOTSUPP):
		return fmt.Errorf("the file system of %s cannot exchange directories (%w); without that, for a moment there are no policies: %s", e.live, err, byHand)
	}
	return fmt.Errorf("%s and %s cannot change places: %w", e.live, e.candidate, err)
}

// relink sets a symbolic link to another directory.
type relink struct {
	link string
	from string // what the link says
	to   string // the directory it is to lead to, without links
}

func (r relink) String() string {
	return fmt.Sprintf("%s -> %s becomes -> %s", r.link, r.from, r.target())
}

func (r relink) former() string {
	if filepath.IsAbs(r.from) {
		return r.from
	}
	return filepath.Join(filepath.Dir(r.link), r.from)
}

func (r relink) do() error { return replace(r.link, r.target()) }

func (r relink) undo() error { return replace(r.link, r.from) }

// target is to as the link is to say it: from its own folder if it does so now, so
// that the tree can be moved or mounted elsewhere.
func (r relink) target() string {
	if filepath.IsAbs(r.from) {
		return r.to
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(r.link))
	if err == nil {
		folder, err = filepath.Abs(folder)
	}
	if err != nil {
		return r.to
	}
	relative, err := filepath.Rel(folder, r.to)
	if err != nil {
		return r.to
	}
	return relative
}

// replace renames a new link over an old one: there always is one of the two.
func replace(link, target string) error {
	// A name of its own for each try: another promotion must not use it too.
	for try := range maxTries {
		next := fmt.Sprintf("%s.promote-%d-%d", filepath.Join(filepath.Dir(link), "."+filepath.Base(link)), os.Getpid(), try)
		err := os.Symlink(target, next)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("a new link for %s: %w", link, err)
		}
		if err := os.Rename(next, link); err != nil {
			return errors.Join(fmt.Errorf("a new link for %s: %w", link, err), os.Remove(next))
		}
		syncParent(link)
		return nil
	}
	return fmt.Errorf("a new link for %s: %w", link, os.ErrExist)
}

const maxTries = 100 // names left behind by promotions that were killed

// both is a live link and a candidate's. The live one is set first: it is the one
// that counts.
type both struct{ live, candidate relink }

func (b both) String() string { return b.live.String() + "; " + b.candidate.String() }

func (b both) former() string { return b.candidate.link }

func (b both) do() error { return inOrder(b.live.do, b.candidate.do, b.live.undo) }

func (b both) undo() error { return inOrder(b.live.undo, b.candidate.undo, b.live.do) }

// inOrder does first and then second; if that fails, back takes the first back.
func inOrder(first, second, back func() error) error {
	if err := first(); err != nil {
		return err
	}
	if err := second(); err != nil {
		return errors.Join(err, back())
	}
	return nil
}

// syncParent lets a rename outlive a crash, where the file system can sync a
// folder. The change has happened and is seen by all, so it is no error if not.
func syncParent(name string) {
	if dir, err := os.Open(filepath.Dir(name)); err == nil {
		_ = dir.Sync()
		dir.Close()
	}
}
