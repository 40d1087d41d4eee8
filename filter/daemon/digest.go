package daemon

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"os"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"sekisho/filter/config"
	"sekisho/filter/digest"
	"sekisho/filter/fact"
	"sekisho/filter/journal"
	"sekisho/filter/link"
	"sekisho/filter/web"
	"sekisho/policy/brand"
)

const (
	digestsEvery = time.Minute     // how soon a digest that could not be sent is tried again
	firstDigests = 2 * time.Second // at most, after the start
)

// NewDigests makes what sends digests, as the daemon and the command both do. o has
// the store and the brands; end closes what is opened here.
func NewDigests(cfg config.Config, o digest.Options) (k *digest.Keeper, end func(), err error) {
	if o.Links, err = link.Open(cfg.LinkKey()); err != nil {
		return nil, nil, err
	}
	if o.Meaning, err = web.Meanings(); err != nil {
		return nil, nil, err
	}
	records := &records{}
	if cfg.Journal.Keep > 0 {
		records.dir = cfg.Journal.Dir
	}
	o.Facts = records.facts
	k, err = digest.New(o)
	return k, records.close, err
}

// DigestSettings are the settings as package digest wants them.
func DigestSettings(cfg config.Config) (digest.Settings, error) {
	d := cfg.Digest
	s := digest.Settings{URL: cfg.Web.URL, Life: d.LinkLife}
	for _, one := range d.Domains {
		s.Domains = append(s.Domains, digest.Domain{Name: one.Domain, Language: digest.Language(one.Language)})
	}
	for _, at := range d.At {
		s.At = append(s.At, digest.Clock(at))
	}
	from, err := mail.ParseAddress(d.From)
	if err == nil {
		s.From = *from
	} else if len(s.Domains) == 0 {
		err = nil // nobody is told
	}
	var wrong error
	if d.TimeZone != "" {
		s.Zone, wrong = time.LoadLocation(d.TimeZone)
	}
	return s, errors.Join(err, wrong)
}

// openDigests makes what sends digests.
func (d *Daemon) openDigests() (err error) {
	d.digests, d.endDigests, err = NewDigests(d.opt.Settings.Config, digest.Options{
		Store: d.store, Brands: func() *brand.Catalogue { return d.set().Brands }, Log: d.log.Named("digest"), Registerer: d.registry,
	})
	return err
}

// tellBy makes the settings those of the next round. Load has checked them.
func (d *Daemon) tellBy(cfg config.Config) {
	s, err := DigestSettings(cfg)
	if err != nil {
		d.log.Error("the settings of digests cannot be used, those before go on", zap.Error(err))
		return
	}
	d.digestBy.Store(&s)
}

func digestPause(n int) time.Duration {
	if n == 0 {
		return rand.N(firstDigests)
	}
	return digestsEvery
}

// sendDigests sends what is due.
func (d *Daemon) sendDigests(ctx context.Context) {
	s := d.digestBy.Load()
	if s == nil {
		return
	}
	sent, waiting, err := d.digests.Round(ctx, *s, *d.release.Load())
	switch {
	case err != nil && ctx.Err() == nil:
		d.log.Error("digests wait", zap.Int("sent", sent), zap.Int("waiting", waiting), zap.String("problems", firstLines(err)))
	case sent > 0:
		d.log.Info("digests sent", zap.Int("sent", sent), zap.Int("waiting", waiting))
	}
}

// firstLines keeps a log line readable where thousands were refused.
func firstLines(err error) string {
	const show = 5
	lines := strings.SplitN(err.Error(), "\n", show+1)
	if len(lines) > show {
		lines[show] = "and more"
	}
	return strings.Join(lines, "; ")
}

// adviceURL is the page that refusals name; "" without pages that others can open.
func adviceURL(cfg config.Config) string {
	if cfg.Web.URL == "" {
		return ""
	}
	return strings.TrimSuffix(cfg.Web.URL, "/") + "/advice"
}

// records are the decisions of the journal, opened when the first one is there.
type records struct {
	dir string

	mu     sync.Mutex
	reader *journal.Reader
}

func (r *records) open(ctx context.Context) (*journal.Reader, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reader != nil || r.dir == "" {
		return r.reader, nil
	}
	reader, err := journal.Open(context.WithoutCancel(ctx), r.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	r.reader = reader
	return reader, nil
}

// facts are those of the decision with a trace; nil when they are gone.
func (r *records) facts(ctx context.Context, trace string) (*fact.Facts, error) {
	reader, err := r.open(ctx)
	if err != nil || reader == nil {
		return nil, err
	}
	return reader.Facts(ctx, trace)
}

func (r *records) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reader != nil {
		_ = r.reader.Close()
		r.reader = nil
	}
}
