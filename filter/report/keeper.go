package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"sekisho/filter/fact"
	sekishomail "sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/policy/brand"
)

// Errors that callers tell apart.
var (
	ErrOff      = errors.New("no reports are made: the settings name no address that they come from")
	ErrTooLarge = errors.New("the message is too large for a report")
	ErrChanged  = errors.New("the report is no longer the one that was looked at")
)

// Store is what reports need of a quarantine. It is a part of quarantine.Store.
type Store interface {
	Show(ctx context.Context, id string) ([]quarantine.Item, error)
	Message(ctx context.Context, id string) ([]byte, error)
	Report(ctx context.Context, d quarantine.ReportDraft) (r quarantine.Report, fresh bool, err error)
	ReportKey(ctx context.Context) ([]byte, error)
	ReportOf(ctx context.Context, id string) (quarantine.Report, error)
	Waiting(ctx context.Context) (map[quarantine.ReportState]int, error)
	ApproveReport(ctx context.Context, id, sum, gate, by string) (quarantine.Report, error)
	SendReport(ctx context.Context, l quarantine.ReportLimits, from string, o quarantine.ReleaseOptions, w quarantine.Reporter) (quarantine.Report, bool, error)
}

// Options are what a Keeper is made of. Store, Brands and Settings are required.
type Options struct {
	Store      Store
	Brands     func() *brand.Catalogue                                      // of the moment
	Settings   func() Settings                                              // of the moment
	Facts      func(ctx context.Context, trace string) (*fact.Facts, error) // of a decision, nil when they are gone; nil: none are kept
	Hostname   string                                                       // of ours, in reports
	Version    string                                                       // of the program
	Log        *zap.Logger
	Registerer prometheus.Registerer // nil keeps the metrics to ourselves
	Now        func() time.Time      // nil is time.Now
}

// Keeper makes reports and sends them. It is safe for concurrent use.
type Keeper struct {
	opt     Options
	metrics *metrics
}

// New returns a Keeper.
func New(o Options) (*Keeper, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	m, err := newMetrics(o.Registerer)
	return &Keeper{opt: o, metrics: m}, err
}

// Asked is what came of asking for reports of one item, for each kind of them.
type Asked struct {
	Kind   quarantine.ReportKind `json:"kind"`
	Report *quarantine.Report    `json:"report,omitempty"` // nil: nobody is told, for a reason
	Fresh  bool                  `json:"fresh"`            // it was not there before
	Reason Reason                `json:"reason,omitempty"`
}

// Ask makes the reports of an item, or finds those that say the same; with some of
// them approved already, if the settings let who asks do so. ErrOff, and the errors of
// the store's Show and Message.
func (k *Keeper) Ask(ctx context.Context, item, by string, as quarantine.Role) ([]Asked, error) {
	s := k.opt.Settings()
	if s.From.Address == "" {
		return nil, ErrOff
	}
	items, err := k.opt.Store.Show(ctx, item)
	if err != nil {
		return nil, err
	}
	it := items[0]
	if it.State == quarantine.Erased {
		return nil, quarantine.ErrErased
	}
	if it.Size > maxRead {
		return nil, ErrTooLarge
	}
	f, err := k.facts(ctx, it.Trace)
	if err != nil {
		return nil, err
	}
	var all []Asked
	for _, t := range k.targets(it, f, s) {
		if t.reason == "" && !validTarget(t.address) {
			t.reason = NoAddress
		}
		a := Asked{Kind: t.kind, Reason: t.reason}
		if t.reason == "" {
			r, fresh, err := k.opt.Store.Report(ctx, quarantine.ReportDraft{Item: it, Kind: t.kind, Target: t.address, About: t.about, By: by})
			if err != nil {
				return all, err
			}
			k.metrics.count(t.kind, map[bool]outcome{true: drafted, false: counted}[fresh])
			if fresh && !s.waits(as) {
				if r, err = k.approve(ctx, r, "", by); err != nil {
					return all, err
				}
			}
			a.Report, a.Fresh = &r, fresh
		}
		all = append(all, a)
	}
	return all, nil
}

// waits reports whether what somebody of that role asked for waits for approval.
func (s Settings) waits(as quarantine.Role) bool {
	switch s.Approval {
	case Nobody:
		return false
	case Recipients:
		return as != quarantine.Admin && as != quarantine.DomainAdmin
	}
	return true
}

// Preview is a report as it would leave now.
type Preview struct {
	Report   quarantine.Report
	Message  []byte // all of it, with CRLF line ends
	Subject  string
	Text     string // what people read
	Fields   string // what machines read
	Evidence string // the message, without the addresses of its recipients
	Sum      string // for Approve
}

// Preview shows a report before it leaves. ErrNoReport, and the errors of the store's
// Show and Message.
func (k *Keeper) Preview(ctx context.Context, id string) (Preview, error) {
	r, err := k.opt.Store.ReportOf(ctx, id)
	if err != nil {
		return Preview{Report: r}, err
	}
	e, err := k.evidence(ctx, r.Item)
	if err != nil {
		return Preview{Report: r}, err
	}
	s := k.opt.Settings()
	p := Preview{Report: r, Text: k.text(r, e, s), Subject: e.title(), Evidence: string(e.message.Bytes)}
	var b bytes.Buffer
	k.fields(&b, r, e)
	p.Fields = b.String()
	p.Message, p.Sum = k.compose(r, e, s)
	return p, nil
}

// Approve lets a draft be sent. seen is the hash that the person by was shown with
// Preview, "" for whatever it is now. ErrChanged when it is another one by now,
// and the errors of the store's ApproveReport.
func (k *Keeper) Approve(ctx context.Context, id, seen, by string) (quarantine.Report, error) {
	r, err := k.opt.Store.ReportOf(ctx, id)
	if err != nil {
		return r, err
	}
	return k.approve(ctx, r, seen, by)
}

func (k *Keeper) approve(ctx context.Context, r quarantine.Report, seen, by string) (quarantine.Report, error) {
	if k.opt.Settings().From.Address == "" {
		return r, ErrOff
	}
	_, sum, err := k.Compose(ctx, r)
	switch {
	case err != nil:
		return r, err
	case seen != "" && seen != sum:
		return r, fmt.Errorf("report %s: %w", r.ID, ErrChanged)
	}
	return k.opt.Store.ApproveReport(ctx, r.ID, sum, k.opt.Hostname, by)
}

// Round sends the reports that are approved and due, and returns how many left.
func (k *Keeper) Round(ctx context.Context, o quarantine.ReleaseOptions) (done int, err error) {
	s := k.opt.Settings()
	if s.From.Address == "" || o.Addr == "" {
		return 0, nil
	}
	var errs []error
	for range maxPerRound {
		if ctx.Err() != nil {
			break
		}
		r, some, err := k.opt.Store.SendReport(ctx, quarantine.ReportLimits{Target: s.ToOne, All: s.PerDay, Gate: k.opt.Hostname}, s.From.Address, o, k)
		if !some {
			errs = append(errs, err)
			break
		}
		switch r.State {
		case quarantine.Sent:
			done++
			k.metrics.count(r.Kind, sent)
		case quarantine.Refused:
			k.metrics.count(r.Kind, refused)
		case quarantine.Draft, quarantine.Dropped:
			k.metrics.count(r.Kind, returned)
		default:
			k.metrics.count(r.Kind, failed)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("report %s: %w", r.ID, err))
		}
	}
	waiting, err := k.opt.Store.Waiting(ctx)
	for _, state := range waits() {
		k.metrics.waiting.WithLabelValues(string(state)).Set(float64(waiting[state]))
	}
	return done, errors.Join(append(errs, err)...)
}

// facts are what was known when the message was judged; nil when that is gone.
func (k *Keeper) facts(ctx context.Context, trace string) (*fact.Facts, error) {
	if k.opt.Facts == nil || trace == "" {
		return nil, nil
	}
	return k.opt.Facts(ctx, trace)
}

// read is the message of an item with all for whom it was held.
func (k *Keeper) read(ctx context.Context, item string) (it quarantine.Item, recipients []string, h sekishomail.Header, body []byte, err error) {
	items, err := k.opt.Store.Show(ctx, item)
	if err != nil {
		return it, nil, nil, nil, err
	}
	it = items[0]
	if it.State == quarantine.Erased {
		return it, nil, nil, nil, quarantine.ErrErased
	}
	if it.Size > maxRead {
		return it, nil, nil, nil, ErrTooLarge
	}
	all, err := k.opt.Store.Show(ctx, it.Entry)
	if err != nil {
		return it, nil, nil, nil, err
	}
	recipients = append(recipients, it.Recipient) // the first ones are looked for hardest
	for _, other := range all {
		if other.Recipient != "" && other.ID != it.ID {
			recipients = append(recipients, other.Recipient)
		}
	}
	raw, err := k.opt.Store.Message(ctx, item)
	if err == nil {
		h, body, err = sekishomail.ReadBytes(raw)
	}
	return it, recipients, h, body, err
}
