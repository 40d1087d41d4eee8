package policy

import "slices"

// Verdict is what becomes of a message for one recipient. The words are an
// interface: JSON, logs and metrics use them.
type Verdict string

const (
	Accept     Verdict = "accept"     // delivered as it is
	Tag        Verdict = "tag"        // delivered, marked as suspicious
	Quarantine Verdict = "quarantine" // held here; can be released
	Reject     Verdict = "reject"     // refused for good, 5xx
	Tempfail   Verdict = "tempfail"   // refused for now, 4xx: the sender keeps it and asks again
)

// Verdicts returns all verdicts, from mild to grave.
func Verdicts() []Verdict {
	return slices.Clone(order[:])
}

// Worse reports whether v is graver than o. Tempfail is graver than reject: it
// can still become any other verdict, and a reject cannot be taken back.
func (v Verdict) Worse(o Verdict) bool { return v.rank() > o.rank() }

// rank orders verdicts; a word that is no verdict ranks below accept.
func (v Verdict) rank() int { return slices.Index(order[:], v) }

var order = [...]Verdict{Accept, Tag, Quarantine, Reject, Tempfail}
