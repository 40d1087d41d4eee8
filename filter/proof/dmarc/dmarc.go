package dmarc

// Result is a DMARC result word (RFC 8601 registry, RFC 9989). The zero value
// means that nobody looked.
type Result string

const (
	None      Result = "none"
	Pass      Result = "pass"
	Fail      Result = "fail"
	TempError Result = "temperror"
	PermError Result = "permerror"
)

// Policy is what a domain asks for (p=, sp=, np=).
type Policy string

const (
	PolicyNone       Policy = "none"
	PolicyQuarantine Policy = "quarantine"
	PolicyReject     Policy = "reject"
)

// Input is what other checks found out about a message. Domains are A-labels
// in lower case.
type Input struct {
	AuthorDomain  string   // domain of the single author; "" when there is none or more than one
	SPFDomain     string   // domain of the MAIL FROM identity (RFC 9989, section 3.2: never that of HELO, unless the path is null)
	SPFPass       bool     // SPF passed for it
	SPFTemporary  bool     // SPF could not be decided for it, for now
	DKIMDomains   []string // d= of the signatures that pass
	DKIMTemporary []string // d= of the signatures that could not be verified, for now
}

// Check is the outcome for one message.
type Check struct {
	Result        Result
	AuthorDomain  string // the From domain
	OrgDomain     string // its organisational domain by tree walk (RFC 9989); "" when that could not be found out
	RecordDomain  string // where the record was found; "" without one
	Record        string // the record as published, unprintable bytes as "?"; "" without one
	Secure        bool   // DNSSEC has proved the record, as far as the resolver is trusted to know; a fact that changes no result
	Published     Policy // what applies to the author domain by p=, sp= or np=
	Applied       Policy // Published after t=y; what the message earns if it fails
	AlignedBy     string // "dkim", "spf" or ""
	AlignedDomain string // the identifier that aligned
	ListOrgDomain string // organisational domain by the public suffix list (RFC 7489); "" for a public suffix
	Disagree      bool   // with a record: the two ways differ in the organisational domain, or in whether something aligns
	Reason        string // for people; never contains CR, LF or controls
}
