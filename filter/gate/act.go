package gate

import (
	"context"
	"errors"
	"slices"

	"sekisho/filter/act"
	"sekisho/filter/proof"
	"sekisho/filter/proof/authres"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/policy"
)

// act makes the plan for the transaction and commits what it holds. A plan that
// drops the message or takes recipients off is only handed out once their copy
// is on disk.
func (g *Gate) act(ctx context.Context, d *record.Decision) {
	outcome := act.Build(g.input(d))
	d.Plan = outcome.Plan
	if len(outcome.Held) == 0 {
		return
	}
	g.timed(d, record.StageStore, func() {
		id, err := g.hold(ctx, d, outcome.Held)
		if err != nil {
			d.Failure = err.Error()
			d.Plan = act.StoreFailed(d.Trace)
			if g.opt.Metrics != nil {
				g.opt.Metrics.Fail(record.FailureStore)
			}
			return
		}
		d.Stored = id
	})
}

func (g *Gate) input(d *record.Decision) act.Input {
	in := act.Input{
		Header:      d.Message.Header,
		Trace:       d.Trace,
		Claims:      d.Brands(),
		AuthResults: authres.Format(g.opt.AuthservID, proof.Results(d.Proof, &d.Envelope)),
		OwnResults:  authres.Own(d.Message.Header, g.opt.AuthservID),
	}
	for _, f := range d.Findings {
		in.Findings = append(in.Findings, f.Name)
	}
	for _, r := range d.Recipients {
		p := g.set.Policies.For(r.Address)
		in.Recipients = append(in.Recipients, act.Recipient{
			Address: r.Address, Policy: r.Policy, Verdict: r.Verdict, Cause: r.By, Points: r.Points,
			SubjectPrefix: p.SubjectPrefix(), Hold: p.QuarantineMode() == policy.Hold,
		})
	}
	return in
}

// hold stores the message for the recipients named and returns the entry's id.
func (g *Gate) hold(ctx context.Context, d *record.Decision, held []string) (string, error) {
	if g.opt.Store == nil {
		return "", errNoStore
	}
	entry := quarantine.Entry{
		Envelope: d.Envelope, Header: d.Message.Header, Body: d.Message.Body,
		Trace: d.Trace, Why: d.Summary(),
	}
	if brands := d.Brands(); len(brands) > 0 {
		entry.Brand = brands[0]
	}
	for _, r := range d.Recipients {
		if slices.Contains(held, r.Address) {
			entry.Recipients = append(entry.Recipients, quarantine.Recipient{
				Address: r.Address, Policy: r.Policy, Verdict: string(r.Verdict), Cause: string(r.By),
			})
		}
	}
	return g.opt.Store.Put(ctx, entry)
}

var errNoStore = errors.New("no quarantine to hold the message")
