package finding

import (
	"bytes"
	"net/netip"
	"slices"

	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/filter/proof/arc"
	"sekisho/filter/proof/dkim"
)

// ForwarderKind says by what a policy knows a forwarder. The words are an
// interface: metrics and JSON use them.
type ForwarderKind string

const (
	ByNetwork ForwarderKind = "network" // the client's address, and the name that leads back to it
	BySealer  ForwarderKind = "arc"     // an ARC seal (RFC 8617), and those after it
	ByList    ForwarderKind = "list"    // List-Id (RFC 2919), and a signature of the list's domain
)

// ForwarderKinds lists every kind.
func ForwarderKinds() []ForwarderKind { return []ForwarderKind{ByNetwork, BySealer, ByList} }

// Forwarder is an entry of a recipient's policy that says: what comes this way
// may have lost its authentication on the way.
type Forwarder struct {
	Kind   ForwarderKind
	Domain string // of the client's name, the sealer or the list
	Where  string // "policies/example.jp.yaml:12"
	Reason string // why the entry is there, in its author's words
}

// Path is what is proved about the way that a message came.
type Path struct {
	Client  netip.Addr   `json:"client,omitzero"`   // invalid when there was no session
	Name    string       `json:"name,omitempty"`    // name of Client that leads back to it; "" without one
	Seals   []proof.Seal `json:"seals,omitempty"`   // of the ARC chain, the newest first
	List    string       `json:"list,omitempty"`    // domain in List-Id, A-label; "" without exactly one
	Signers []string     `json:"signers,omitempty"` // domains of the signatures that verify
}

// Detour is what a path may explain: all that Override needs, so that a policy
// can be asked again when the message itself is gone.
type Detour struct {
	Path
	Forwarded bool      `json:"forwarded,omitempty"` // forwarding can be what broke authentication
	Undecided bool      `json:"undecided,omitempty"` // the keys of the ARC chain could not be fetched
	Vouched   []Finding `json:"vouched,omitempty"`   // what is found if a sealer's word for the author counts; nil where no sealer gives it
}

// Path returns what is proved about the way of the message.
func (in Input) Path() Path {
	p := Path{Client: in.Proof.Client.Addr, Name: in.Proof.Client.Name, Seals: in.Proof.Seals, List: listOf(in.Message.Header)}
	for _, s := range in.Proof.DKIM {
		if s.Result == dkim.Pass && s.Domain != "" {
			p.Signers = append(p.Signers, s.Domain)
		}
	}
	return p
}

// listOf reads List-Id: a phrase, and the list in angle brackets (RFC 2919,
// section 3).
func listOf(h mail.Header) string {
	fields := h.All("List-Id")
	if len(fields) != 1 {
		return ""
	}
	value := fields[0].Value()
	open := bytes.LastIndexByte(value, '<')
	if open < 0 || !bytes.HasSuffix(value, []byte(">")) {
		return ""
	}
	domain, ok := mail.ASCIIDomain(string(value[open+1 : len(value)-1]))
	if !ok {
		return ""
	}
	return domain
}

// Overridable reports whether anything was found that a forwarder breaks: a new
// client breaks SPF, a changed message breaks DKIM, and both together DMARC.
func Overridable(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool {
		switch f.Name {
		case DMARCReject, DMARCQuarantine, DMARCFail, SPFFail, SPFSoftFail, DKIMFail:
			return true
		}
		return false
	})
}

// explained reports what is gone once such a failure is overridden: itself, and
// what only says that nothing else proved the author.
func explained(f Finding) bool {
	return Overridable([]Finding{f}) || f.Name == DKIMUnaligned || f.Name == NoAuth
}

// Detour returns what the path of the message may explain of what was found,
// which has to come from Relate of the same input.
//
// With a sealer's statement From counts as proved "by arc", as weakly as can be,
// and the claims are held against that: a genuine mail from a brand's own domain
// is then the brand's, and any other brand stays as unmet as without the detour.
//
// Where links in a mail from a brand's own domain lead away from the brand, From
// does not count as proved even so. A seal says who wrote what the sealer got, not
// what the sealer sent on: one that is broken into, or that anybody may write
// through, could turn a genuine mail into a trap, and the trap is in the links.
// The failure itself is explained, so the domain's wish to reject is not
// followed; that the brand is not proved, and where the links lead, remains.
func (in Input) Detour(found []Finding) Detour {
	d := Detour{Path: in.Path()}
	if !Overridable(found) || !in.looksForwarded() {
		return d
	}
	d.Forwarded = true
	d.Undecided = in.Proof.ARC == string(arc.TempError)
	if !slices.ContainsFunc(in.Proof.Seals, func(s proof.Seal) bool { return s.Author }) {
		return d
	}
	d.Vouched = found
	if !d.Undecided && !in.leavesOwner() {
		in.Proof.Identities = append(slices.Clip(in.Proof.Identities), proof.Identity{
			Domain: in.Proof.FromDomain, OrgDomain: in.Proof.FromOrg, Method: proof.ByARC, Strength: proof.Forwarded, Aligned: true,
		})
		d.Vouched = Relate(in)
	}
	return d
}

// Override returns what was found about a message for a recipient who trusts its
// path by f: the failures that forwarding explains are gone, and "forwarded",
// which names the entry, is there instead. It is false where the failures stand.
//
// The path has to match f. The failures stand
//
//   - if none is there, or the message does not look forwarded: From names no
//     single author, or he is proved, or a check that could prove him did not
//     finish, or no hop before the client left a Received field;
//   - for a network or a list, if the message claims a brand without proof. Such a
//     path lets the honest and the impostor through alike and knows nothing about
//     the author, so to lift a brand's failed DMARC there is to open the door that
//     DMARC shut;
//   - for a sealer, unless it states that the From domain was authenticated when
//     the message reached it. While the keys of the chain can't be fetched the
//     failures stand too, but auth-temperror is beside them: the sender is to try
//     again.
//
// Only failures are lifted, never a claim.
func (d *Detour) Override(found []Finding, f Forwarder) ([]Finding, bool) {
	if !d.Forwarded {
		return nil, false
	}
	why := overrideWhy(found, f)
	switch {
	case f.Kind != BySealer && slices.ContainsFunc(found, claimsUnproved):
		return nil, false
	case f.Kind != BySealer:
		return overridden(found, why), true
	case !d.vouched(f.Domain):
		return nil, false
	case d.Undecided:
		undecided := Finding{Name: AuthTempError, Why: line("the seal of " + f.Domain + " could not be verified for now")}
		return inOrder(append(slices.Clip(slices.Clone(found)), undecided)), true
	}
	return overridden(d.Vouched, why), true
}

// looksForwarded reports whether forwarding can be what broke authentication.
func (in Input) looksForwarded() bool {
	p := &in.Proof
	aligned := func(id proof.Identity) bool { return id.Aligned }
	if p.FromDomain == "" || slices.ContainsFunc(p.Identities, aligned) || p.Temporary() {
		return false
	}
	_, handedOn := in.Message.Header.First("Received") // the MTA does not show us its own
	return handedOn
}

// vouched reports whether the sealer states that the author was authenticated.
func (d *Detour) vouched(sealer string) bool {
	return slices.ContainsFunc(d.Seals, func(s proof.Seal) bool { return s.Author && s.Domain == sealer })
}

// leavesOwner reports whether links lead away from the brand in whose own domain
// From is.
func (in Input) leavesOwner() bool {
	r := newRelation(in)
	for i := range r.standings {
		if r.standings[i].ownFrom {
			r.relateLeaving(&r.standings[i])
		}
	}
	return len(r.found) > 0
}

// claimsUnproved reports a finding that a brand is claimed without proof.
func claimsUnproved(f Finding) bool {
	switch f.Name {
	case Impersonation, UnprovedClaim, SpoofedBrand, UncheckedBrand:
		return true
	}
	return false
}

// overrideWhy tells which entry explains which failures.
func overrideWhy(found []Finding, f Forwarder) string {
	why := "came by the trusted " + string(f.Kind) + " " + f.Domain + " (" + f.Where + ")"
	told := 0
	for _, failure := range found {
		if explained(failure) && told < maxEvidence {
			why += "; " + failure.Why
			told++
		}
	}
	return line(why)
}

// overridden puts "forwarded" in the place of what is explained.
func overridden(found []Finding, why string) []Finding {
	kept := make([]Finding, 0, len(found)+1)
	for _, f := range found {
		if !explained(f) {
			kept = append(kept, f)
		}
	}
	return inOrder(append(kept, Finding{Name: Forwarded, Why: why}))
}
