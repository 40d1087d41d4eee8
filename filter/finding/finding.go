package finding

import (
	"slices"

	"sekisho/filter/claim"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy/brand"
	"sekisho/policy/listed"
)

// Name names a finding. The names are an interface: policies, metrics, logs and
// JSON use them.
type Name string

// Finding is one thing that speaks against a message. It carries no points:
// those are the recipient's policy.
type Finding struct {
	Name  Name   `json:"name"`
	Brand string `json:"brand,omitempty"` // catalogue id the finding is about; "" when about none
	Why   string `json:"why,omitempty"`   // one line for people: what was seen and what it was held against
}

// Has reports whether a finding of that name is among found.
func Has(found []Finding, n Name) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Name == n })
}

// Input is everything that Relate looks at. Message, Proof and Claims must be of
// the same message; Envelope may be nil when there was no SMTP session.
type Input struct {
	Message   *mail.Message
	Envelope  *mail.Envelope
	Proof     proof.Proof
	Claims    []claim.Claim
	Folds     claim.Folds  // what reading the claims folded; may be nil
	Sender    claim.Sender // what the display name of From says beside brands
	Catalogue *brand.Catalogue
	Lists     *listed.Lists // of known senders and links; may be nil
}
