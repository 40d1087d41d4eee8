package proof

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
)

// Strength says how much a proved identity tells about the author. The words are
// an interface: JSON and logs use them.
type Strength string

// From strong to weak. The first four are aligned with From.
const (
	StrongKey Strength = "dkim"      // a signature by Ed25519, or by RSA with 2048 bits or more
	Stated    Strength = "stated"    // a field states that DMARC passed, not by what
	WeakKey   Strength = "dkim-weak" // a signature by a shorter RSA key, or by one that is not known
	SPFOnly   Strength = "spf"       // the client's address alone: whoever shares the server shares the proof
	Forwarded Strength = "forwarded" // the word of a sealer on the way (ByARC)
	Unaligned Strength = "unaligned" // proves who handled the message, and nothing about its author
)

// strengths is the order of Strength.
var strengths = [...]Strength{StrongKey, Stated, WeakKey, SPFOnly, Forwarded, Unaligned}

// OrgDomain returns the organisational domain of an A-label domain by the
// public suffix list, private section included: one label below the public
// suffix. A domain that is itself a public suffix is its own; "" stays "".
func OrgDomain(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// findIdentities collects the proved domains, strongest first. A domain that is
// proved twice by one method is there once, with the stronger proof.
func (p *Proof) findIdentities() {
	strictDKIM, strictSPF := strictModes(p.DMARC.Record)
	var found []ranked
	add := func(id Identity, adequateKey bool) {
		id.Strength = strength(id, adequateKey)
		rank := 2 * slices.Index(strengths[:], id.Strength)
		if !adequateKey {
			rank++
		}
		found = append(found, ranked{id, rank})
	}
	for _, s := range p.DKIM {
		if s.Result == dkim.Pass && s.Domain != "" {
			id := p.identity(s.Domain, ByDKIM, strictDKIM)
			id.Selector = s.Selector
			if !strings.HasPrefix(s.Algorithm, "ed25519") {
				id.KeyBits = s.KeyBits
			}
			add(id, s.KeyBits > 0 && !s.Weak())
		}
	}
	if p.SPF.Result == spf.Pass && p.SPF.Domain != "" {
		add(p.identity(p.SPF.Domain, BySPF, strictSPF), false)
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	for _, f := range found {
		same := func(id Identity) bool { return id.Domain == f.Domain && id.Method == f.Method }
		if !slices.ContainsFunc(p.Identities, same) {
			p.Identities = append(p.Identities, f.Identity)
		}
	}
}

// aligned reports whether an identity in alignment with From is proved; such ones
// come first.
func (p *Proof) aligned() bool { return len(p.Identities) > 0 && p.Identities[0].Aligned }

type ranked struct {
	Identity
	rank int // 0 is strongest
}

// strength grades what a signature or SPF proved.
func strength(id Identity, adequateKey bool) Strength {
	switch {
	case !id.Aligned:
		return Unaligned
	case id.Method == BySPF:
		return SPFOnly
	case adequateKey:
		return StrongKey
	}
	return WeakKey
}

func (p *Proof) identity(domain string, method Method, strict bool) Identity {
	id := Identity{Domain: domain, OrgDomain: OrgDomain(domain), Method: method}
	switch {
	case p.FromDomain == "":
	case strict:
		id.Aligned = domain == p.FromDomain
	default:
		id.Aligned = id.OrgDomain == p.FromOrg
	}
	// The tree walk (RFC 9989) can find a larger organisation than the list.
	if p.DMARC.Result == dmarc.Pass && p.DMARC.AlignedDomain == domain && p.DMARC.AlignedBy == string(method) {
		id.Aligned = true
	}
	return id
}

// strictModes reads adkim= and aspf= of a DMARC record.
func strictModes(record string) (dkim, spf bool) {
	for spec := range strings.SplitSeq(record, ";") {
		name, value, _ := strings.Cut(spec, "=")
		if !strings.EqualFold(strings.TrimSpace(value), "s") {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "adkim":
			dkim = true
		case "aspf":
			spf = true
		}
	}
	return dkim, spf
}
