package proof

import (
	"cmp"
	"net/netip"
	"strings"

	"sekisho/filter/mail"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
)

// Client is what is known about the SMTP client. These are facts about the last
// hop; none of them proves an author.
type Client struct {
	Addr       netip.Addr // invalid when there was no session
	Name       string     // reverse name that leads back to Addr (RFC 8601, section 3); "" without one
	Helo       string     // HELO or EHLO name as A-label, or as said where it is none, such as an address literal
	HeloProved bool       // Helo is Name, or SPF passed for it (RFC 7208, section 2.3)
	TLSVersion string     // as the MTA names it, "TLSv1.3"; "" without TLS, or when not told
	TLSCipher  string
}

// client collects the facts; Helo and IPRev have to be known.
func (p *Proof) client(env *mail.Envelope) Client {
	c := Client{
		Addr: env.Client.Unmap(), Helo: cmp.Or(asciiDomain(env.Helo), env.Helo),
		TLSVersion: env.TLSVersion, TLSCipher: env.TLSCipher,
	}
	if p.IPRev.Result == iprev.Pass {
		c.Name = p.IPRev.Name
	}
	c.HeloProved = p.Helo.Result == spf.Pass || c.Name != "" && strings.EqualFold(c.Name, c.Helo)
	return c
}
