package fact

import (
	"sekisho/filter/finding"
)

// Facts are everything that a policy may know about one message. They never
// change once they are made, and are safe for concurrent use.
type Facts struct {
	Message  Message           `json:"message"`
	Envelope Envelope          `json:"envelope"`
	Proof    Proof             `json:"proof"`
	Claim    Claims            `json:"claim"`
	Links    []Link            `json:"links,omitempty"`
	Found    []finding.Finding `json:"found,omitempty"` // about the message, whoever receives it
	Detour   finding.Detour    `json:"detour,omitzero"` // what a path that a policy trusts explains of Found
	Cut      bool              `json:"cut,omitempty"`   // a limit of this package was reached
}

// Message is what the header and the body say.
type Message struct {
	Author      string       `json:"author,omitempty"` // "one", "none", "several" or "malformed"
	From        []Mailbox    `json:"from,omitempty"`
	Sender      []Mailbox    `json:"sender,omitempty"`
	ReplyTo     []Mailbox    `json:"reply_to,omitempty"`
	Subject     string       `json:"subject,omitempty"`
	MessageID   string       `json:"message_id,omitempty"`
	List        string       `json:"list,omitempty"`     // domain in List-Id (RFC 2919); "" without exactly one
	Bulk        bool         `json:"bulk,omitempty"`     // List-Unsubscribe, or Precedence bulk or list
	Reply       bool         `json:"reply,omitempty"`    // In-Reply-To or References
	Received    int          `json:"received,omitempty"` // hops before the client, by Received fields
	Size        int          `json:"size,omitempty"`     // bytes of the body
	Attachments []Attachment `json:"attachments,omitempty"`
	Password    bool         `json:"password,omitempty"`   // a form asks for a password
	Forms       int          `json:"forms,omitempty"`      // HTML forms
	Hidden      bool         `json:"hidden,omitempty"`     // there is text in the markup that is not shown
	Deviations  []string     `json:"deviations,omitempty"` // how the message departs from the standards, each name once
}

// Mailbox is an author, sender or reply address.
type Mailbox struct {
	Name    string `json:"name,omitempty"`    // display name
	Address string `json:"address,omitempty"` // as written
	Local   string `json:"local,omitempty"`
	Domain  string `json:"domain,omitempty"` // "" when there is none or it is no domain name
}

// Attachment is a part that is not text to be read.
type Attachment struct {
	Type string `json:"type"` // media type, lower case
	Name string `json:"name,omitempty"`
	Size int    `json:"size,omitempty"` // bytes, decoded
}

// Envelope is what the SMTP session said (RFC 5321).
type Envelope struct {
	Client     string `json:"client,omitempty"`      // IP address; "" for a local submission
	ClientName string `json:"client_name,omitempty"` // name that leads to Client and back; "" without one
	Helo       string `json:"helo,omitempty"`
	HeloProved bool   `json:"helo_proved,omitempty"` // Helo is ClientName, or SPF passed for it
	Sender     string `json:"sender,omitempty"`      // reverse-path; "" is the null path
	Recipients int    `json:"recipients,omitempty"`  // in this transaction
	User       string `json:"user,omitempty"`        // SASL login
	TLS        string `json:"tls,omitempty"`         // "TLSv1.3"; "" without
}

// Proof is who the message is proved to be. Results are RFC 8601 words; "" means
// that nobody looked.
type Proof struct {
	Source     string      `json:"source,omitempty"`      // "dns", "header" or "none"
	FromDomain string      `json:"from_domain,omitempty"` // of the single author; "" unless message.author is "one"
	FromOrg    string      `json:"from_org,omitempty"`    // who owns it, by the public suffix list
	SPF        SPF         `json:"spf,omitzero"`
	DKIM       []Signature `json:"dkim,omitempty"`
	DMARC      DMARC       `json:"dmarc,omitzero"`
	ARC        string      `json:"arc,omitempty"`
	IPRev      string      `json:"iprev,omitempty"`
	Aligned    bool        `json:"aligned,omitempty"` // an identity in alignment with From is proved
	Identities []Identity  `json:"identities,omitempty"`
}

// SPF is the outcome for the MAIL FROM identity (RFC 7208).
type SPF struct {
	Result string `json:"result,omitempty"`
	Domain string `json:"domain,omitempty"`
}

// Signature is the outcome for one DKIM signature (RFC 6376).
type Signature struct {
	Result   string `json:"result"`
	Domain   string `json:"domain,omitempty"`
	Selector string `json:"selector,omitempty"`
	Bits     int    `json:"bits,omitempty"` // RSA modulus, or 256 for Ed25519
}

// DMARC is the outcome for the author's domain (RFC 9989).
type DMARC struct {
	Result  string `json:"result,omitempty"`
	Policy  string `json:"policy,omitempty"`  // what the domain asks for: "none", "quarantine", "reject"
	Applied string `json:"applied,omitempty"` // Policy after t=y
	Org     string `json:"org,omitempty"`     // organisational domain by tree walk
	By      string `json:"by,omitempty"`      // "dkim" or "spf": what aligned
}

// Identity is a domain that the message has proved to come from.
type Identity struct {
	Domain   string `json:"domain"`
	Org      string `json:"org,omitempty"` // who owns it, by the public suffix list
	Method   string `json:"method"`        // "dkim", "spf", "dmarc" or "arc"
	Strength string `json:"strength"`
	Aligned  bool   `json:"aligned,omitempty"`
}

// Claims is who the message claims to be.
type Claims struct {
	Brands []string `json:"brands,omitempty"` // catalogue ids, each once; mentions do not count
	All    []Claim  `json:"all,omitempty"`
}

// Claim is one statement by the message of being a brand.
type Claim struct {
	Brand    string `json:"brand"`
	Place    string `json:"place"`
	Strength string `json:"strength"`
	Seen     string `json:"seen,omitempty"`
	Folded   string `json:"folded,omitempty"`
}

// Link is a way out of the message that a reader may follow.
type Link struct {
	Kind string `json:"kind"`
	Host string `json:"host,omitempty"` // A-label or IP text
	Org  string `json:"org,omitempty"`  // who owns it, by the public suffix list
	URL  string `json:"url,omitempty"`  // of the first link of that kind to that host
}
