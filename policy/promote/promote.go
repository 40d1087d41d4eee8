package promote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"sekisho/policy"
)

// ErrUnanswered is what a Reload's error is when it is not known what the daemon
// did. The directories stay as they are then: read its log, or ask again.
var ErrUnanswered = errors.New("the daemon gave no answer")

// Reload tells the daemon to read its policies, and returns the number of the new
// set. After an error that is not ErrUnanswered the daemon goes on with the old one.
type Reload func(context.Context) (generation uint64, err error)

// Promotion is a checked change of places that has not happened yet.
type Promotion struct {
	Live, Candidate string
	Broken          error // what is wrong with the live directory on disk, which is no reason to keep it; nil when it loads

	Domains, Before int // domains with a policy: of the candidate, and of the live directory (0 when Broken)

	swap swapper
}

// Prepare checks both directories, and that they can change places. Nothing is
// changed.
func Prepare(live, candidate string) (*Promotion, error) {
	p := &Promotion{Live: filepath.Clean(live), Candidate: filepath.Clean(candidate)}
	next, err := policy.Load(p.Candidate)
	if err != nil {
		return nil, err
	}
	p.Domains = len(next.Domains())
	if before, err := policy.Load(p.Live); err != nil {
		p.Broken = err
	} else {
		p.Before = len(before.Domains())
	}
	p.swap, err = plan(p.Live, p.Candidate)
	return p, err
}

// plan chooses how the two change places.
func plan(live, candidate string) (swapper, error) {
	l, err := resolve(live)
	if err != nil {
		return nil, err
	}
	c, err := resolve(candidate)
	if err != nil {
		return nil, err
	}
	switch {
	case os.SameFile(l.info, c.info):
		return nil, fmt.Errorf("%s and %s lead to the same directory: there is nothing to promote", live, candidate)
	case !l.link && c.link: // the link stays: what it leads to changes places
		return planExchange(live, c.real)
	case !l.link:
		return planExchange(live, candidate)
	case !c.link:
		return relink{link: live, from: l.target, to: c.real}, nil
	}
	return both{
		relink{link: live, from: l.target, to: c.real},
		relink{link: candidate, from: c.target, to: l.real},
	}, nil
}

// planExchange tells early what the kernel would: that no step leads from one file
// system to another.
func planExchange(live, candidate string) (swapper, error) {
	e := exchange{live: live, candidate: candidate}
	var a, b unix.Stat_t
	if err := errors.Join(unix.Stat(filepath.Dir(live), &a), unix.Stat(filepath.Dir(candidate), &b)); err != nil {
		return nil, err
	}
	if a.Dev != b.Dev {
		return nil, e.explain(unix.EXDEV)
	}
	return e, nil
}

// end is what a name leads to.
type end struct {
	link   bool   // the name itself is a symbolic link
	target string // what the link says
	real   string // path of the directory, without links
	info   os.FileInfo
}

func resolve(name string) (end, error) {
	var e end
	info, err := os.Lstat(name)
	if err != nil {
		return e, err
	}
	if e.link = info.Mode()&os.ModeSymlink != 0; e.link {
		if e.target, err = os.Readlink(name); err != nil {
			return e, err
		}
	}
	if e.real, err = filepath.EvalSymlinks(name); err != nil {
		return e, err
	}
	if e.real, err = filepath.Abs(e.real); err != nil {
		return e, err
	}
	if e.info, err = os.Stat(name); err != nil {
		return e, err
	}
	if !e.info.IsDir() {
		return e, fmt.Errorf("%s is not a directory", name)
	}
	return e, nil
}

// How says what Do will do to the directories, for people.
func (p *Promotion) How() string { return p.swap.String() }

// Former is where the policies that are live now will be after Do.
func (p *Promotion) Former() string { return p.swap.former() }

// Spent reports that after Do the candidate's name leads to what is live: a live
// link was set to a directory that is known by no link. The next candidate needs
// another name.
func (p *Promotion) Spent() bool {
	_, spent := p.swap.(relink)
	return spent
}

// Swap lets the directories change places, and nothing else.
func (p *Promotion) Swap() error { return p.swap.do() }

// Do lets the directories change places and tells the daemon. If the daemon refuses
// them they change back, and the error says so; after ErrUnanswered they stay.
func (p *Promotion) Do(ctx context.Context, reload Reload) (generation uint64, err error) {
	if err := p.swap.do(); err != nil {
		return 0, err
	}
	generation, err = reload(ctx)
	if err == nil {
		return generation, nil
	}
	if errors.Is(err, ErrUnanswered) {
		return 0, &NotTaken{Err: err, Outcome: fmt.Sprintf("%s holds the new policies; ask the daemon again with sekisho reload", p.Live)}
	}
	if back := p.swap.undo(); back != nil {
		return 0, &NotTaken{Err: err, Outcome: fmt.Sprintf("and %s still holds the new policies, because they could not be changed back: %v", p.Live, back)}
	}
	return 0, &NotTaken{Err: err, Outcome: "the directories are as they were before"}
}

// NotTaken is an error of the daemon, and where it leaves the directories.
type NotTaken struct {
	Err     error
	Outcome string
}

// Error returns the daemon's error, and below it the outcome.
func (n *NotTaken) Error() string { return n.Err.Error() + "\n" + n.Outcome }

// Detail is Error, with the source lines of the problems where there are some.
func (n *NotTaken) Detail() string {
	var detailed interface{ Detail() string }
	if errors.As(n.Err, &detailed) {
		return detailed.Detail() + "\n" + n.Outcome
	}
	return n.Error()
}

// Unwrap returns the daemon's error.
func (n *NotTaken) Unwrap() error { return n.Err }
