package act

import (
	"slices"

	"sekisho/filter/act/banner"
	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/policy"
)

// Recipient is the verdict for one recipient.
type Recipient struct {
	Address       string         // forward-path without angle brackets, as in the envelope
	Policy        string         // name of the policy that decided: "default" or its domain
	Verdict       policy.Verdict // one that is not known counts as tempfail
	Cause         finding.Name   // the finding that decided; chooses the reply code, may be ""
	Points        int            // under that policy
	SubjectPrefix string         // visible tag that the policy asks for; "" for none
	Banner        banner.Style   // warning in the body that the policy asks for; zero for none
	Reply         ReplyText      // what a rejected sender hears; the zero value is the text that fits the cause
	Hold          bool           // quarantine in the MTA's hold queue rather than in ours
}

// Input is one message with its verdicts.
type Input struct {
	Header      mail.Header    // as the MTA showed it to us: Postfix hides its own Received
	Body        []byte         // needed for a banner only
	Recipients  []Recipient    // every recipient of the transaction
	Generation  uint64         // number of the set that judged; 0 is not told
	UTF8        bool           // the client has said SMTPUTF8: replies may be in any script
	Trace       string         // leads from a header or a reply to our record
	Advice      string         // page for whose message is rejected; "" names none
	Claims      []string       // catalogue ids of the brands claimed
	Shed        []string       // checks that were left out under load
	Brand       string         // name of the brand that a banner names; "" for none or several
	Report      string         // address at which that brand takes reports; "" for none
	Findings    []finding.Name // what was found
	AuthResults string         // value of our Authentication-Results field; "" writes none
	OwnResults  []int          // 1-based places, among Authentication-Results fields, of those bearing our id
}

// Outcome is a plan and who it concerns.
type Outcome struct {
	Plan      Plan
	Held      []string // must be in the quarantine before Plan is answered; else answer StoreFailed
	Delivered []string // get the message with the edits of Plan; in order, without duplicates
}

// Build makes the plan for a whole transaction. Without recipients, and for a
// verdict that is not known, the plan is Tempfail.
func Build(in Input) Outcome {
	for _, r := range in.Recipients {
		if !settled(r.Verdict) {
			return refuse(Tempfail, postponement(r.Cause, in.Trace))
		}
	}
	if len(in.Recipients) == 0 {
		return refuse(Tempfail, postponement("", in.Trace))
	}
	if all(in.Recipients, func(r Recipient) bool { return r.Verdict == policy.Reject }) {
		return refuse(Reject, in.rejection())
	}
	if all(in.Recipients, func(r Recipient) bool { return r.Verdict == policy.Quarantine && r.Hold }) {
		// The message stays the MTA's; an operator who releases it there
		// delivers it as we send it back, so it is marked as if delivered.
		out := deliver(in, in.Recipients)
		if out.Plan.Reply == Continue {
			out.Plan.Hold = withTrace("quarantined", in.Trace)
		}
		out.Delivered = nil
		return out
	}

	held, rest := part(in.Recipients)
	if len(rest) == 0 {
		return Outcome{Plan: Plan{Reply: Discard}, Held: held}
	}
	// Whom the MTA might know by another spelling cannot be taken off: it
	// ignores the wish, and delivers.
	if slices.ContainsFunc(held, func(address string) bool { return !mail.IsForwardPath(address) }) {
		return refuse(Reject, Status{Code: 550, Enhanced: "5.1.3", Text: withTrace(textRecipient, in.Trace)})
	}
	out := deliver(in, rest)
	if out.Plan.Reply == Continue {
		out.Plan.DeleteRecipients = held
		out.Held = held
	}
	return out
}

// settled reports whether v is a verdict that needs no second try.
func settled(v policy.Verdict) bool {
	switch v {
	case policy.Accept, policy.Tag, policy.Quarantine, policy.Reject:
		return true
	}
	return false
}

func refuse(r Reply, s Status) Outcome { return Outcome{Plan: Plan{Reply: r, Status: s}} }

// commonCause is the cause if all recipients have the same, else none: the one
// reply must not tell the sender about one recipient what holds for another.
func commonCause(rs []Recipient) finding.Name {
	cause := rs[0].Cause
	if all(rs, func(r Recipient) bool { return r.Cause == cause }) {
		return cause
	}
	return ""
}

// part splits recipients into the addresses that are held and the recipients
// that get the message, each address once. The MTA takes an address off the
// envelope wherever it stands, so an address that is held anywhere is held.
func part(rs []Recipient) (held []string, rest []Recipient) {
	seen := make(map[string]bool, len(rs)) // true: held
	for _, r := range rs {
		if r.Verdict != policy.Accept && r.Verdict != policy.Tag && !seen[r.Address] {
			seen[r.Address] = true
			held = append(held, r.Address)
		}
	}
	for _, r := range rs {
		if _, ok := seen[r.Address]; !ok {
			seen[r.Address] = false
			rest = append(rest, r)
		}
	}
	return held, rest
}

// deliver makes the plan that lets the message go on to rs.
func deliver(in Input, rs []Recipient) Outcome {
	edits, ok := removals(in.Header, in.OwnResults)
	if !ok {
		return refuse(Reject, Status{Code: 550, Enhanced: "5.6.0", Text: withTrace(textForged, in.Trace)})
	}
	prefix := commonPrefix(rs)
	missing := false
	if prefix != "" {
		var changes []Edit
		changes, missing = prefixSubjects(in.Header, prefix)
		edits = append(edits, changes...)
	}
	body, changes, note := warn(in, rs)
	edits = append(edits, changes...)

	// Postfix counts fields from the second in its queue file on, taking the
	// first for its own Received, and does so anew for each edit. Once
	// something stands above that Received it counts as visible. So all that
	// goes by number comes first, and what goes on top comes last, lowest first.
	type line struct{ name, value string }
	var top []line
	if missing {
		top = append(top, line{"Subject", encodeText(prefix)})
	}
	top = append(top, line{TraceField, token(in.Trace)}, line{VerdictField, verdictValue(in, rs)})
	if in.AuthResults != "" {
		top = append(top, line{authResults, in.AuthResults})
	}
	for _, l := range top {
		e, err := field(l.name, l.value)
		if err != nil {
			return refuse(Tempfail, postponement("", in.Trace))
		}
		edits = append(edits, e)
	}

	out := Outcome{Plan: Plan{Reply: Continue, Edits: edits, Body: body, Banner: note}}
	for _, r := range rs {
		out.Delivered = append(out.Delivered, r.Address)
	}
	return out
}

// commonPrefix is the visible prefix if every recipient's policy asks for the
// same one, else none: a visible tag would show one recipient what another's
// policy thinks.
func commonPrefix(rs []Recipient) string {
	prefix := cleanPrefix(rs[0].SubjectPrefix)
	if all(rs, func(r Recipient) bool { return r.Verdict == policy.Tag && cleanPrefix(r.SubjectPrefix) == prefix }) {
		return prefix
	}
	return ""
}

func all(rs []Recipient, ok func(Recipient) bool) bool {
	for _, r := range rs {
		if !ok(r) {
			return false
		}
	}
	return true
}
