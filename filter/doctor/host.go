package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"sekisho/filter/daemon"
	"sekisho/filter/journal"
	"sekisho/filter/quarantine"
)

// clock asks the kernel whether anybody keeps the clock: signatures and entries of
// policies end by it.
func (e *examination) clock(context.Context) {
	const fix = "run a time service: apt install chrony"
	now := e.opt.Now()
	if now.Year() < 2025 {
		e.add("clock", Bad, "it is "+now.UTC().Format(time.DateTime)+" here", fix)
		return
	}
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		e.add("clock", Skipped, "the kernel does not tell: "+err.Error(), "")
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0:
		e.add("clock", Warning, now.UTC().Format(time.DateTime)+" UTC, and nobody keeps it in time", fix+" (on the host, if this is a container)")
	default:
		e.add("clock", OK, now.UTC().Format(time.DateTime)+" UTC, kept in time", "")
	}
}

// disk looks at the file systems below which we write.
func (e *examination) disk(context.Context) {
	var seen []unix.Fsid
	for _, dir := range []string{e.cfg.StateDir, e.cfg.Quarantine.Dir, e.cfg.Journal.Dir} {
		var s unix.Statfs_t
		if err := unix.Statfs(dir, &s); err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				e.add("disk", Bad, dir+": "+err.Error(), "look at the file system")
			}
			continue
		}
		if slices.Contains(seen, s.Fsid) {
			continue
		}
		seen = append(seen, s.Fsid)
		free, percent := int64(s.Bavail)*s.Bsize, share(s.Bavail, s.Blocks)
		what := fmt.Sprintf("%s: %d MiB free, %d %%", dir, free>>20, percent)
		files := share(s.Ffree, s.Files)
		switch {
		case free < fullBytes:
			e.add("disk", Bad, what+"; what has to be held is soon tempfailed", "make room, or shorten quarantine.keep and journal.keep")
		case percent < lowPercent:
			e.add("disk", Warning, what, "make room before it is full")
		case s.Files > 0 && files < lowPercent:
			e.add("disk", Warning, fmt.Sprintf("%s, and %d %% of its file names", what, files), "make room before no file can be made")
		default:
			e.add("disk", OK, what, "")
		}
	}
}

func share(part, whole uint64) uint64 {
	if whole == 0 {
		return 100
	}
	return part * 100 / whole
}

// journal reads the newest decision.
func (e *examination) journal(ctx context.Context) {
	if e.cfg.Journal.Keep == 0 {
		e.add("journal", Skipped, "none is kept (journal.keep: 0s)", "")
		return
	}
	r, err := journal.Open(ctx, e.cfg.Journal.Dir)
	if errors.Is(err, os.ErrNotExist) {
		e.add("journal", Warning, "there is none in "+e.cfg.Journal.Dir+" yet", "it is begun when a daemon starts; look at its log")
		return
	}
	if err != nil {
		e.add("journal", Bad, err.Error(), "ask as the daemon's user or as root; a broken one is set aside when the daemon starts")
		return
	}
	defer r.Close()
	last, err := r.Last(ctx)
	switch {
	case err != nil:
		e.add("journal", Bad, err.Error(), "a broken one is set aside when the daemon starts")
	case last.IsZero():
		e.add("journal", OK, "it is empty: no mail has come yet", "")
	case last.Sub(e.opt.Now()) > aheadTime:
		e.add("journal", Bad, "the last decision is of the future, "+last.Format(time.DateTime)+" UTC: the clock was wrong then, or is now", "set the clock")
	default:
		e.add("journal", OK, "the last decision is of "+last.Format(time.DateTime)+" UTC", "")
	}
}

// quarantine opens the store, and asks the port for released messages for its
// greeting.
func (e *examination) quarantine(ctx context.Context) {
	dir := e.cfg.Quarantine.Dir
	if e.cfg.Quarantine.Database != "" {
		dir = "the database of quarantine.database"
		if err := e.openStore(ctx); err != nil {
			e.add("quarantine", Bad, err.Error(), "until it answers, what has to be held is tempfailed; deploy/QUARANTINE.md tells what it needs")
		} else {
			e.add("quarantine", OK, dir+" can be read", "")
		}
	} else if _, err := os.Stat(filepath.Join(dir, "index.db")); errors.Is(err, fs.ErrNotExist) {
		e.add("quarantine", Warning, "there is none in "+dir+" yet", "it is made when a daemon starts; look at its log")
	} else if err := e.openStore(ctx); err != nil {
		e.add("quarantine", Bad, err.Error(), "ask as the daemon's user or as root; until it opens, what has to be held is tempfailed")
	} else {
		e.add("quarantine", OK, dir+" can be read", "")
	}
	to := e.cfg.Quarantine.ReleaseTo
	if to == "" {
		e.add("release", Warning, "quarantine.release_to is empty: no held message can be released", "in the settings: quarantine: {release_to: \"127.0.0.1:25\"}")
		return
	}
	d := net.Dialer{Timeout: askTime}
	c, err := d.DialContext(ctx, "tcp", to)
	if err != nil {
		e.add("release", Bad, "nobody takes released messages on "+to+": "+bare(err), "start Postfix, or name the port that it takes mail on in quarantine.release_to; the Postfix guide tells more")
		return
	}
	_ = c.Close()
	e.add("release", OK, to+" takes connections", "")
}

func (e *examination) openStore(ctx context.Context) error {
	s, err := daemon.OpenQuarantine(e.cfg.Quarantine, quarantine.Options{Existing: true})
	if err != nil {
		return err
	}
	_, err = s.List(ctx, quarantine.Filter{Limit: 1})
	return errors.Join(err, s.Close())
}
