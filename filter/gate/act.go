package gate

import (
	"context"
	"errors"
	"slices"
	"strings"

	"sekisho/filter/act"
	"sekisho/filter/act/banner"
	"sekisho/filter/finding"
	"sekisho/filter/proof"
	"sekisho/filter/proof/authres"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
	"sekisho/policy"
	"sekisho/policy/rule"
)

// act makes the plan for the transaction and commits what it holds. A plan that
// drops the message or takes recipients off is only handed out once their copy
// is on disk.
func (g *Gate) act(ctx context.Context, d *record.Decision) {
	outcome, copies := g.plan(d)
	d.Plan = outcome.Plan
	entries := copies
	if len(outcome.Held) > 0 {
		entries = append([]quarantine.Entry{g.entry(d, outcome.Held)}, copies...)
	}
	if len(entries) == 0 {
		return
	}
	g.timed(d, record.StageStore, func() {
		ids, err := g.store(ctx, entries)
		if err != nil {
			d.Failure = err.Error()
			d.Plan = act.StoreFailed(d.Trace)
			if g.opt.Metrics != nil {
				g.opt.Metrics.Fail(record.FailureStore)
			}
			return
		}
		if len(outcome.Held) > 0 {
			d.Stored, ids = ids[0], ids[1:]
		}
		d.Copies = ids
	})
	if len(d.Copies) > 0 && g.opt.Copied != nil {
		g.opt.Copied()
	}
}

// store commits entries, all or none.
func (g *Gate) store(ctx context.Context, entries []quarantine.Entry) ([]string, error) {
	if g.opt.Store == nil {
		return nil, errNoStore
	}
	return g.opt.Store.PutAll(ctx, entries...)
}

// input is what the plan for some recipients is made of. Those who get the message
// read one copy of it, which tells of nobody else.
func (g *Gate) input(d *record.Decision, of []record.Recipient) act.Input {
	in := act.Input{
		Header:      d.Message.Header,
		Generation:  d.Generation,
		Body:        d.Message.Body,
		UTF8:        utf8(d.Envelope.SenderArgs),
		Trace:       d.Trace,
		Advice:      g.opt.Advice,
		Claims:      d.Brands(),
		Shed:        d.Unread(),
		Findings:    names(of),
		AuthResults: authres.Format(g.opt.AuthservID, results(d, of)),
		OwnResults:  authres.Own(d.Message.Header, g.opt.AuthservID),
	}
	in.Brand, in.Report = g.brand(d)
	for _, r := range of {
		p := g.set.Policies.For(r.Address)
		in.Recipients = append(in.Recipients, act.Recipient{
			Address: r.Address, Policy: r.Policy, Verdict: r.Verdict, Cause: r.By, Points: r.Points,
			SubjectPrefix: p.SubjectPrefix(), Reply: reply(p), Banner: style(p), Hold: p.QuarantineMode() == policy.Hold,
		})
	}
	return in
}

// reply is what a policy has a rejected sender told.
func reply(p *policy.Policy) act.ReplyText {
	english, japanese := p.Reply()
	return act.ReplyText{English: english, Local: japanese}
}

// utf8 reports whether the client has said SMTPUTF8 (RFC 6531, section 3.4).
func utf8(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, "SMTPUTF8") })
}

// style is the banner that a policy asks for.
func style(p *policy.Policy) banner.Style {
	switch p.Banner() {
	case policy.JapaneseBanner:
		return banner.Japanese
	case policy.EnglishBanner:
		return banner.English
	case policy.BothBanner:
		return banner.Both
	}
	return banner.None
}

// brand is the name of the one brand that the message claims, for its readers, and the
// address at which it takes reports, if any; "" when it claims none, or several.
func (g *Gate) brand(d *record.Decision) (name, report string) {
	ids := d.Brands()
	if len(ids) != 1 {
		return "", ""
	}
	b, ok := g.set.Brands.Brand(ids[0])
	if !ok {
		return "", ""
	}
	if len(b.ReportMail) > 0 {
		report = b.ReportMail[0]
	}
	return b.Name, report
}

// names lists what the policies decided on, of those who get the message where
// anybody does: the field is for them.
func names(of []record.Recipient) []finding.Name {
	var delivered, all []finding.Name
	add := func(list []finding.Name, found []finding.Finding) []finding.Name {
		for _, f := range found {
			if !slices.Contains(list, f.Name) {
				list = append(list, f.Name)
			}
		}
		return list
	}
	for _, r := range of {
		all = add(all, r.Findings)
		if r.Verdict == policy.Accept || r.Verdict == policy.Tag {
			delivered = add(delivered, r.Findings)
		}
	}
	// An own rule's name is for its own domain to see: told only where all who get
	// the message have it.
	delivered = slices.DeleteFunc(delivered, func(n finding.Name) bool {
		return strings.HasPrefix(string(n), rule.Prefix) && slices.ContainsFunc(of, func(r record.Recipient) bool {
			return (r.Verdict == policy.Accept || r.Verdict == policy.Tag) && !finding.Has(r.Findings, n)
		})
	})
	if slices.ContainsFunc(of, func(r record.Recipient) bool { return r.Verdict == policy.Accept || r.Verdict == policy.Tag }) {
		return delivered
	}
	return all
}

// results are what our Authentication-Results says. The DMARC result stays what
// it is where a trusted path explains it; a property says that the policy was
// overridden (RFC 8601, section 2.3, leaves the names below "policy." to us). All
// readers get the same copy, so it is there only if it is true for each of them.
func results(d *record.Decision, of []record.Recipient) []authres.Result {
	list := proof.Results(d.Proof, &d.Envelope)
	for _, r := range of {
		if delivered := r.Verdict == policy.Accept || r.Verdict == policy.Tag; delivered && r.Forwarder == nil {
			return list
		}
	}
	if !slices.ContainsFunc(of, func(r record.Recipient) bool { return r.Forwarder != nil }) {
		return list
	}
	for i := range list {
		if list[i].Method == "dmarc" {
			list[i].Properties = append(list[i].Properties, authres.Property{Type: "policy", Name: "override", Value: "forwarder"})
		}
	}
	return list
}

// entry is the message as it is held for the recipients named.
func (g *Gate) entry(d *record.Decision, held []string) quarantine.Entry {
	entry := quarantine.Entry{
		Envelope: d.Envelope, Header: d.Message.Header, Body: d.Message.Body,
		Trace: d.Trace, Why: d.Summary(), Subject: d.Message.Subject.Shown,
	}
	if brands := d.Brands(); len(brands) > 0 {
		entry.Brand = brands[0]
	}
	named := make(map[string]bool, len(held))
	for _, r := range d.Recipients {
		// Who is named twice gets one message, and is held one.
		if slices.Contains(held, r.Address) && !named[r.Address] {
			named[r.Address] = true
			p := g.set.Policies.For(r.Address)
			to := quarantine.Recipient{
				Address: r.Address, Policy: r.Policy, Verdict: string(r.Verdict), Cause: string(r.By), Findings: counted(r.Scores), Keep: p.Keep(),
			}
			for _, role := range p.Release() {
				to.Release = append(to.Release, quarantine.Role(role))
			}
			entry.Recipients = append(entry.Recipients, to)
		}
	}
	return entry
}

// counted names the findings that weighed or acted, so that what people say of a
// held message can be told to them. What a policy only observes did nothing.
func counted(scores []policy.Score) []string {
	var names []string
	for _, s := range scores {
		if s.Points > 0 || s.Action != policy.Observe && s.Action != policy.Points {
			names = append(names, string(s.Finding.Name))
		}
	}
	return names
}

var errNoStore = errors.New("no quarantine to hold the message")
