package gate

import (
	"context"
	"errors"
	"slices"

	"sekisho/filter/act"
	"sekisho/filter/finding"
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
		Generation:  d.Generation,
		Trace:       d.Trace,
		Claims:      d.Brands(),
		Findings:    names(d),
		AuthResults: authres.Format(g.opt.AuthservID, results(d)),
		OwnResults:  authres.Own(d.Message.Header, g.opt.AuthservID),
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

// names lists what the policies decided on, of those who get the message where
// anybody does: the field is for them.
func names(d *record.Decision) []finding.Name {
	var delivered, all []finding.Name
	add := func(list []finding.Name, found []finding.Finding) []finding.Name {
		for _, f := range found {
			if !slices.Contains(list, f.Name) {
				list = append(list, f.Name)
			}
		}
		return list
	}
	for _, r := range d.Recipients {
		all = add(all, r.Findings)
		if r.Verdict == policy.Accept || r.Verdict == policy.Tag {
			delivered = add(delivered, r.Findings)
		}
	}
	if slices.ContainsFunc(d.Recipients, func(r record.Recipient) bool { return r.Verdict == policy.Accept || r.Verdict == policy.Tag }) {
		return delivered
	}
	return all
}

// results are what our Authentication-Results says. The DMARC result stays what
// it is where a trusted path explains it; a property says that the policy was
// overridden (RFC 8601, section 2.3, leaves the names below "policy." to us). All
// readers get the same copy, so it is there only if it is true for each of them.
func results(d *record.Decision) []authres.Result {
	list := proof.Results(d.Proof, &d.Envelope)
	for _, r := range d.Recipients {
		if delivered := r.Verdict == policy.Accept || r.Verdict == policy.Tag; delivered && r.Forwarder == nil {
			return list
		}
	}
	if !d.Overridden() {
		return list
	}
	for i := range list {
		if list[i].Method == "dmarc" {
			list[i].Properties = append(list[i].Properties, authres.Property{Type: "policy", Name: "override", Value: "forwarder"})
		}
	}
	return list
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
