package act

import (
	"strings"

	"sekisho/filter/finding"
)

// Texts say what kind of thing was wrong, never what exactly was seen: a
// phisher reads them too. The trace leads the postmaster to the rest.
const (
	textPolicy = "Message refused by policy"
	textAuthor = "Message refused: its author address is missing, ambiguous or malformed"
	textShape  = "Message refused: it does not follow the message format"
	textAuth   = "Message refused: its author domain could not be authenticated"
	textSPF    = "Message refused: the sender domain does not allow this client (SPF)"
	textDKIM   = "Message refused: no valid DKIM signature"
	textIPRev  = "Message refused: reverse DNS of the client could not be confirmed"
	textForged = "Message refused: too many header fields that only this host may write"
	textDNS    = "Message could not be checked for lack of DNS answers, please try again later"
	textLater  = "Message not accepted now, please try again later"
	textStore  = "Message could not be stored, please try again later"
)

// rejection is what the sender hears when finding name by decided on a reject.
// The codes are those of RFC 7372 where authentication failed. Impersonation by
// an authenticated sender has no code of its own: 5.7.1, never 5.7.26, since
// authentication did not fail.
func rejection(by finding.Name, trace string) Status {
	enhanced, text := "5.7.1", textPolicy
	switch by {
	case finding.DMARCReject, finding.DMARCQuarantine, finding.DMARCFail, finding.NoAuth:
		enhanced, text = "5.7.26", textAuth
	case finding.SPFFail, finding.SPFSoftFail:
		enhanced, text = "5.7.23", textSPF
	case finding.DKIMFail:
		enhanced, text = "5.7.20", textDKIM
	case finding.NoReverseDNS:
		enhanced, text = "5.7.25", textIPRev
	case finding.FromMissing, finding.FromMalformed:
		enhanced, text = "5.6.0", textAuthor
	case finding.FromSeveral:
		// Well formed or not, it is policy that refuses several authors.
		enhanced, text = "5.7.1", textAuthor
	case finding.Structure, finding.ReadingsDiffer:
		enhanced, text = "5.6.0", textShape
	}
	return Status{Code: 550, Enhanced: enhanced, Text: withTrace(text, trace)}
}

// postponement is what the sender hears when finding name by decided that the
// message is to be tried later.
func postponement(by finding.Name, trace string) Status {
	enhanced, text := "4.7.1", textLater
	switch by {
	case finding.AuthTempError:
		enhanced, text = "4.4.3", textDNS // RFC 3463, section 3.5: directory server failure
	case finding.SPFFail, finding.SPFSoftFail:
		enhanced, text = "4.7.24", textDNS // RFC 7372, section 3.2
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
