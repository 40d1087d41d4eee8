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
	for _, s := range p.DKIM {
		if s.Result == dkim.Pass && s.Domain != "" {
			id := p.identity(s.Domain, ByDKIM, strictDKIM)
			id.Selector = s.Selector
			if !strings.HasPrefix(s.Algorithm, "ed25519") {
				id.KeyBits = s.KeyBits
			}
			found = append(found, rank(id, s.KeyBits > 0 && !s.Weak()))
		}
	}
	if p.SPF.Result == spf.Pass && p.SPF.Domain != "" {
		found = append(found, rank(p.identity(p.SPF.Domain, BySPF, strictSPF), false))
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(b.rank, a.rank) })
	for _, f := range found {
		same := func(id Identity) bool { return id.Domain == f.Domain && id.Method == f.Method }
		if !slices.ContainsFunc(p.Identities, same) {
			p.Identities = append(p.Identities, f.Identity)
		}
	}
}

type ranked struct {
	Identity
	rank int
}

// rank says how strong a proof is: aligned before not, DKIM before SPF, an
// adequate key before a weak or unknown one.
func rank(id Identity, adequateKey bool) ranked {
	r := ranked{Identity: id}
	if id.Aligned {
		r.rank += 4
	}
	if id.Method == ByDKIM {
		r.rank += 2
	}
	if adequateKey {
		r.rank++
	}
	return r
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
