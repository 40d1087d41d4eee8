package finding

// OfClaim reports whether n is found only beside a claim of a brand that is not
// proved: were the brand proved, it would not be there.
func (n Name) OfClaim() bool {
	switch n {
	case Impersonation, UnprovedClaim, SpoofedBrand, UncheckedBrand, WeakClaim, ImplausibleFrom, LinksLeaveBrand, HotLinked,
		RandomSender, CallBack, PassedOn, ReplyElsewhere, Lure, ManyRecipients, Campaign:
		return true
	}
	return false
}

// OfProof reports whether n says that the author's domain is not authenticated:
// were it, n would not be there.
func (n Name) OfProof() bool {
	switch n {
	case DMARCReject, DMARCQuarantine, DMARCFail, SPFFail, SPFSoftFail, SPFError, DKIMFail, DKIMPolicy, DKIMUnaligned, NoAuth, AuthTempError:
		return true
	}
	return false
}
