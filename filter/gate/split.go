package gate

import (
	"slices"

	"sekisho/filter/act"
	"sekisho/filter/mail"
	"sekisho/filter/quarantine"
	"sekisho/filter/record"
)

// plan makes the plan for the transaction, and the copies for those recipients who
// are to see other tags than the ones that stay on its envelope. Where that cannot
// be, all read one copy that shows nobody's.
func (g *Gate) plan(d *record.Decision) (act.Outcome, []quarantine.Entry) {
	in := g.input(d, d.Recipients)
	whole := act.Build(in)
	if !g.opt.Split || whole.Plan.Reply != act.Continue || whole.Plan.Hold != "" {
		return whole, nil
	}
	parts := act.Split(in.Recipients)
	if len(parts) == 1 {
		return whole, nil
	}
	stays := act.Build(g.input(d, among(d, parts[0])))
	if stays.Plan.Reply != act.Continue {
		return whole, nil
	}
	var copies []quarantine.Entry
	for _, part := range parts[1:] {
		out := act.Build(g.input(d, among(d, part)))
		if out.Plan.Reply != act.Continue {
			return whole, nil
		}
		h, body := act.Apply(d.Message.Header, d.Message.Body, out.Plan)
		copies = append(copies, marked(d, part, h, body))
		stays.Plan = stays.Plan.TakeOff(part)
	}
	return stays, copies
}

// among are the decisions for the recipients of a part.
func among(d *record.Decision, part []act.Recipient) []record.Recipient {
	return slices.DeleteFunc(slices.Clone(d.Recipients), func(r record.Recipient) bool {
		return !slices.ContainsFunc(part, func(p act.Recipient) bool { return p.Address == r.Address })
	})
}

// marked is a copy with our edits made. No finding is written down with it: nobody
// holds it, so that its leaving is no complaint; and it is kept until it has left.
func marked(d *record.Decision, part []act.Recipient, h mail.Header, body []byte) quarantine.Entry {
	e := quarantine.Entry{
		Envelope: d.Envelope, Header: h, Body: body, Trace: d.Trace, Why: "a copy on its way, marked as these recipients' policies say",
	}
	for _, r := range part {
		if !slices.ContainsFunc(e.Recipients, func(to quarantine.Recipient) bool { return to.Address == r.Address }) {
			e.Recipients = append(e.Recipients, quarantine.Recipient{
				Address: r.Address, Policy: r.Policy, Verdict: string(r.Verdict), Cause: string(r.Cause), Release: []quarantine.Role{quarantine.Admin},
			})
		}
	}
	return e
}
