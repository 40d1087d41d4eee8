package finding

import (
	"sekisho/filter/proof"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
)

// relateAuthentication names failed checks. Without checks there is nothing to
// say. A failure of one method means nothing where another proves the author:
// forwarding breaks SPF, and signatures that do not verify are to be ignored
// (RFC 6376, section 6.1).
func (r *relation) relateAuthentication() {
	p := r.Proof
	if p.Source == "" || p.Source == proof.FromNobody {
		return
	}
	r.relateDMARC()
	if p.IPRev.Result == iprev.PermError || p.IPRev.Result == iprev.Fail {
		r.add(NoReverseDNS, "", "the client's address has no name that leads back to it")
	}
	if r.uncertain() {
		r.add(AuthTempError, "", "an authentication check could not be finished")
		return
	}
	if r.aligned() {
		return
	}
	switch p.SPF.Result {
	case spf.Fail:
		r.add(SPFFail, "", "the client may not send for "+p.SPF.Domain)
	case spf.SoftFail:
		r.add(SPFSoftFail, "", "the client probably may not send for "+p.SPF.Domain)
	}
	for _, s := range p.DKIM {
		if s.Result == dkim.Fail {
			r.add(DKIMFail, "", "the signature of "+s.Domain+" did not verify")
			break
		}
	}
	if len(p.Identities) == 0 {
		r.add(NoAuth, "", "no domain is proved")
	}
}

// relateDMARC names a failed DMARC check by what the author domain asks for.
func (r *relation) relateDMARC() {
	check := r.Proof.DMARC
	if check.Result != dmarc.Fail {
		return
	}
	why := "DMARC failed for " + check.AuthorDomain
	switch check.Applied {
	case dmarc.PolicyReject:
		r.add(DMARCReject, "", why+", which asks to reject")
	case dmarc.PolicyQuarantine:
		r.add(DMARCQuarantine, "", why+", which asks to quarantine")
	default:
		r.add(DMARCFail, "", why)
	}
}

// aligned reports whether an identity in alignment with From is proved.
func (r *relation) aligned() bool {
	if r.Proof.DMARC.Result == dmarc.Pass {
		return true
	}
	for _, identity := range r.Proof.Identities {
		if identity.Aligned {
			return true
		}
	}
	return false
}
