package mail

// Field is one header field in its place in the header (RFC 5322, section 2.2).
type Field struct {
	Name string // as written, without the colon
	Raw  []byte // the whole field: name, colon, value, folding and the final CRLF; line ends are CRLF
}

// Header is the header section: every field in its order, with its exact bytes.
type Header []Field

// Text is header text as clients show it. Clients differ on damaged or clever
// input; Shown is what most would show, Also holds each other reading.
type Text struct {
	Raw   string   // bytes of the unfolded field body or phrase before decoding
	Shown string   // valid UTF-8, decoded (RFC 2047), controls removed
	Also  []string // readings of other clients that differ from Shown; usually nil
}

// Mailbox is one author, sender or reply address (RFC 5322, section 3.4).
type Mailbox struct {
	Name    Text   // display name; empty when there is none
	Address string // addr-spec as written, U-labels and quoted local part kept
	Local   string // local part: everything before the last @
	Domain  string // domain as an A-label in lower case, no trailing dot; "" when there is none or it is no domain name
}

// AuthorState says what kind of author the From fields name. The zero value
// means that nobody looked.
type AuthorState string

const (
	AuthorOne       AuthorState = "one"       // exactly one From field with exactly one well-formed mailbox
	AuthorNone      AuthorState = "none"      // no From field, or none with an address
	AuthorSeveral   AuthorState = "several"   // several From fields, or several mailboxes in one
	AuthorMalformed AuthorState = "malformed" // an address that clients show but RFC 5322 does not allow
)

// PassageKind says where a reader sees a piece of text.
type PassageKind string

const (
	PassageText    PassageKind = "text"    // running text, one block or line
	PassageHeading PassageKind = "heading" // <h1>..<h3>, <title>
	PassageAlt     PassageKind = "alt"     // alt or title text of an image
	PassageLink    PassageKind = "link"    // the visible text of a link
	PassageTitle   PassageKind = "title"   // what shows over a link or button when the pointer rests on it
	PassageHidden  PassageKind = "hidden"  // in the markup but not shown
)

// Passage is a block of text in reading order: a line of text/plain, a block
// element of text/html. White space is collapsed; a passage is never empty.
type Passage struct {
	Kind PassageKind
	Part int // index into Message.Parts
	Text string
}

// LinkKind says what kind of thing leads away from the message.
type LinkKind string

const (
	LinkAnchor LinkKind = "a"      // <a href>, <area>, <button formaction>
	LinkForm   LinkKind = "form"   // <form action>
	LinkPlain  LinkKind = "plain"  // a URL in running text
	LinkImage  LinkKind = "img"    // image source; loads, is not followed
	LinkQR     LinkKind = "qr"     // a QR code, in a picture or drawn with characters or table cells
	LinkPDF    LinkKind = "pdf"    // an action in an attached PDF document
	LinkScript LinkKind = "script" // where a script in an attached HTML file goes
)

// Link is a reference out of the message.
type Link struct {
	Kind LinkKind
	Part int    // index into Message.Parts
	URL  string // resolved against <base>, entities decoded, as a client would follow it
	Host string // A-label in lower case without port, or IP text; "" for mailto:, cid: and broken URLs
	Text string // what the reader sees for it; "" for images, forms, codes, documents and scripts
}

// Form asks the reader for something: an HTML form, or the inputs of a part that
// stand outside of all forms, which make up one without an address.
type Form struct {
	Part     int    // index into Message.Parts
	URL      string // where it sends, resolved against <base>; "" when it does not say
	Host     string // as in Link
	Password bool   // it has a password input
	Fields   int    // inputs to be filled in or chosen
}

// Part is one leaf of the MIME tree (RFC 2046), in order.
type Part struct {
	Path        string // "1.2": position in the tree, "1" for a message without parts
	MediaType   string // "text/html", lower case; "text/plain" when nothing is declared
	Charset     string // charset as declared, lower case; "" when not
	Disposition string // "inline", "attachment" or ""
	Filename    string // decoded
	ContentID   string // without angle brackets
	Embedded    bool   // inside a message/rfc822 part: a forwarded or returned message
	Size        int    // decoded bytes, before any cap
	Data        []byte // decoded bytes, cut at the limit; text parts hold the bytes before charset decoding
}

// Deviation is one way in which the message departs from the RFCs or in which
// readers would disagree, kept as evidence.
type Deviation struct {
	Name  string // closed set, see deviation.go
	Where string // part path or field name
}

// Message is a message as its reader would see it. Parse fills it; it holds
// slices of the bytes it was made from and must not outlive changes to them.
type Message struct {
	Header Header
	Body   []byte // everything after the empty line, as received, CRLF line ends

	Author     AuthorState
	From       []Mailbox // every mailbox of every From field, in order
	Sender     []Mailbox
	ReplyTo    []Mailbox
	Subject    Text // of the first Subject field
	MessageID  string
	Parts      []Part
	Passages   []Passage // visible text (and hidden, marked), in reading order
	Links      []Link
	Forms      []Form
	Left       []Check     // what ParseWithout has left out though there was something to look at; each once
	Deviations []Deviation // each name and place at most once, capped
}
