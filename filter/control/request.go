package control

import (
	"sekisho/filter/budget"
	"sekisho/filter/finding"
)

// Request is one thing that a daemon can be asked: the path of the request, bound
// to the types of question Q and answer A. Both are JSON objects.
type Request[Q, A any] string

// All requests.
const (
	Reload Request[None, Set]     = "/reload" // read settings, policies and brands again; answers with the new set
	Status Request[None, Running] = "/status" // answers with the set that judges and the sockets, changes nothing

	Budget Request[None, Budgets]   = "/budget"      // counts false alarms now
	Look   Request[BudgetKey, None] = "/budget/look" // somebody has looked at a finding that had stepped down
)

// None is a question without details.
type None struct{}

// Set describes the policies and brands that judge.
type Set struct {
	Generation uint64 `json:"generation"`
	Domains    int    `json:"domains"` // with a policy of their own
	Brands     int    `json:"brands"`
}

// Running is what a daemon judges by, and where it listens.
type Running struct {
	Set
	Milter []string `json:"milter,omitempty"` // sockets, as tcp:host:port or unix:/path
}

// Budgets are the findings that cause false alarms, or have stepped down.
type Budgets struct {
	Entries []budget.Entry `json:"entries"`
}

// BudgetKey names a finding under a policy.
type BudgetKey struct {
	Policy  string       `json:"policy"`
	Finding finding.Name `json:"finding"`
}
