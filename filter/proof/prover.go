package proof

import (
	"context"
	"net/netip"

	"sekisho/filter/mail"
)

// Gateway is a mail server of the operator's own in front of us, which checks
// messages and writes what it found into Authentication-Results. To be the client
// of all mail hides the sender from us: SPF and the reverse name would be the
// gateway's, so its word takes the place of our checks.
type Gateway struct {
	AuthservID string         // of its fields (RFC 8601, section 2.5); "" for fields without one, as Microsoft writes them
	Networks   []netip.Prefix // it connects from
}

// Rules say how messages are checked. The zero value asks DNS, and leaves ARC.
type Rules struct {
	Gateways []Gateway // whose results are believed, for what they send only
	ARC      bool      // verify ARC chains (RFC 8617); of use only where a policy names a sealer
}

// Prover returns how to prove messages by rules. A Checker can have several, so
// that rules can change while it runs.
//
// A message from a gateway is proved by the topmost field with the gateway's
// authserv-id and nothing else; without such a field nothing is proved. All other
// clients are checked, whatever fields they bring.
func (c *Checker) Prover(r Rules) func(context.Context, *mail.Message, *mail.Envelope) Proof {
	return func(ctx context.Context, msg *mail.Message, env *mail.Envelope) Proof {
		if ids := r.ids(env.Client); len(ids) > 0 {
			p := FromResults(msg, ids...)
			p.Client = p.client(env)
			p.Client.HeloProved = false // the field is about the gateway's client, not ours
			c.metrics.gateway.Inc()
			c.metrics.count(&p)
			return p
		}
		return c.check(ctx, msg, env, r.ARC)
	}
}

// ids returns the authserv-ids to believe from a client.
func (r *Rules) ids(client netip.Addr) []string {
	var ids []string
	for _, g := range r.Gateways {
		for _, network := range g.Networks {
			if network.Contains(client.Unmap()) {
				ids = append(ids, g.AuthservID)
				break
			}
		}
	}
	return ids
}
