package spf

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"

	"blitiri.com.ar/go/spf"
)

const (
	identityMailFrom = "mailfrom"
	identityHelo     = "helo"
)

// Verify checks both identities of a client: MAIL FROM and HELO. Sender is the
// reverse-path without angle brackets; when it is the null path, the MAIL FROM
// identity is the postmaster of the HELO name (RFC 7208, section 2.4), and one
// evaluation serves both.
func Verify(ctx context.Context, r Resolver, ip netip.Addr, helo, sender string) (mailfrom, heloCheck Check) {
	ip = ip.Unmap().WithZone("")
	var helloed sync.WaitGroup // check contains its panics
	heloDomain, heloOK := domainOf(helo)
	if heloOK {
		helloed.Go(func() { heloCheck = check(ctx, r, ip, heloDomain, "postmaster", heloDomain) })
	} else {
		heloCheck = Check{Result: None, Reason: "HELO is not a fully qualified domain name"}
	}
	local, domain := splitSender(sender)
	switch domainName, ok := domainOf(domain); {
	case domain == "" && local == "":
		helloed.Wait()
		mailfrom = heloCheck
		if heloOK {
			mailfrom.Sender = "postmaster@" + heloDomain
		}
	case ok:
		mailfrom = check(ctx, r, ip, helo, localOf(local), domainName)
		if local == "" {
			local = "postmaster"
		}
		mailfrom.Sender = local + "@" + domainName
	default:
		mailfrom = Check{Result: None, Reason: "sender has no fully qualified domain"}
	}
	helloed.Wait()
	mailfrom.Identity, heloCheck.Identity = identityMailFrom, identityHelo
	return mailfrom, heloCheck
}

// check evaluates one identity. The record is hostile text that a library
// reads: a panic there means that it cannot be interpreted.
func check(ctx context.Context, r Resolver, ip netip.Addr, helo, local, domain string) (c Check) {
	c.Domain = domain
	if !ip.IsValid() {
		c.Result, c.Reason = None, "client address unknown"
		return c
	}
	defer func() {
		if p := recover(); p != nil {
			c = Check{Result: PermError, Domain: domain, Reason: printable(fmt.Sprint("record cannot be interpreted: ", p))}
		}
	}()
	var t trace
	result, err := spf.CheckHostWithSender(net.IP(ip.AsSlice()), helo, local+"@"+domain,
		spf.WithContext(ctx),
		spf.WithResolver(view{Resolver: r, ip: ip, client: &validated{}}),
		spf.OverrideLookupLimit(maxLookups),
		spf.OverrideVoidLookupLimit(maxVoid),
		spf.WithTraceFunc(t.note))
	c.Result = Result(result)
	switch c.Result {
	case Pass, Fail, SoftFail, Neutral:
		if c.Mechanism = t.matched; c.Mechanism != "" {
			c.Reason = printable(c.Mechanism + " matches " + ip.String())
		} else {
			c.Reason = "no directive matches " + ip.String()
		}
	case None:
		c.Reason = "no SPF record"
	case TempError:
		c.Reason = printable("temporary DNS error: " + errorText(err))
	default:
		c.Result = PermError
		c.Reason = printable(errorText(err))
	}
	return c
}

// errorText says what went wrong, by the name it went wrong with.
func errorText(err error) string {
	var d *net.DNSError
	switch {
	case errors.As(err, &d):
		return d.Err + " for " + d.Name
	case errors.Is(err, spf.ErrUnknownField):
		return "syntax error in the record"
	case errors.Is(err, spf.ErrNoResult):
		return "a domain the record refers to has no record"
	case err != nil:
		return err.Error()
	}
	return "record cannot be evaluated"
}

// trace learns from the library's trace which directive decided. The messages
// are not a stable interface: the version is pinned, and a test holds them.
type trace struct {
	matched string // the last directive that matched, as it stands in the record
}

const (
	traceTerm    = "%q %v, %v" // a term ended the evaluation of its record
	traceAll     = "all: %v"
	traceNothing = "fallback to neutral"
	traceCheck   = "check %q %d %d" // a record is evaluated, perhaps inside another one
)

// note takes one trace message. Inside an include, the outcome of the included
// record comes first and is then replaced by that of the include itself, or by
// a later term of the record around it.
func (t *trace) note(format string, args ...any) {
	switch format {
	case traceCheck, traceNothing:
		t.matched = ""
	case traceAll:
		t.matched = qualified(args[0], "all")
	case traceTerm:
		t.matched = ""
		if err, ok := args[2].(error); ok && isMatch(err) {
			t.matched = qualified(args[1], args[0])
		}
	}
}

// qualified puts the qualifier before a mechanism that the library has taken
// off; none stands for pass.
func qualified(result, mechanism any) string {
	m, _ := mechanism.(string)
	m = strings.ReplaceAll(m, string(slash), "/")
	switch result {
	case spf.Fail:
		m = "-" + m
	case spf.SoftFail:
		m = "~" + m
	case spf.Neutral:
		m = "?" + m
	}
	return printable(m)
}

func isMatch(err error) bool {
	for _, match := range []error{
		spf.ErrMatchedAll, spf.ErrMatchedA, spf.ErrMatchedIP,
		spf.ErrMatchedMX, spf.ErrMatchedPTR, spf.ErrMatchedExists,
	} {
		if err == match {
			return true
		}
	}
	return false
}
