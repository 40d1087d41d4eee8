package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"sekisho/filter/config"
	"sekisho/filter/gate"
	"sekisho/filter/journal"
)

// journalTime is how long the end waits for the last records to be written.
const journalTime = 10 * time.Second

func (d *Daemon) newJournal(cfg config.Journal) *journal.Journal {
	if cfg.Keep == 0 {
		return nil
	}
	return journal.New(journal.Options{
		Dir: cfg.Dir, Keep: cfg.Keep, MaxBytes: int64(cfg.MaxBytes), Persons: cfg.Addresses == config.AddressesFull,
		Log: d.log.Named("journal"), Registerer: d.registry,
	})
}

// recorder is the journal as the gate wants it: nil where there is none.
func (d *Daemon) recorder() gate.Recorder {
	if d.journal == nil {
		return nil
	}
	return d.journal
}

// runJournal starts the writer. stop lets it write what it has.
func (d *Daemon) runJournal() (stop func()) {
	if d.journal == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	d.spawn(inJournal, func() {
		defer close(ended)
		d.journal.Run(ctx)
	})
	return func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(journalTime):
			d.log.Warn("the journal does not end, its last records may be missing", zap.Stringer("waited", journalTime))
		}
	}
}
