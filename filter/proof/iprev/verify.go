package iprev

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// Resolver asks the DNS. Errors are *net.DNSError.
type Resolver interface {
	LookupAddr(ctx context.Context, addr string) ([]string, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
}

// Verify checks a client. Without a valid address, as for a local submission,
// nothing is looked at.
func Verify(ctx context.Context, r Resolver, ip netip.Addr) Check {
	if !ip.IsValid() {
		return Check{}
	}
	ip = ip.Unmap().WithZone("")
	names, err := r.LookupAddr(ctx, ip.String())
	if err != nil || len(names) == 0 {
		if temporary(err) {
			return Check{Result: TempError}
		}
		return Check{Result: PermError}
	}
	names = names[:min(len(names), maxNames)]
	c := Check{Result: Fail, Name: clean(names[0])}
	for _, name := range names {
		ok, err := leadsTo(ctx, r, name, ip)
		if ok {
			return Check{Result: Pass, Name: clean(name)}
		}
		if temporary(err) {
			c.Result = TempError // it might have been this one
		}
	}
	return c
}

func leadsTo(ctx context.Context, r Resolver, name string, ip netip.Addr) (bool, error) {
	addrs, err := r.LookupIPAddr(ctx, name)
	for _, a := range addrs {
		if addr, ok := netip.AddrFromSlice(a.IP); ok && addr.Unmap() == ip {
			return true, nil
		}
	}
	return false, err
}

func clean(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// temporary reports whether the answer may be another one later: whatever is not
// a plain "there is no such name or record".
func temporary(err error) bool {
	var d *net.DNSError
	return err != nil && (!errors.As(err, &d) || !d.IsNotFound)
}
