package rule

import (
	"slices"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
)

// Term is one word of the vocabulary: a variable or a field.
type Term struct {
	Name    string   // "subject"
	Type    string   // "string", "bool", "int", "list(string)", "Message", "list(Mailbox)"
	Meaning string   // one line for people
	Words   []string // the closed list of what a text can be, beside ""; nil for any text

	most int  // characters of a text, entries of a list
	each int  // characters of each text of a list
	host bool // a domain in lower case, as A-labels
}

// Kind is a type of the vocabulary with its fields, in the order of package fact.
type Kind struct {
	Name   string
	Fields []Term
}

// found is the variable finding.
type found struct {
	Names []string          `json:"names"`
	All   []finding.Finding `json:"all"`
}

// world is what the variables of a rule are: fact.Facts with the findings that the
// policy decides on in the place of what was found before it looked.
type world struct {
	Message  fact.Message  `json:"message"`
	Envelope fact.Envelope `json:"envelope"`
	Proof    fact.Proof    `json:"proof"`
	Claim    fact.Claims   `json:"claim"`
	Links    []fact.Link   `json:"links"`
	Finding  found         `json:"finding"`
	Cut      bool          `json:"cut"`
}

// meaning of a field, the limits on it, and the words it can be.
type meaning struct {
	text       string
	most, each int
	words      []string
	host       bool
}

// meanings tells each variable and field by the name of its type and its own. A
// test holds it to the types.
func meanings() map[string]meaning {
	names := finding.Names()
	findings := make([]string, len(names))
	for i, n := range names {
		findings[i] = string(n)
	}
	var (
		spf   = []string{"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}
		dkim  = []string{"none", "pass", "fail", "policy", "neutral", "temperror", "permerror"}
		dmarc = []string{"none", "pass", "fail", "temperror", "permerror"}
		asked = []string{"none", "quarantine", "reject"}
		iprev = []string{"pass", "fail", "temperror", "permerror"}
		arc   = []string{"none", "pass", "fail", "temperror"}
	)
	any := func(text string, most int) meaning { return meaning{text: text, most: most} }
	one := func(text string, words ...string) meaning { return meaning{text: text, most: maxWord, words: words} }
	host := func(text string) meaning { return meaning{text: text, most: maxDomain, host: true} }
	is := func(text string) meaning { return meaning{text: text} }
	return map[string]meaning{
		"World.message":  is("what the header and the body say"),
		"World.envelope": is("what the SMTP session said"),
		"World.proof":    is("who the message is proved to be"),
		"World.claim":    is("who the message claims to be"),
		"World.links":    any("ways out of the message that a reader may follow; each kind and host once", fact.MaxLinks),
		"World.finding":  is("what was found, as this policy sees it: without what a trusted forwarder explains"),
		"World.cut":      is("the message is so large that part of these facts was left out"),

		"Message.author":      one("how many authors From names", "one", "none", "several", "malformed"),
		"Message.from":        any("authors", fact.MaxMailboxes),
		"Message.sender":      any("mailboxes of the Sender field", fact.MaxMailboxes),
		"Message.reply_to":    any("where answers go", fact.MaxMailboxes),
		"Message.subject":     any("subject as a mail client shows it, decoded", fact.MaxText),
		"Message.message_id":  any("Message-ID, without its angle brackets", fact.MaxText),
		"Message.list":        any(`domain in List-Id; "" without exactly one`, maxDomain),
		"Message.bulk":        is("there is a List-Unsubscribe field, or Precedence says bulk or list"),
		"Message.reply":       is("there is an In-Reply-To or References field"),
		"Message.received":    is("Received fields: hops before the client"),
		"Message.size":        is("bytes of the body"),
		"Message.attachments": any("parts that are not text to be read", fact.MaxAttachments),
		"Message.password":    is("a form asks for a password"),
		"Message.forms":       is("number of HTML forms"),
		"Message.hidden":      is("there is text in the markup that is not shown"),
		"Message.deviations":  {text: "how the message departs from the standards, each name once", most: fact.MaxDeviations, each: 2 * maxWord},

		"Mailbox.name":    any("display name, decoded", fact.MaxText),
		"Mailbox.address": any("address as written", fact.MaxText),
		"Mailbox.local":   any("part before the @", fact.MaxText),
		"Mailbox.domain":  host(`domain in lower case, as A-labels; "" when there is none or it is no domain name`),

		"Attachment.type": any("media type, in lower case", fact.MaxText),
		"Attachment.name": any("file name, decoded", fact.MaxText),
		"Attachment.size": is("bytes, decoded"),

		"Envelope.client":      any(`IP address of the client; "" for a local submission`, maxWord+6),
		"Envelope.client_name": any(`name of the client's address that leads back to it; "" without one`, maxDomain),
		"Envelope.helo":        any("HELO or EHLO argument", fact.MaxText),
		"Envelope.helo_proved": is("helo is client_name, or SPF passed for it"),
		"Envelope.sender":      any(`envelope sender; "" is the null path of delivery reports`, fact.MaxText),
		"Envelope.recipients":  is("recipients in this transaction"),
		"Envelope.user":        any(`SASL login; "" without one`, fact.MaxText),
		"Envelope.tls":         any(`TLS version of the session, such as "TLSv1.3"; "" without`, fact.MaxText),

		"Proof.source":      one("where proof comes from", "dns", "header", "none"),
		"Proof.from_domain": host(`domain of the author; "" unless message.author is "one"`),
		"Proof.from_org":    host("who owns from_domain: the domain under the public suffix"),
		"Proof.spf":         is("SPF for the envelope sender (RFC 7208)"),
		"Proof.dkim":        any("DKIM signatures (RFC 6376)", fact.MaxIdentities),
		"Proof.dmarc":       is("DMARC for the author's domain (RFC 9989)"),
		"Proof.arc":         one(`the ARC chain (RFC 8617); "" when nobody looked`, arc...),
		"Proof.iprev":       one(`whether the client's name leads back to its address (RFC 8601); "" when nobody looked`, iprev...),
		"Proof.aligned":     is("a domain in alignment with From is proved: the author is who From says"),
		"Proof.identities":  any("domains that the message has proved to come from, strongest first", fact.MaxIdentities),

		"SPF.result": one(`"" when nobody looked`, spf...),
		"SPF.domain": any("domain that was asked", fact.MaxText),

		"Signature.result":   one("outcome", dkim...),
		"Signature.domain":   any("d= of the signature", fact.MaxText),
		"Signature.selector": any("s= of the signature", fact.MaxText),
		"Signature.bits":     is("length of an RSA key, 256 for Ed25519, 0 when not known"),

		"DMARC.result":  one(`"" when nobody looked`, dmarc...),
		"DMARC.policy":  one("what the domain asks for", asked...),
		"DMARC.applied": one("policy after the domain's t=y (testing)", asked...),
		"DMARC.org":     any("organisational domain by the tree walk of RFC 9989", maxDomain),
		"DMARC.by":      one("what is in alignment", "dkim", "spf"),

		"Identity.domain":   any("proved domain", maxDomain),
		"Identity.org":      any("who owns it: the domain under the public suffix", maxDomain),
		"Identity.method":   one("by what", "dkim", "spf", "dmarc", "arc"),
		"Identity.strength": one("how well, from strong to weak", "dkim", "stated", "dkim-weak", "spf", "forwarded", "unaligned"),
		"Identity.aligned":  is("in alignment with From"),

		"Claims.brands": {text: "brands that the message claims to be, as ids of the catalogue, each once; mentions do not count", most: fact.MaxClaims, each: maxWord},
		"Claims.all":    any("all claims with their evidence", fact.MaxClaims),

		"Claim.brand": any("id of the brand in the catalogue", maxWord),
		"Claim.place": one("where", "from-name", "subject-bracket", "subject", "heading", "signature", "link-text", "link-host",
			"from-address", "logo-alt", "body"),
		"Claim.strength": one("how strong", "strong", "medium", "weak", "mention"),
		"Claim.seen":     any("the text as written", fact.MaxText),
		"Claim.folded":   any("the text as it was compared, look-alikes folded", fact.MaxText),

		"Link.kind": one("a, form: HTML; plain: in running text; qr: QR code; pdf: in a PDF document; script: in an attached HTML file",
			"a", "form", "plain", "qr", "pdf", "script"),
		"Link.host": host("host name as A-labels, or an IP address"),
		"Link.org":  host("who owns it: the domain under the public suffix"),
		"Link.url":  any("the first link of that kind to that host", fact.MaxURL),

		"Found.names": {text: "names of the findings", most: maxFindings, each: maxWord, words: findings},
		"Found.all":   any("the findings", maxFindings),

		"Finding.name":  one("name", findings...),
		"Finding.brand": any(`id of the brand it is about; "" when about none`, maxWord),
		"Finding.why":   any("what was seen and what it was held against", maxDetail),
	}
}

// Variables returns the variables of a rule.
func (e *Env) Variables() []Term { return slices.Clone(e.types.root.terms) }

// Kinds returns the types of the variables and their fields, each once, in the
// order in which a reader meets them.
func (e *Env) Kinds() []Kind {
	var kinds []Kind
	for _, s := range e.types.order {
		kinds = append(kinds, Kind{Name: s.name, Fields: slices.Clone(s.terms)})
	}
	return kinds
}
