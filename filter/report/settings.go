package report

import "net/mail"

// Approval says whose reports wait for a person to approve of them.
type Approval string

// All values of Approval.
const (
	Everybody  Approval = "all"        // each report
	Recipients Approval = "recipients" // those that recipients asked for; who may approve needs not do it twice
	Nobody     Approval = "none"       // none: what is asked for is sent
)

// Settings are what an operator says about reports. Without an address in From none is
// made.
type Settings struct {
	From     mail.Address // people read what comes there
	Approval Approval
	PerDay   int               // reports that leave in a day; all gates together
	ToOne    int               // of them to one address
	Abuse    map[string]string // addresses of abuse desks by domain, where it is not abuse@; "" for none
}
