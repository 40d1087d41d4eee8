package htmltext

// Kind says where a reader sees a piece of text.
type Kind string

// The kinds of passages.
const (
	Text    Kind = "text"
	Heading Kind = "heading"
	Alt     Kind = "alt"
	Anchor  Kind = "link"  // the visible text of a link
	Title   Kind = "title" // what shows over a link or button when the pointer rests on it
	Hidden  Kind = "hidden"
)

// Passage is a block of text: white space collapsed, never empty. The text of a
// link is part of the block that it stands in, and a passage of its own; a block
// that is nothing but one link is only the latter.
type Passage struct {
	Kind Kind
	Text string
}

// LinkKind says what leads away.
type LinkKind string

// The kinds of links. An embedded frame counts as Image: it loads by itself.
const (
	LinkAnchor LinkKind = "a"
	LinkForm   LinkKind = "form"
	LinkPlain  LinkKind = "plain"
	LinkImage  LinkKind = "img"
)

// Link is a reference out of the document.
type Link struct {
	Kind LinkKind
	URL  string // resolved against <base>
	Host string // see weburl.Host
	Text string // what the reader sees for it
}

// Form asks the reader for something. Inputs outside of all forms make up one
// without an address.
type Form struct {
	URL      string // where it sends, resolved against <base>; "" when that is not said
	Host     string // see weburl.Host
	Password bool   // it has a password input
	Fields   int    // inputs to be filled in or chosen
}

// Limit names a limit that was hit.
type Limit string

// The limits.
const (
	LimitText     Limit = "limit-html-text"
	LimitHidden   Limit = "limit-html-hidden"
	LimitDepth    Limit = "limit-html-depth"
	LimitPassages Limit = "limit-html-passages"
	LimitLinks    Limit = "limit-html-links"
	LimitForms    Limit = "limit-html-forms"
	LimitStyle    Limit = "limit-html-style"
)

// Document is what a reader sees.
type Document struct {
	Passages []Passage
	Links    []Link
	Forms    []Form
	Codes    []string // what the QR codes say that are drawn with characters or cells
	Pictures [][]byte // in base64, those that stand in the document itself
	Limits   []Limit  // each at most once
}
