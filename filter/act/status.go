package act

import (
	"strconv"
	"strings"

	"sekisho/filter/finding"
)

// Texts say what kind of thing was wrong, never what exactly was seen: a
// phisher reads them too. The trace leads the postmaster to the rest.
const (
	textPolicy    = "Message refused by policy"
	textAuthor    = "Message refused: its author address is missing, ambiguous or malformed"
	textShape     = "Message refused: it does not follow the message format"
	textAuth      = "Message refused: its author domain could not be authenticated"
	textSPF       = "Message refused: the sender domain does not allow this client (SPF)"
	textSPFError  = "Message refused: the SPF record of the sender domain cannot be evaluated"
	textDKIM      = "Message refused: no valid DKIM signature"
	textDKIMWeak  = "Message refused: no acceptable DKIM signature"
	textDKIMOther = "Message refused: no valid DKIM signature of the author domain"
	textIPRev     = "Message refused: reverse DNS of the client could not be confirmed"
	textForged    = "Message refused: too many header fields that only this host may write"
	textRecipient = "Message refused: a recipient address is malformed"
	textDNS       = "Message could not be checked for lack of DNS answers, please try again later"
	textBusy      = "Too many messages at once to check this one in full, please try again later"
	textLater     = "Message not accepted now, please try again later"
	textStore     = "Message could not be stored, please try again later"
)

// status is what a finding that decided on a refusal tells the sender: subject
// and detail of the enhanced code (RFC 3463), which the class goes before, and
// the text of a reject.
type status struct {
	code string
	text string
}

// statusOf chooses what the sender hears. The codes are those of RFC 7372 where
// authentication failed; 7.26 ("multiple authentication checks failed") is what
// DMARC is, and what the large receivers use for it. Impersonation by an
// authenticated sender has no code of its own: 7.1, never 7.26, since
// authentication did not fail.
func statusOf(by finding.Name) status {
	switch by {
	case finding.DMARCReject, finding.DMARCQuarantine, finding.DMARCFail, finding.NoAuth, finding.Forwarded:
		return status{"7.26", textAuth}
	case finding.DKIMFail:
		return status{"7.20", textDKIM}
	case finding.DKIMPolicy:
		return status{"7.21", textDKIMWeak}
	case finding.DKIMUnaligned:
		return status{"7.22", textDKIMOther}
	case finding.SPFFail, finding.SPFSoftFail:
		return status{"7.23", textSPF}
	case finding.SPFError:
		return status{"7.24", textSPFError}
	case finding.NoReverseDNS:
		return status{"7.25", textIPRev}
	case finding.FromMissing, finding.FromMalformed:
		return status{"6.0", textAuthor}
	case finding.FromSeveral:
		// Well formed or not, it is policy that refuses several authors.
		return status{"7.1", textAuthor}
	case finding.Structure, finding.ReadingsDiffer:
		return status{"6.0", textShape}
	}
	return status{"7.1", textPolicy}
}

// rejection is what the sender hears when finding name by decided on a reject.
func rejection(by finding.Name, trace string) Status {
	s := statusOf(by)
	return Status{Code: 550, Enhanced: "5." + s.code, Text: withTrace(s.text, trace)}
}

// ReplyText is what a policy has a rejected sender told, before the trace. It says
// nothing of the cause: that is for log, trace and metrics.
type ReplyText struct {
	English string // ASCII; "" is the text that fits the cause
	Local   string // in any script, told first where the client takes it; "" for none
}

// rejection is what the sender hears whose message all recipients reject: in the
// words of their policy, if they have one and the same.
func (in Input) rejection() Status {
	s := rejection(commonCause(in.Recipients), "")
	words := in.Recipients[0].Reply
	if !all(in.Recipients, func(r Recipient) bool { return r.Reply == words }) {
		words = ReplyText{}
	}
	switch {
	case words.English != "":
		s.Text = words.English
	case in.Advice != "":
		// What the sender of an honest message does now, and whoever finds refusals of
		// messages that they have not sent, does not fit into a line.
		s.Text += "; see " + in.Advice
	}
	if words.Local != "" && in.UTF8 {
		s.Text, s.UTF8 = words.Local+" / "+s.Text, true
	}
	s.Text = withTrace(s.Text, in.Trace)
	return s
}

// postponement is what the sender hears when finding name by decided that the
// message is to be tried later. The code is that of the reject in class 4, as
// the large receivers use them; the text promises that a later try may do better.
func postponement(by finding.Name, trace string) Status {
	enhanced, text := "4."+statusOf(by).code, textLater
	switch by {
	case finding.AuthTempError, finding.UncheckedBrand:
		enhanced, text = "4.4.3", textDNS // RFC 3463, section 3.5: directory server failure
	case finding.ChecksShed:
		enhanced, text = "4.4.5", textBusy // RFC 3463, section 3.5: mail system congestion
	case "":
		enhanced = "4.3.0"
	}
	return Status{Code: 451, Enhanced: enhanced, Text: withTrace(text, trace)}
}

// StoreFailed is the plan when the quarantine could not take a message: the
// sender keeps it and tries again, so it is neither delivered nor lost.
func StoreFailed(trace string) Plan {
	return Plan{Reply: Tempfail, Status: Status{Code: 451, Enhanced: "4.3.0", Text: withTrace(textStore, trace)}}
}

// Unchecked is the plan for a message that could not be judged: a time limit
// passed, or we failed. The sender tries again.
func Unchecked(trace string) Plan {
	return Plan{Reply: Tempfail, Status: postponement("", trace)}
}

// NoRoom is the plan for a message that there is no room to judge: nothing is wrong
// with it, and the sender comes again (RFC 3463, section 3.4: mail system full).
func NoRoom() Plan {
	return Plan{Reply: Tempfail, Status: Status{Code: 452, Enhanced: "4.3.1", Text: "Too many messages at once, try again later"}}
}

// Unjudged is the plan for a message that goes on although nobody has judged it;
// marked says so to whoever reads its header.
func Unjudged(marked bool, generation uint64) Plan {
	plan := Plan{Reply: Continue}
	if marked {
		value := "verdict=unjudged reason=overload generation=" + strconv.FormatUint(generation, 10)
		plan.Edits = []Edit{{Op: Insert, Name: VerdictField, Value: value}}
	}
	return plan
}

// withTrace ends a reply text with the trace that leads to the record. The
// result is one line of printable ASCII. A "%" is written once here: doubling
// it for the milter protocol is the job of filter/session, which knows the wire.
func withTrace(text, trace string) string {
	if trace == "" {
		return text
	}
	return text + " (trace " + token(trace) + ")"
}

// token makes s safe as one value in a field or reply: printable ASCII without
// blanks, commas, semicolons, parentheses, quotes and "="; anything else is "?".
func token(s string) string {
	if len(s) > MaxToken {
		s = s[:MaxToken]
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune(`,;()<>"=\`, r) {
			return '?'
		}
		return r
	}, s)
}
