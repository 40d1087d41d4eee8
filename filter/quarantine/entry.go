package quarantine

import (
	"errors"
	"slices"
	"time"

	"sekisho/filter/mail"
)

// Errors that callers tell apart. Any other error of a Store is a failure of
// disk or database: answer the MTA with a 4xx, the message was perhaps not kept.
var (
	ErrNotFound = errors.New("no such item in the quarantine")
	ErrCorrupt  = errors.New("stored message is damaged")                                                               // the bytes are not those that were stored
	ErrPending  = errors.New("it is being released, or an earlier release did not finish and its outcome is not known") // see ReleaseOptions.Again
	ErrUnproved = errors.New("the server has taken the message without asking us for its proof: it may be delivered, or held again")
	ErrTooLarge = errors.New("message too large for the quarantine")
	ErrErased   = errors.New("the message was erased")
	ErrRole     = errors.New("the policy under which the message is held does not let this role release it")
)

// Entry is one message, and the recipients for whom it is held.
type Entry struct {
	Envelope   mail.Envelope // as the MTA told it; Recipients there may name more than are held
	Header     mail.Header   // the original bytes are the raw fields,
	Body       []byte        // an empty line, and the body
	Recipients []Recipient   // for whom it is held; at least one
	Trace      string        // leads to the record of the decision
	Brand      string        // catalogue id of the brand it claims; "" when none
	Why        string        // one line for people: the findings
	Subject    string        // as clients show it
}

// Recipient is one recipient for whom a message is held.
type Recipient struct {
	Address string // forward-path without angle brackets
	Policy  string // name of the policy that decided
	Verdict string // "quarantine" or "reject"; "accept" or "tag" for a copy on its way: see Deliver
	Cause   string // name of the finding that decided

	Findings []string      // names of all findings that counted
	Keep     time.Duration // how long it is kept, from now on; 0 is for ever
	Release  []Role        // who may release it; none is Admin alone
}

// Role is what somebody is who releases a message.
type Role string

const (
	Admin       Role = "admin"
	DomainAdmin Role = "domain-admin" // of the recipient's domain
	ToRecipient Role = "recipient"    // the recipient
)

// State says where an item stands.
type State string

const (
	Held      State = "held"
	Releasing State = "releasing" // being sent, or was when we stopped: shown as pending
	Released  State = "released"  // the release target has taken it
	Erased    State = "erased"    // message and addresses are gone; that there was one is told for a while
)

// Item is what is held for one recipient. Its JSON form is an interface.
type Item struct {
	ID         string    `json:"id"`    // of this item: the entry's id, "-", a number
	Entry      string    `json:"entry"` // id that Put returned: all items of one message
	State      State     `json:"state"`
	Note       string    `json:"note,omitempty"` // why the last release failed
	Recipient  string    `json:"recipient"`
	Policy     string    `json:"policy"`
	Verdict    string    `json:"verdict"`
	Cause      string    `json:"cause"`
	Stored     time.Time `json:"stored"`
	Changed    time.Time `json:"changed"` // when State was reached
	Trace      string    `json:"trace"`
	Brand      string    `json:"brand"`
	Why        string    `json:"why"`
	Subject    string    `json:"subject"` // as clients show it; "" in a store whose messages are encrypted
	Sender     string    `json:"sender"`  // "" is the null path
	SenderArgs []string  `json:"sender_args"`
	Client     string    `json:"client"` // address; "" when not known
	ClientName string    `json:"client_name"`
	Helo       string    `json:"helo"`
	AuthUser   string    `json:"auth_user,omitempty"`
	QueueID    string    `json:"queue_id"`
	Received   time.Time `json:"received,omitzero"`
	Size       int64     `json:"size"`   // bytes of the message
	SHA256     string    `json:"sha256"` // of the message, hexadecimal; names the file

	Expires  time.Time  `json:"expires,omitzero"`   // erased from then on; zero is never
	Release  []Role     `json:"release"`            // who may release it
	Findings []string   `json:"findings"`           // that counted for the recipient
	Feedback []Feedback `json:"feedback,omitempty"` // what people said about it; from Show only
}

// isCopy reports whether the item was never held from its recipient: it is a marked
// copy on its way.
func (it *Item) isCopy() bool { return it.Verdict == "accept" || it.Verdict == "tag" }

// lets reports whether somebody of that role may release the item.
func (it *Item) lets(r Role) bool {
	if r == "" {
		r = Admin
	}
	if len(it.Release) == 0 {
		return r == Admin
	}
	return slices.Contains(it.Release, r)
}
