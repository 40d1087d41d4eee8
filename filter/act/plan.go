package act

import "slices"

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
	UTF8     bool   // Text may be in any script: the client has said SMTPUTF8 (RFC 6531, section 3.7.4.2)
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

	WithBody bool // describes Plan.Body; not to be made where the body stays as it is
}

// Plan is everything the MTA is asked to do with one message.
type Plan struct {
	Reply            Reply
	Status           Status   // for Reject and Tempfail
	Hold             string   // reason; not empty asks the MTA to put the message on hold (delivered to nobody)
	DeleteRecipients []string // taken off the envelope: their copy is in the quarantine
	Edits            []Edit
	Body             []byte // takes the place of the body; nil leaves it. What the MTA cannot do about it is not done, see WithoutBody
	Banner           string // what came of the banner that was asked for: BannerWritten or a banner.Refusal; "" when none was
}

// BannerWritten is that Body holds the banner.
const BannerWritten = "written"

// WithoutBody is the plan for an MTA that does not let bodies be changed: the same
// but for the banner.
func (p Plan) WithoutBody() Plan {
	p.Body = nil
	p.Edits = slices.DeleteFunc(slices.Clone(p.Edits), func(e Edit) bool { return e.WithBody })
	return p
}
