package act

// Reply is the final answer to the MTA at the end of a message. The zero value
// is no answer: a plan that nobody made must not let a message pass.
type Reply string

const (
	Continue Reply = "continue" // deliver, with the edits of the plan
	Reject   Reply = "reject"   // 5xx for the whole transaction
	Tempfail Reply = "tempfail" // 4xx for the whole transaction: the sender keeps the message
	Discard  Reply = "discard"  // the MTA drops its copy; only ever with our own on disk
)

// Status is what the SMTP client hears (RFC 5321, section 4.2; RFC 3463).
type Status struct {
	Code     int    // 550, 451
	Enhanced string // "5.7.1"
	Text     string // ASCII, one line, without code; generic
}

// Op is a kind of header edit.
type Op string

const (
	Insert Op = "insert" // at Index from the top of the whole header, 0 is above everything
	Change Op = "change" // the Index-th field of that name, from 1
	Delete Op = "delete" // the Index-th field of that name, from 1
)

// Edit is one change to the header. Edits are applied in their order; Delete
// edits of one name come with falling indexes, since the MTA renumbers.
type Edit struct {
	Op    Op
	Index int
	Name  string
	Value string // folded with CRLF and white space, without the name, controls already removed; starts without a blank
}

// Plan is everything the MTA is asked to do with one message.
type Plan struct {
	Reply            Reply
	Status           Status   // for Reject and Tempfail
	Hold             string   // reason; not empty asks the MTA to put the message on hold (delivered to nobody)
	DeleteRecipients []string // taken off the envelope: their copy is in the quarantine
	Edits            []Edit
}
