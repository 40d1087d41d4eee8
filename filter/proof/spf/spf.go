package spf

// Result is an SPF result word (RFC 7208, section 2.6). The zero value means
// that nobody looked.
type Result string

const (
	None      Result = "none"
	Neutral   Result = "neutral"
	Pass      Result = "pass"
	Fail      Result = "fail"
	SoftFail  Result = "softfail"
	TempError Result = "temperror"
	PermError Result = "permerror"
)

// Check is the outcome for one identity.
type Check struct {
	Result    Result
	Identity  string // "mailfrom" or "helo" (RFC 7208, section 2.3 and 2.4)
	Domain    string // the domain checked, A-label in lower case; "" when there was none
	Sender    string // local-part@domain for mailfrom, the local part as the client sent it; "" otherwise
	Mechanism string // the directive that matched, "" when none did
	Reason    string // for people; never contains CR, LF or controls
}
