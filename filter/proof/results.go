package proof

import (
	"cmp"
	"strconv"

	"sekisho/filter/mail"
	"sekisho/filter/proof/arc"
	"sekisho/filter/proof/authres"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/spf"
)

// Results returns what an Authentication-Results field on top of the message is
// to say (RFC 8601, section 2.7). It is nil unless we checked ourselves: a field
// of ours never repeats what somebody else found.
func Results(p Proof, env *mail.Envelope) []authres.Result {
	if p.Source != FromDNS {
		return nil
	}
	var out []authres.Result
	if p.SPF.Result != "" {
		out = append(out, spfResult(p.SPF, env.Sender != "", env))
	}
	if p.Helo.Result != "" && env.Sender != "" {
		out = append(out, spfResult(p.Helo, false, env))
	}
	for _, s := range p.DKIM {
		out = append(out, dkimResult(s))
	}
	if len(p.DKIM) == 0 {
		out = append(out, authres.Result{Method: "dkim", Value: string(dkim.None)})
	}
	if p.DMARC.Result != "" {
		out = append(out, dmarcResult(p))
	}
	if p.IPRev.Result != "" {
		r := authres.Result{Method: "iprev", Value: string(p.IPRev.Result), Comment: p.IPRev.Name}
		out = append(out, with(r, "policy", "iprev", env.Client.Unmap().String()))
	}
	if p.ARC != "" && p.ARC != "none" {
		out = append(out, arcResult(p.ARC))
	}
	return out
}

// with adds a property unless its value is empty.
func with(r authres.Result, ptype, name, value string) authres.Result {
	if value != "" {
		r.Properties = append(r.Properties, authres.Property{Type: ptype, Name: name, Value: value})
	}
	return r
}

// spfResult names the HELO name where that was checked (RFC 8601, section 2.7.2).
func spfResult(c spf.Check, mailfrom bool, env *mail.Envelope) authres.Result {
	r := authres.Result{Method: "spf", Value: string(c.Result)}
	if c.Result != spf.Pass {
		r.Reason = c.Reason
	}
	if mailfrom {
		return with(r, "smtp", "mailfrom", env.Sender)
	}
	return with(r, "smtp", "helo", cmp.Or(c.Domain, env.Helo))
}

func dkimResult(s dkim.Signature) authres.Result {
	r := authres.Result{Method: "dkim", Value: string(s.Result), Reason: s.Reason}
	if s.KeyBits > 0 {
		r.Comment = strconv.Itoa(s.KeyBits) + "-bit key"
		if s.Secure {
			r.Comment += "; secure" // as OpenDKIM has it
		}
		if s.Testing {
			r.Comment += ", test mode"
		}
	}
	r = with(r, "header", "d", s.Domain)
	r = with(r, "header", "i", s.Identity)
	r = with(r, "header", "s", s.Selector)
	r = with(r, "header", "a", s.Algorithm)
	return with(r, "header", "b", s.B)
}

// dmarcResult names the published policy in a comment, as most servers do, and
// the one to apply as policy.dmarc (RFC 7489, section 11.1).
func dmarcResult(p Proof) authres.Result {
	c := p.DMARC
	r := authres.Result{Method: "dmarc", Value: string(c.Result)}
	if c.Result != dmarc.Pass {
		r.Reason = c.Reason
	}
	if c.Published != "" {
		r.Comment = "p=" + string(c.Published)
	}
	r = with(r, "header", "from", p.FromDomain)
	return with(r, "policy", "dmarc", string(c.Applied))
}

// arcResult has "fail" for what is undecided: the registry knows no temporary
// error of ARC (RFC 8617, section 10.1).
func arcResult(result string) authres.Result {
	if result == string(arc.TempError) {
		return authres.Result{Method: "arc", Value: string(arc.Fail), Reason: "a key could not be fetched"}
	}
	return authres.Result{Method: "arc", Value: result}
}
