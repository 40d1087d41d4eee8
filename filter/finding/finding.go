package finding

import (
	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
)

// Name names a finding. The names are an interface: policies, metrics, logs and
// JSON use them.
type Name string

// Finding is one thing that speaks against a message. It carries no points:
// those are the recipient's policy.
type Finding struct {
	Name  Name
	Brand string // catalogue id the finding is about; "" when about none
	Why   string // one line for people: what was seen and what it was held against
}

// Input is everything that Relate looks at. Message, Proof and Claims must be of
// the same message; Envelope may be nil when there was no SMTP session.
type Input struct {
	Message   *mail.Message
	Envelope  *mail.Envelope
	Proof     proof.Proof
	Claims    []claim.Claim
	Catalogue *brand.Catalogue
}
