package finding

// The closed list of findings. Meaning and DefaultPoints say more about each.
const (
	Impersonation       Name = "impersonation"
	UnprovedClaim       Name = "unproved-claim"
	SpoofedBrand        Name = "spoofed-brand"
	UncheckedBrand      Name = "unchecked-brand"
	PersonImpersonation Name = "person-impersonation"
	WeakClaim           Name = "weak-claim"
	ImplausibleFrom     Name = "implausible-sender"
	LinksLeaveBrand     Name = "links-leave-brand"
	LinkMismatch        Name = "link-mismatch"
	HotLinked           Name = "hot-linked"
	UnknownClaim        Name = "unknown-claim"
	RandomSender        Name = "random-sender"
	CallBack            Name = "call-back"
	PassedOn            Name = "passed-on"
	ListedSender        Name = "listed-sender"
	ListedLink          Name = "listed-link"
	ListConflict        Name = "list-conflict"
	LookalikeHost       Name = "lookalike-host"
	NameAddress         Name = "name-address"
	ReplyElsewhere      Name = "reply-elsewhere"
	Lure                Name = "lure"
	ManyRecipients      Name = "many-recipients"
	Campaign            Name = "campaign"
	DMARCReject         Name = "dmarc-reject"
	DMARCQuarantine     Name = "dmarc-quarantine"
	DMARCFail           Name = "dmarc-fail"
	SPFFail             Name = "spf-fail"
	SPFSoftFail         Name = "spf-softfail"
	SPFError            Name = "spf-error"
	DKIMFail            Name = "dkim-fail"
	DKIMPolicy          Name = "dkim-policy"
	DKIMUnaligned       Name = "dkim-unaligned"
	Forwarded           Name = "forwarded"
	AuthTempError       Name = "auth-temperror"
	NoAuth              Name = "no-auth"
	NoReverseDNS        Name = "no-reverse-dns"
	FromMissing         Name = "from-missing"
	FromSeveral         Name = "from-several"
	FromMalformed       Name = "from-malformed"
	ReadingsDiffer      Name = "readings-differ"
	Structure           Name = "structure"
	LimitHit            Name = "limit-hit"
	ChecksShed          Name = "checks-shed"
)

// entry is one line of the table of names.
type entry struct {
	name    Name
	points  int
	meaning string
}

// table is the closed list, in the order in which findings are reported. The
// points belong to a scale on which 4 tags and 8 quarantines. They are chosen so
// that no finding quarantines alone unless the author's own domain asks for it,
// and so that a counted claim quarantines once one thing that a phisher cannot
// do without (a link that leaves the brand, or pressing words) comes with it.
var table = [...]entry{
	{Impersonation, 6, "claims a brand, while another domain is proved"},
	{UnprovedClaim, 5, "claims a brand from a domain that is not the brand's, and nothing is proved"},
	{SpoofedBrand, 6, "the From address is in a brand's own domain, which did not authenticate the message"},
	{UncheckedBrand, 0, "the From address is in a brand's own domain, and the check that would prove it could not be finished"},
	{PersonImpersonation, 6, "the display name is that of a protected person, the address is not"},
	{WeakClaim, 2, "one faint claim of a brand that is not proved"},
	{ImplausibleFrom, 3, "a school, town or clinic claims to be a consumer brand"},
	{LinksLeaveBrand, 3, "links to follow lead away from the brand that the message claims without proof"},
	{LinkMismatch, 2, "the visible text of a link names another domain than the link leads to"},
	{LookalikeHost, 2, "a brand's name inside a host name that is not the brand's"},
	{HotLinked, 2, "pictures come from the host of a brand that is claimed without proof, and no link leads there"},
	{UnknownClaim, 3, "poses as an organisation or office that the catalogue does not know, from a sender who has nothing to do with it"},
	{RandomSender, 1, "a program made up the sender's mailbox or domain, beside a claim that is not proved"},
	{CallBack, 4, "asks to call a number about money that a brand is said to have charged, from somebody else"},
	{PassedOn, 0, "a claim weighs less because the message answers, passes on or was posted to a list"},
	{ListedSender, 5, "the sender is in a list of addresses that phishing used"},
	{ListedLink, 5, "a link goes to a page or host that is in a list of phishing"},
	{ListConflict, 0, "an entry of a list is against mail that a brand is proved to have sent; it does not count"},
	{NameAddress, 2, "the display name shows an address or domain of somebody other than the From address"},
	{ReplyElsewhere, 2, "answers go to a free mailbox while the message claims a brand without proof"},
	{Lure, 2, "pressing or credential-seeking words beside a claim that is not proved"},
	{ManyRecipients, 1, "many recipients in one transaction beside a claim that is not proved"},
	{Campaign, 2, "a copy of what an incident is about: one sender suddenly claims brands to many, or several make one claim"},
	{DMARCReject, 8, "DMARC failed and the author domain asks to reject"},
	{DMARCQuarantine, 8, "DMARC failed and the author domain asks to quarantine"},
	{DMARCFail, 1, "DMARC failed and the author domain asks for nothing"},
	{SPFFail, 1, "the client may not send for the envelope sender's domain"},
	{SPFSoftFail, 0, "the client probably may not send for the envelope sender's domain"},
	{SPFError, 0, "the envelope sender's domain publishes an SPF record that can't be evaluated"},
	{DKIMFail, 0, "no DKIM signature verifies, and one that is there did not"},
	{DKIMPolicy, 0, "the only DKIM signatures are not accepted: part of the body is not signed, or the key is too weak"},
	{DKIMUnaligned, 0, "a DKIM signature verifies, but none of the author's domain"},
	{Forwarded, 0, "authentication failed on a path that the recipient's policy trusts to break it"},
	{AuthTempError, 0, "an authentication check that could prove the author could not be finished"},
	{NoAuth, 1, "checked, and no domain is proved"},
	{NoReverseDNS, 1, "the client's address has no name that leads back to it"},
	{FromMissing, 3, "no author address at all"},
	{FromSeveral, 2, "several From fields or several authors"},
	{FromMalformed, 2, "an author address that RFC 5322 does not allow"},
	{ReadingsDiffer, 1, "mail clients would show different names or subjects"},
	{Structure, 0, "the message departs from the standards"},
	{LimitHit, 0, "part of the message was not looked at because a limit was reached"},
	{ChecksShed, 0, "under load a check was left out that the message has something for"},
}

// Names returns the closed list of finding names, in the order of the docs.
func Names() []Name {
	names := make([]Name, len(table))
	for i, e := range table {
		names[i] = e.name
	}
	return names
}

// Known reports whether n is one of Names.
func (n Name) Known() bool { return n.lookup().name != "" }

// Meaning says in one line what n means; "" for a name that is not known.
func (n Name) Meaning() string { return n.lookup().meaning }

// DefaultPoints is what n weighs where a policy does not say otherwise, on a
// scale where 4 points tag and 8 quarantine. 0 for a name that is not known.
func (n Name) DefaultPoints() int { return n.lookup().points }

func (n Name) lookup() entry {
	for _, e := range table {
		if e.name == n {
			return e
		}
	}
	return entry{}
}

// order is the place of n in Names.
func (n Name) order() int {
	for i, e := range table {
		if e.name == n {
			return i
		}
	}
	return len(table)
}
