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
	if !r.checked() {
		return
	}
	r.relateDMARC()
	if p := r.Proof.IPRev.Result; p == iprev.PermError || p == iprev.Fail {
		r.add(NoReverseDNS, "", "the client's address has no name that leads back to it")
	}
	if r.uncertain() {
		r.add(AuthTempError, "", "an authentication check could not be finished")
		return
	}
	if r.aligned() {
		return
	}
	r.relateSPF()
	r.relateDKIM()
	if len(r.identities) == 0 && !r.unfinished() {
		r.add(NoAuth, "", r.provedWhat())
	}
}

// checked reports whether anybody looked.
func (r *relation) checked() bool {
	return r.Proof.Source != "" && r.Proof.Source != proof.FromNobody
}

// relateDMARC names a failed DMARC check by what it earns: one level less than
// the author domain publishes while it says t=y (RFC 9989, section 4.7).
func (r *relation) relateDMARC() {
	check := r.Proof.DMARC
	if check.Result != dmarc.Fail {
		return
	}
	why := "DMARC failed for " + check.AuthorDomain
	name, asks := DMARCFail, ""
	switch check.Applied {
	case dmarc.PolicyReject:
		name, asks = DMARCReject, ", which asks to reject"
	case dmarc.PolicyQuarantine:
		name, asks = DMARCQuarantine, ", which asks to quarantine"
	}
	if check.Published != "" && check.Published != check.Applied {
		asks = ", which says p=" + string(check.Published) + " and is testing it"
	}
	r.add(name, "", why+asks)
}

// relateSPF names what is wrong with the envelope sender (RFC 7208, section 8).
func (r *relation) relateSPF() {
	switch p := r.Proof.SPF; p.Result {
	case spf.Fail:
		r.add(SPFFail, "", "the client may not send for "+p.Domain)
	case spf.SoftFail:
		r.add(SPFSoftFail, "", "the client probably may not send for "+p.Domain)
	case spf.PermError:
		r.add(SPFError, "", "the SPF record of "+p.Domain+" can't be evaluated")
	}
}

// relateDKIM names the one thing that keeps the signatures from proving the
// author, as RFC 7372, section 3.1, tells them apart. A broken signature by a key
// that is marked as a test is as good as none (RFC 6376, section 3.6.1).
func (r *relation) relateDKIM() {
	var passes, refused, broken *dkim.Signature
	for i := range r.Proof.DKIM {
		s := &r.Proof.DKIM[i]
		switch {
		case s.Result == dkim.Pass && passes == nil:
			passes = s
		case s.Result == dkim.Policy && refused == nil:
			refused = s
		case (s.Result == dkim.Fail || s.Result == dkim.PermError) && !s.Testing && broken == nil:
			broken = s
		}
	}
	switch {
	case passes != nil:
		r.add(DKIMUnaligned, "", "the signature of "+passes.Domain+" is not the author's")
	case refused != nil:
		r.add(DKIMPolicy, "", "the signature of "+refused.Domain+" is not accepted: "+refused.Reason)
	case broken != nil:
		r.add(DKIMFail, "", "the signature of "+broken.Domain+" did not verify")
	}
}

// aligned reports whether an identity in alignment with From is proved.
func (r *relation) aligned() bool {
	if r.Proof.DMARC.Result == dmarc.Pass {
		return true
	}
	for _, identity := range r.identities {
		if identity.Aligned {
			return true
		}
	}
	return false
}

// uncertain reports whether a check that could have proved the author did not
// finish. Checks that could not have proved him anyway are of no account, or a
// sender could sign for a domain whose servers never answer and be uncertain for
// ever.
func (r *relation) uncertain() bool { return r.Proof.Temporary() }

// unfinished reports whether any check of SPF or DKIM did not finish.
func (r *relation) unfinished() bool {
	for _, s := range r.Proof.DKIM {
		if s.Result == dkim.TempError {
			return true
		}
	}
	return r.Proof.SPF.Result == spf.TempError
}
