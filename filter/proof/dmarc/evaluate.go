package dmarc

import (
	"context"
	"errors"
	"net"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Evaluate finds the policy for the author domain and whether an identifier
// that passed is aligned with it (RFC 9989, section 5.3).
func Evaluate(ctx context.Context, r Resolver, in Input) Check {
	return Discover(ctx, r, in.AuthorDomain).Evaluate(ctx, in)
}

// Policies is what the DNS says about an author domain. It is for one message and
// one goroutine at a time.
type Policies struct {
	e     evaluation
	found bool
}

// Discover finds the policy for an author domain (RFC 9989, section 4.10.1), which
// takes no more than who the author is.
func Discover(ctx context.Context, r Resolver, author string) *Policies {
	p := &Policies{e: evaluation{
		walker: walker{r: r, seen: make(map[string]lookup)},
		author: normal(author),
	}}
	e := &p.e
	if e.author == "" {
		e.check = Check{Result: None, Reason: "no single author domain"}
		return p
	}
	e.check = Check{AuthorDomain: e.author, ListOrgDomain: listOrgDomain(e.author)}
	p.found = e.discover(ctx)
	return p
}

// Evaluate says whether an identifier that passed is aligned with the author
// domain, which is the one that was asked about. It asks the DNS only about
// identifiers within the author's organisation.
func (p *Policies) Evaluate(ctx context.Context, in Input) Check {
	if p.found {
		in = p.e.tidy(in)
		p.e.align(ctx, in)
		p.e.compare(in)
	}
	return p.e.check
}

// evaluation is the work on one message.
type evaluation struct {
	walker
	author string
	record *record
	orgErr error // why the organisational domain is not known
	polErr error // why Published is not certain
	check  Check
}

// normal brings a domain into the form that is compared (RFC 4343).
func normal(domain string) string {
	return strings.ToLower(strings.TrimSuffix(domain, "."))
}

func (e *evaluation) tidy(in Input) Input {
	in.SPFDomain = normal(in.SPFDomain)
	in.DKIMDomains = tidyAll(in.DKIMDomains)
	in.DKIMTemporary = tidyAll(in.DKIMTemporary)
	return in
}

func tidyAll(domains []string) []string {
	out := make([]string, 0, min(len(domains), maxIdentifiers))
	for _, d := range domains[:min(len(domains), maxIdentifiers)] {
		out = append(out, normal(d))
	}
	return out
}

// end sets a result that has no policy to speak of.
func (e *evaluation) end(r Result, reason string) bool {
	e.check.Result, e.check.Reason = r, printable(reason, maxReason)
	return false
}

func (e *evaluation) endErr(err error) bool {
	if temporary(err) {
		return e.end(TempError, "temporary DNS error: "+errorText(err))
	}
	return e.end(PermError, "DNS error: "+errorText(err))
}

// discover finds the record that applies (RFC 9989, section 4.10.1). False
// means that the check has ended.
func (e *evaluation) discover(ctx context.Context) bool {
	sites, err := e.walk(ctx, e.author)
	own := len(sites) > 0 && sites[0].domain == e.author
	switch {
	case err != nil && !own:
		return e.endErr(err)
	case len(sites) == 0:
		return e.end(None, "no DMARC record")
	case err != nil:
		// The author's own record applies whatever lies above it; only who else
		// belongs to the organisation is unknown.
		e.orgErr = err
	default:
		e.check.OrgDomain = orgDomain(sites, e.author)
	}
	s := e.choose(sites, own)
	e.record = s.record
	e.check.RecordDomain, e.check.Record = s.domain, printable(s.record.text, maxRecord)
	e.check.Secure = e.record.secure
	if e.record.noPolicy && !e.record.monitoring() {
		return e.end(None, "record of "+s.domain+" has no valid policy")
	}
	e.check.Published, e.polErr = e.published(ctx, own)
	e.check.Applied = e.check.Published
	if e.record.testing {
		e.check.Applied = milder(e.check.Published)
	}
	return true
}

// choose prefers the author domain's record, then that of the organisational
// domain, then that of the public suffix.
func (e *evaluation) choose(sites []site, own bool) site {
	if own {
		return sites[0]
	}
	for _, s := range sites {
		if s.domain == e.check.OrgDomain {
			return s
		}
	}
	return sites[len(sites)-1]
}

// published is the policy for the author domain: p of its own record, else sp
// of the one above it, or np when the author domain does not exist.
func (e *evaluation) published(ctx context.Context, own bool) (Policy, error) {
	r := e.record
	if r.monitoring() {
		return PolicyNone, nil
	}
	if own {
		return r.p, nil
	}
	sub := r.p
	if r.sp != "" {
		sub = r.sp
	}
	if r.np == "" || r.np == sub {
		return sub, nil
	}
	exists, err := e.exists(ctx, e.author)
	if err == nil && !exists {
		return r.np, nil
	}
	return sub, err
}

// milder is one level below a policy, for records with t=y (section 4.7).
func milder(p Policy) Policy {
	if p == PolicyReject {
		return PolicyQuarantine
	}
	return PolicyNone
}

// align decides between pass, fail and temperror (sections 4.10.2 and 5.3.6).
func (e *evaluation) align(ctx context.Context, in Input) {
	var doubt error
	try := func(domain string, strict bool, by string) bool {
		ok, err := e.aligned(ctx, domain, strict)
		if err != nil {
			doubt = err
		}
		if ok {
			e.check.Result, e.check.AlignedBy, e.check.AlignedDomain = Pass, by, domain
			e.check.Reason = printable(by+" aligned with "+domain, maxReason)
		}
		return ok
	}
	for _, d := range in.DKIMDomains {
		if try(d, e.record.strictDKIM, "dkim") {
			return
		}
	}
	if in.SPFPass && try(in.SPFDomain, e.record.strictSPF, "spf") {
		return
	}
	switch {
	case doubt != nil:
		e.endErr(doubt)
	case e.undecided(ctx, in):
		e.end(TempError, "SPF or DKIM undecided for a domain that would align")
	case e.polErr != nil:
		e.endErr(e.polErr)
	default:
		e.end(Fail, "nothing that passed is aligned with "+e.author)
	}
}

// aligned compares an identifier with the author domain.
func (e *evaluation) aligned(ctx context.Context, domain string, strict bool) (bool, error) {
	switch {
	case domain == "":
		return false, nil
	case domain == e.author:
		return true, nil
	case strict:
		return false, nil
	case e.orgErr != nil:
		return false, e.orgErr
	case !within(domain, e.check.OrgDomain):
		return false, nil // the organisational domain of a name is always above it
	}
	sites, err := e.walk(ctx, domain)
	if err != nil {
		return false, err
	}
	return orgDomain(sites, domain) == e.check.OrgDomain, nil
}

// undecided says whether an identifier that could not be checked might have
// made the message pass.
func (e *evaluation) undecided(ctx context.Context, in Input) bool {
	might := func(domain string, strict bool) bool {
		ok, err := e.aligned(ctx, domain, strict)
		return ok || err != nil
	}
	if in.SPFTemporary && might(in.SPFDomain, e.record.strictSPF) {
		return true
	}
	for _, d := range in.DKIMTemporary {
		if might(d, e.record.strictDKIM) {
			return true
		}
	}
	return false
}

// compare holds the outcome against the public suffix list's view.
func (e *evaluation) compare(in Input) {
	if e.check.OrgDomain == "" || e.check.Result != Pass && e.check.Result != Fail {
		return
	}
	listed := func(domain string, strict bool) bool {
		return domain != "" && (domain == e.author || !strict && e.check.ListOrgDomain != "" && listOrgDomain(domain) == e.check.ListOrgDomain)
	}
	pass := in.SPFPass && listed(in.SPFDomain, e.record.strictSPF)
	for _, d := range in.DKIMDomains {
		pass = pass || listed(d, e.record.strictDKIM)
	}
	e.check.Disagree = e.check.OrgDomain != e.check.ListOrgDomain || pass != (e.check.Result == Pass)
}

// listOrgDomain is the organisational domain of RFC 7489, section 3.2.
func listOrgDomain(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return "" // a public suffix, or no domain
	}
	return org
}

func errorText(err error) string {
	var d *net.DNSError
	if errors.As(err, &d) {
		return d.Err + " for " + d.Name
	}
	return err.Error()
}

// printable makes text fit for a log line or a header field.
func printable(s string, most int) string {
	s = s[:min(len(s), most)]
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
}
