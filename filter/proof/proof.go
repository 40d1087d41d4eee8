package proof

import (
	"slices"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/internal/signature"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
)

// Source says where the results come from.
type Source string

const (
	FromDNS    Source = "dns"    // we checked, now
	FromHeader Source = "header" // an Authentication-Results field that the operator told us to believe
	FromNobody Source = "none"   // nothing was checked: every identity counts as unproved
)

// Method names how an identity was proved, as RFC 8601 registers it.
type Method string

const (
	ByDKIM  Method = "dkim"
	BySPF   Method = "spf"
	ByDMARC Method = "dmarc" // a field states that DMARC passed, not by what
	ByARC   Method = "arc"   // a sealer that the recipient's policy trusts states that the author was proved there; never set by this package
)

// Identity is a domain that the message has proved to come from.
type Identity struct {
	Domain    string // A-label, lower case: DKIM d=, or the SPF domain
	OrgDomain string // organisational domain by the public suffix list: who owns the name, RFC 7489 section 3.2
	Method    Method
	Strength  Strength
	Aligned   bool   // aligned with From by the domain's DMARC mode (relaxed without a record)
	Selector  string // DKIM only
	KeyBits   int    // DKIM only: RSA modulus bits; 0 when not known or not RSA
}

// Proof is who a message is proved to be.
type Proof struct {
	Source     Source
	Author     mail.AuthorState
	Client     Client    // facts about the SMTP session; of the gateway's where a gateway's results are believed
	FromDomain string    // the domain of the author, A-label, or of several well-formed ones who all have it; "" otherwise
	FromOrg    string    // its organisational domain by the public suffix list
	SPF        spf.Check // MAIL FROM identity (HELO's when the path is null, RFC 7208 section 2.4)
	Helo       spf.Check
	DKIM       []dkim.Signature
	DKIMLeft   int // signatures past dkim.MaxSignatures, which nobody looked at
	DMARC      dmarc.Check
	ARC        string // RFC 8617 result word, or "temperror"; "none" without a chain, and where nobody looked
	Seals      []Seal // of the chain, the newest first; none unless ARC is "pass" or "temperror"
	IPRev      iprev.Check
	Identities []Identity // strongest first; empty when nothing was proved
}

// Temporary reports whether a result that could change who the author is proved
// to be is missing for now, so that trying again later may help: DMARC itself,
// or SPF or DKIM for a domain aligned with From while DMARC did not pass.
func (p *Proof) Temporary() bool {
	if p.DMARC.Result == dmarc.Pass {
		return false
	}
	if p.DMARC.Result == dmarc.TempError || p.SPF.Result == spf.TempError && p.matters(p.SPF.Domain) {
		return true
	}
	for _, s := range p.DKIM {
		if s.Result == dkim.TempError && p.matters(s.Domain) {
			return true
		}
	}
	return false
}

// matters reports whether a proof of domain would prove the author. A domain
// that nobody knows could be any.
func (p *Proof) matters(domain string) bool {
	return p.FromOrg != "" && (domain == "" || OrgDomain(domain) == p.FromOrg)
}

// newProof fills in what the message says about its author.
func newProof(source Source, msg *mail.Message) Proof {
	p := Proof{Source: source, Author: msg.Author}
	p.FromDomain = authorDomain(msg)
	p.FromOrg = OrgDomain(p.FromDomain)
	return p
}

// authorDomain returns the one domain that From names (RFC 9989, section 5.3.1):
// of the author, or of several in one well-formed field. Otherwise anybody could
// get past a domain's policy by naming two of its people. "" if there is none, or
// more than one.
func authorDomain(msg *mail.Message) string {
	switch msg.Author {
	case mail.AuthorOne:
		if len(msg.From) == 1 {
			return msg.From[0].Domain
		}
	case mail.AuthorSeveral:
		other := func(b mail.Mailbox) bool { return b.Domain != msg.From[0].Domain }
		if wellFormedFrom(msg.Header) && !slices.ContainsFunc(msg.From, other) {
			return msg.From[0].Domain
		}
	}
	return ""
}

// wellFormedFrom reports whether there is one From field, and it is by the grammar
// and read to its end.
func wellFormedFrom(h mail.Header) bool {
	var fields []mail.Field
	for _, f := range h {
		if strings.EqualFold(signature.FieldName(f), "From") {
			fields = append(fields, f)
		}
	}
	if len(fields) != 1 {
		return false
	}
	_, ok := mail.ParseMailboxes(fields[0].Value())
	return ok
}

// unusableAuthor says why DMARC can't be evaluated, "" if it can.
func (p *Proof) unusableAuthor() string {
	switch {
	case p.Author == mail.AuthorNone:
		return "From names no author"
	case p.Author == mail.AuthorSeveral && p.FromDomain == "":
		return "From names several authors"
	case p.Author == mail.AuthorMalformed:
		return "From is malformed"
	case p.FromDomain == "":
		return "the author's address has no domain"
	}
	return ""
}

// Unproved is the proof of a message that nobody checked.
func Unproved(msg *mail.Message) Proof { return newProof(FromNobody, msg) }
