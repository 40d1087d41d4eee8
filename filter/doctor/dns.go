package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"sekisho/filter/dns"
)

// dns asks each server by itself: one that is dead costs every message time, though
// the others answer.
func (e *examination) dns(ctx context.Context) {
	all, err := dns.New(dns.Options{Servers: e.cfg.DNS.Servers})
	if err != nil {
		e.add("dns", Bad, e.opt.Detail(err), "name servers in dns.servers, or in /etc/resolv.conf")
		return
	}
	servers := all.Servers()
	all.Close()
	for _, s := range servers {
		e.server(ctx, s)
	}
}

func (e *examination) server(ctx context.Context, addr string) {
	if _, _, err := ask(ctx, addr); err != nil { // so that the server knows the answer when time is taken
		e.add("dns", Bad, fmt.Sprintf("%s does not answer: %v", addr, err),
			"run a caching resolver on this host (apt install unbound) and name it in dns.servers; without DNS mail that would be held is tempfailed")
		return
	}
	found, took, err := ask(ctx, addr)
	switch {
	case err != nil:
		e.add("dns", Warning, fmt.Sprintf("%s answered once and then not: %v", addr, err), "look at the resolver's log")
	case !found:
		e.add("dns", Warning, fmt.Sprintf("%s answers, and says that %s has no mail server", addr, probe), "let the server resolve names of the Internet, or name another one in dns.servers")
	case !local(addr):
		e.add("dns", Warning, fmt.Sprintf("%s answers, but is not on this host or its network", addr),
			"run a caching resolver here: each message asks several times, and whoever runs that server learns who writes to you")
	case took > nearTime:
		e.add("dns", Warning, fmt.Sprintf("%s takes %s for what it knows", addr, took.Round(time.Millisecond)), "run a caching resolver on this host")
	default:
		e.add("dns", OK, fmt.Sprintf("%s answers in %s", addr, took.Round(10*time.Microsecond)), "")
	}
}

// ask puts a question to one server; found is whether it knew an answer.
func ask(ctx context.Context, addr string) (found bool, took time.Duration, err error) {
	r, err := dns.New(dns.Options{Servers: []string{addr}, Timeout: askTime})
	if err != nil {
		return false, 0, err
	}
	defer r.Close()
	begin := time.Now()
	list, err := r.LookupMX(ctx, probe)
	took = time.Since(begin)
	var d *net.DNSError
	if errors.As(err, &d) && d.IsNotFound && !d.IsTemporary {
		return false, took, nil
	}
	return len(list) > 0, took, err
}

// local reports an address on this host or in its private network.
func local(addr string) bool {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return false
	}
	ip := at.Addr().Unmap()
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() {
		return true
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range own {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Contains(ip) {
			return true
		}
	}
	return false
}
