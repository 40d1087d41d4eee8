package iprev

// Result is an iprev result word (RFC 8601, section 2.7.3). The zero value
// means that nobody looked.
type Result string

const (
	Pass      Result = "pass"
	Fail      Result = "fail"
	TempError Result = "temperror"
	PermError Result = "permerror" // no PTR record
)

// Check is the outcome for one client.
type Check struct {
	Result Result
	Name   string // the confirmed name, or the first unconfirmed one; lower case, no final dot
}
