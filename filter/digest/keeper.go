package digest

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net"
	texttemplate "text/template"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"sekisho/filter/fact"
	"sekisho/filter/link"
	"sekisho/filter/quarantine"
	"sekisho/policy/brand"
)

// Store is what digests need of a quarantine. It is a part of quarantine.Store.
type Store interface {
	Untold(ctx context.Context, domain string, since time.Time) ([]string, error)
	News(ctx context.Context, recipient string, since time.Time, show int) (quarantine.Digest, error)
	Tell(ctx context.Context, recipient string, since time.Time, show int, o quarantine.ReleaseOptions, write func(quarantine.Digest) ([]byte, error)) (bool, error)
	Message(ctx context.Context, id string) ([]byte, error)
}

// Options are what a Keeper is made of. Store, Links and Brands are required.
type Options struct {
	Store      Store
	Links      *link.Keys
	Brands     func() *brand.Catalogue                                      // of the moment
	Facts      func(ctx context.Context, trace string) (*fact.Facts, error) // of a decision, nil when they are gone; nil: none are kept
	Meaning    func(lang, finding string) string                            // of a finding, for people; nil: it is not told
	Log        *zap.Logger
	Registerer prometheus.Registerer // nil keeps the metrics to ourselves
	Now        func() time.Time      // nil is time.Now
}

// Keeper sends digests. One round runs at a time.
type Keeper struct {
	opt     Options
	text    *texttemplate.Template
	html    *template.Template
	metrics *metrics
	pauses  map[string]pause // by recipient
}

// pause is how long a recipient who was refused waits.
type pause struct {
	until time.Time
	last  time.Duration
}

// New returns a Keeper.
func New(o Options) (*Keeper, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Meaning == nil {
		o.Meaning = func(string, string) string { return "" }
	}
	k := &Keeper{opt: o, pauses: map[string]pause{}}
	var err error
	if k.text, k.html, err = templates(); err != nil {
		return nil, fmt.Errorf("templates of digests: %w", err)
	}
	k.metrics, err = newMetrics(o.Registerer)
	return k, err
}

// Round sends the digests that are due, and returns how many were sent and how many
// recipients wait for theirs. What was not sent is due again in the next round.
func (k *Keeper) Round(ctx context.Context, s Settings, o quarantine.ReleaseOptions) (done, waiting int, err error) {
	due := s.Due(k.opt.Now())
	if due.IsZero() || len(s.Domains) == 0 || o.Addr == "" {
		k.metrics.waiting.Set(0)
		return 0, 0, nil
	}
	var errs []error
	unreachable := false
	for _, d := range s.Domains {
		who, err := k.opt.Store.Untold(ctx, d.Name, due)
		if err != nil {
			errs = append(errs, fmt.Errorf("recipients in %s: %w", d.Name, err))
			continue
		}
		for _, to := range who[:min(len(who), maxSent)] {
			if unreachable || ctx.Err() != nil || k.paused(to) {
				waiting++
				continue
			}
			sent, err := k.tell(ctx, to, due, s, o)
			if sent {
				done++
			} else if err != nil {
				waiting++
			}
			if err != nil {
				errs = append(errs, err)
				unreachable = nobodyThere(err)
			}
		}
	}
	k.metrics.waiting.Set(float64(waiting))
	return done, waiting, errors.Join(errs...)
}

// tell sends one recipient's digest.
func (k *Keeper) tell(ctx context.Context, to string, since time.Time, s Settings, o quarantine.ReleaseOptions) (bool, error) {
	items := 0
	done, err := k.opt.Store.Tell(ctx, to, since, maxEntries, o, func(d quarantine.Digest) ([]byte, error) {
		items = len(d.Items) + d.More
		return k.compose(ctx, d, s)
	})
	switch {
	case done && errors.Is(err, quarantine.ErrUnproved):
		k.metrics.digests.WithLabelValues(string(unproved)).Inc()
	case done:
		k.metrics.digests.WithLabelValues(string(sent)).Inc()
	case err != nil:
		k.metrics.digests.WithLabelValues(string(failed)).Inc()
		if !nobodyThere(err) {
			k.later(to)
		}
	}
	if done {
		k.metrics.entries.Add(float64(items))
		delete(k.pauses, to)
	}
	if err != nil {
		err = fmt.Errorf("a digest: %w", err) // whose is in no log
	}
	return done, err
}

// nobodyThere reports that the server was not reached, so that it is no recipient's
// fault, and no other recipient's digest reaches it either.
func nobodyThere(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}

// Now sends one recipient the digest of all that is news now, whatever the time is.
func (k *Keeper) Now(ctx context.Context, to string, s Settings, o quarantine.ReleaseOptions) (bool, error) {
	if _, err := k.opt.Store.Untold(ctx, domainOf(to), k.opt.Now()); err != nil { // settles what is open
		return false, err
	}
	return k.tell(ctx, to, k.opt.Now(), s, o)
}

// Preview is the message that Now would send, but that its links are good for
// nothing: only those that were sent are. It is nil without news.
func (k *Keeper) Preview(ctx context.Context, to string, s Settings) ([]byte, error) {
	d, err := k.opt.Store.News(ctx, to, k.opt.Now(), maxEntries)
	if err != nil || len(d.Items) == 0 {
		return nil, err
	}
	d.ID = "preview"
	expired := k.opt.Now().Add(-time.Second)
	entries, err := k.entries(ctx, d, s, expired)
	if err != nil {
		return nil, err
	}
	return k.write(d, entries, s, s.language(to), k.opt.Now().Add(s.Life))
}

func (k *Keeper) compose(ctx context.Context, d quarantine.Digest, s Settings) ([]byte, error) {
	expires := k.opt.Now().Add(s.Life)
	entries, err := k.entries(ctx, d, s, expires)
	if err != nil {
		return nil, err
	}
	return k.write(d, entries, s, s.language(d.Recipient), expires)
}

// paused reports whether a recipient who was refused has to wait.
func (k *Keeper) paused(to string) bool { return k.opt.Now().Before(k.pauses[to].until) }

// later has a recipient wait, longer each time.
func (k *Keeper) later(to string) {
	if len(k.pauses) >= maxPauses {
		clear(k.pauses)
	}
	p := k.pauses[to]
	p.last = min(max(2*p.last, firstPause), lastPause)
	p.until = k.opt.Now().Add(p.last - time.Second) // rounds are no more exact than that
	k.pauses[to] = p
}
