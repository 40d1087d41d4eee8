package spf

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// Resolver asks the DNS. *net.Resolver and filter/dns have these methods; the
// errors should be or wrap *net.DNSError; any other counts as temporary.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// familyResolver is a Resolver that can ask for one address family alone.
type familyResolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// view is what the library sees of the DNS for one check.
type view struct {
	Resolver
	ip     netip.Addr // of the client
	client *validated // its names, for %{p}
}

// brokenRecord stands for a record with a syntax error. The library evaluates
// term by term and would stop at a match before the error; this one it refuses
// at once.
const brokenRecord = "v=spf1 syntax-error"

// slash stands for a "/" inside a domain, which the grammar allows (section 7.1)
// and the library takes for the beginning of a prefix length.
const slash = '\x1f'

// hideSlashes replaces the slashes in the domains of a valid record. Those of
// prefix lengths stay, and those of ip4 and ip6, which have no domain.
func hideSlashes(record string) string {
	if strings.IndexByte(record, '/') < 0 {
		return record
	}
	terms := strings.Split(record, " ")
	for i, term := range terms {
		name, spec, ok := strings.Cut(term, ":")
		switch kind := strings.ToLower(strings.TrimLeft(name, "+-?~")); {
		case !ok, kind == "ip4", kind == "ip6":
			continue
		}
		domain, _ := cutLengths(spec)
		terms[i] = name + ":" + strings.ReplaceAll(domain, "/", string(slash)) + spec[len(domain):]
	}
	return strings.Join(terms, " ")
}

// LookupTXT returns the SPF records of a name.
func (v view) LookupTXT(ctx context.Context, name string) ([]string, error) {
	records, err := v.Resolver.LookupTXT(ctx, fit(name))
	if err != nil {
		return nil, plain(err, name)
	}
	var out []string
	for _, r := range records {
		switch {
		case !isRecord(r):
		case validRecord(r):
			if r = v.expandValidated(ctx, r, name); len(r) <= maxRecord {
				out = append(out, hideSlashes(r))
				continue
			}
			fallthrough // a long name in the place of each of many macros
		default:
			out = append(out, brokenRecord)
		}
	}
	return out, nil
}

// LookupMX asks for the hosts of an mx mechanism.
func (v view) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	mxs, err := v.Resolver.LookupMX(ctx, fit(name))
	return mxs, plain(err, name)
}

// LookupIPAddr asks only for the family that can match: A records for an IPv4
// client (RFC 7208, section 5). An IPv6 client needs both, because "exists" is
// about A records always (section 5.7).
func (v view) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	host = fit(host)
	f, ok := v.Resolver.(familyResolver)
	if !v.ip.Is4() || !ok {
		addrs, err := v.Resolver.LookupIPAddr(ctx, host)
		return addrs, plain(err, host)
	}
	addrs, err := f.LookupNetIP(ctx, "ip4", host)
	if err != nil {
		return nil, plain(err, host)
	}
	out := make([]net.IPAddr, len(addrs))
	for i, a := range addrs {
		out[i].IP = a.AsSlice()
	}
	return out, nil
}

// fit makes an expanded name what is asked for: slashes are themselves again,
// and labels are dropped from the left until it is short enough (section 7.3).
func fit(name string) string {
	name = strings.ReplaceAll(name, string(slash), "/")
	for len(strings.TrimSuffix(name, ".")) > maxDomain {
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			break
		}
		name = rest
	}
	return name
}

// plain returns err as the bare DNS error that the library looks for. What is
// none, such as the end of the time limit, says nothing for good: temporary.
func plain(err error, name string) error {
	var d *net.DNSError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &d):
		return d
	}
	return &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true}
}
