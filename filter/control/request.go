package control

// Request is one thing that a daemon can be asked: the path of the request, bound
// to the types of question Q and answer A. Both are JSON objects.
type Request[Q, A any] string

// All requests.
const (
	Reload Request[None, Set] = "/reload" // read settings, policies and brands again; answers with the new set
	Status Request[None, Set] = "/status" // answers with the set that judges, changes nothing
)

// None is a question without details.
type None struct{}

// Set describes the policies and brands that judge.
type Set struct {
	Generation uint64 `json:"generation"`
	Domains    int    `json:"domains"` // with a policy of their own
	Brands     int    `json:"brands"`
}
