package proof

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sekisho/filter/dns"
	"sekisho/filter/mail"
	"sekisho/filter/proof/arc"
	"sekisho/filter/proof/dkim"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/internal/signature"
	"sekisho/filter/proof/internal/task"
	"sekisho/filter/proof/iprev"
	"sekisho/filter/proof/spf"
)

// Resolver asks DNS, as net.Resolver and dns.Resolver do. It returns when its
// context ends.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Options says how a Checker works. The zero value is usable.
type Options struct {
	Timeout    time.Duration         // for all checks of one message together; DefaultTimeout if 0
	Lookups    int                   // questions to DNS servers for one message; DefaultLookups if 0
	Clock      func() time.Time      // for x= and t= of signatures; time.Now if nil
	Registerer prometheus.Registerer // takes the metrics; nil for none
}

// Checker checks messages by asking DNS. It is safe for use by several
// goroutines and made with NewChecker.
type Checker struct {
	resolver Resolver
	dkim     dkim.Verifier
	arc      arc.Verifier
	timeout  time.Duration
	lookups  int
	metrics  metrics
}

// NewChecker returns a Checker that asks r.
func NewChecker(r Resolver, o Options) *Checker {
	return &Checker{
		resolver: r,
		dkim:     dkim.Verifier{Resolver: r, Clock: o.Clock},
		arc:      arc.Verifier{Resolver: r, Clock: o.Clock},
		timeout:  cmp.Or(o.Timeout, DefaultTimeout),
		lookups:  cmp.Or(o.Lookups, DefaultLookups),
		metrics:  newMetrics(o.Registerer),
	}
}

// Check finds out who the message is proved to be. SPF, the reverse name, the keys
// of the signatures and the author's policy are looked up at once; DMARC is settled
// at last. What is not known when ctx or the time limit ends is a temporary error.
//
// The message is read in this goroutine only, and not after Check has returned.
// Check is the Prover of no rules.
func (c *Checker) Check(ctx context.Context, msg *mail.Message, env *mail.Envelope) Proof {
	return c.check(ctx, msg, env, false)
}

func (c *Checker) check(ctx context.Context, msg *mail.Message, env *mail.Envelope, withARC bool) Proof {
	ctx, cancel := context.WithTimeout(dns.WithBudget(ctx, c.lookups), c.timeout)
	defer cancel()
	p := newProof(FromDNS, msg)
	p.ARC = "none"
	ip, helo, sender, author := env.Client, env.Helo, env.Sender, p.FromDomain
	// The author's policy is looked up beside everything else and out of a budget of
	// its own: what the sender's own domains cost in questions and time must not turn
	// a policy of reject into a temporary error.
	policyCtx := dns.WithBudget(ctx, policyLookups)
	policies := task.Start("dmarc", func() *dmarc.Policies { return dmarc.Discover(policyCtx, c.resolver, author) })
	senders := task.Start("spf", func() [2]spf.Check {
		mailfrom, helo := spf.Verify(ctx, c.resolver, ip, helo, sender)
		return [2]spf.Check{mailfrom, helo}
	})
	var reverse *task.Task[iprev.Check]
	if ip.IsValid() {
		reverse = task.Start("iprev", func() iprev.Check { return iprev.Verify(ctx, c.resolver, ip) })
	}
	signed := signature.NewMessage(msg.Header, msg.Body)
	p.DKIM, p.DKIMLeft = c.verifyDKIM(ctx, signed, p.FromOrg)
	p.SPF, p.Helo = c.waitSPF(ctx, senders, helo, sender)
	p.DMARC = c.evaluateDMARC(ctx, policies, &p)
	p.findIdentities()
	if withARC && !p.aligned() {
		c.verifyARC(ctx, msg, signed, &p)
	}
	if reverse != nil {
		p.IPRev = c.waitIPRev(ctx, reverse, ip)
	}
	p.Client = p.client(env)
	c.metrics.count(&p)
	return p
}

// broken counts a task that panicked or took too long, and returns what to tell people about err.
func (c *Checker) broken(err error) string {
	var p *task.PanicError
	if errors.As(err, &p) {
		c.metrics.panics.WithLabelValues(p.Task).Inc()
		return "the check broke down"
	}
	c.metrics.limits.WithLabelValues(limitTime).Inc()
	return "the check did not end in time"
}

func (c *Checker) verifyDKIM(ctx context.Context, m *signature.Message, fromOrg string) (sigs []dkim.Signature, left int) {
	prefer := func(domain string) bool { return fromOrg != "" && OrgDomain(domain) == fromOrg }
	err := task.Guard("dkim", func() { sigs, left = c.dkim.VerifyMessage(ctx, m, prefer) })
	if err != nil {
		return []dkim.Signature{{Result: dkim.TempError, Reason: c.broken(err)}}, 0
	}
	return sigs, left
}

func (c *Checker) waitSPF(ctx context.Context, t *task.Task[[2]spf.Check], helo, sender string) (mailfrom, heloCheck spf.Check) {
	checks, err := t.Wait(ctx)
	if err != nil {
		reason := c.broken(err)
		domain := sender[strings.LastIndexByte(sender, '@')+1:]
		heloCheck = spf.Check{Result: spf.TempError, Identity: "helo", Domain: asciiDomain(helo), Reason: reason}
		mailfrom = spf.Check{Result: spf.TempError, Identity: "mailfrom", Domain: asciiDomain(cmp.Or(domain, helo)), Reason: reason}
		return mailfrom, heloCheck
	}
	return checks[0], checks[1]
}

func (c *Checker) waitIPRev(ctx context.Context, t *task.Task[iprev.Check], ip netip.Addr) iprev.Check {
	check, err := t.Wait(ctx)
	if err != nil {
		c.broken(err)
		return iprev.Check{Result: iprev.TempError}
	}
	return check
}

// evaluateDMARC holds what passed against the policy of the author's domain.
// Without one author there is no such domain, and none is picked (RFC 9989 leaves
// several authors to the receiver).
func (c *Checker) evaluateDMARC(ctx context.Context, t *task.Task[*dmarc.Policies], p *Proof) (check dmarc.Check) {
	policies, err := t.Wait(ctx)
	if why := p.unusableAuthor(); why != "" {
		return dmarc.Check{Result: dmarc.PermError, Reason: why}
	}
	if err == nil {
		err = task.Guard("dmarc", func() { check = policies.Evaluate(ctx, dmarcInput(p)) })
	}
	if err != nil {
		return dmarc.Check{Result: dmarc.TempError, AuthorDomain: p.FromDomain, Reason: c.broken(err)}
	}
	return check
}

// dmarcInput hands over which identifiers passed, and which might.
func dmarcInput(p *Proof) dmarc.Input {
	in := dmarc.Input{
		AuthorDomain: p.FromDomain,
		SPFDomain:    p.SPF.Domain,
		SPFPass:      p.SPF.Result == spf.Pass,
		SPFTemporary: p.SPF.Result == spf.TempError,
	}
	for _, s := range p.DKIM {
		switch s.Result {
		case dkim.Pass:
			in.DKIMDomains = append(in.DKIMDomains, s.Domain)
		case dkim.TempError:
			in.DKIMTemporary = append(in.DKIMTemporary, cmp.Or(s.Domain, p.FromDomain))
		}
	}
	return in
}

func asciiDomain(s string) string {
	domain, ok := mail.ASCIIDomain(s)
	if !ok {
		return ""
	}
	return domain
}
