package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
)

// Options says how a [Resolver] works. The zero value is usable.
type Options struct {
	// Servers are the recursive servers, "192.0.2.1:53" or "[2001:db8::1]:53",
	// without port 53; at most eight. When empty, those of /etc/resolv.conf.
	Servers []string
	// Timeout bounds one look-up with all its tries. Default 5 s.
	Timeout time.Duration
	// TryTimeout bounds one try of one server, UDP and TCP together. Default 1.5 s.
	TryTimeout time.Duration
	// TrustAD says whose AD bit is believed. Default TrustAuto.
	TrustAD TrustAD
	// CacheBytes bounds the memory that remembered answers take. Default 32 MiB.
	CacheBytes int
	// Registerer takes the metrics; nil for none.
	Registerer prometheus.Registerer
}

// TrustAD says of which servers the AD bit, which states that DNSSEC has proved
// an answer, is believed. On the way from any other server it can be forged (RFC
// 6840, section 5.8).
type TrustAD string

const (
	TrustAuto   TrustAD = "auto"   // of servers on a loopback address
	TrustAlways TrustAD = "always" // of all: the way to each is safe
	TrustNever  TrustAD = "never"
)

// of says whether the server at an address is believed.
func (t TrustAD) of(addr string) bool {
	switch t {
	case TrustAlways:
		return true
	case TrustNever:
		return false
	}
	ap, err := netip.ParseAddrPort(addr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

// Resolver looks names up. It is safe for use by several goroutines and made
// with [New].
type Resolver struct {
	up      *upstream
	cache   *otter.Cache[key, *answer]
	metrics *metrics
	timeout time.Duration

	base  context.Context // ends with Close; questions outlive the callers that asked them
	stop  context.CancelFunc
	slots chan struct{}

	mu     sync.Mutex
	asking map[key]*flight
	closed bool
	wg     sync.WaitGroup
}

type key struct {
	name string
	kind kind
}

var wireTypes = [kinds]uint16{dns.TypeTXT, dns.TypeMX, dns.TypeA, dns.TypeAAAA, dns.TypePTR}

// New makes a resolver. Close ends it.
func New(o Options) (*Resolver, error) { return newResolver(o, nil) }

// newResolver takes the clock of the cache; nil is the real one.
func newResolver(o Options, clock otter.Clock) (*Resolver, error) {
	addrs, err := o.servers()
	if err != nil {
		return nil, fmt.Errorf("dns servers: %w", err)
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("dns metrics: %w", err)
	}
	cache, err := otter.New(&otter.Options[key, *answer]{
		MaximumWeight:    uint64(orDefault(o.CacheBytes, defaultCacheBytes)),
		Weigher:          func(k key, a *answer) uint32 { return uint32(entryOverhead + len(k.name) + a.bytes) },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[key, *answer]) time.Duration { return e.Value.ttl }),
		Clock:            clock,
	})
	if err != nil {
		return nil, fmt.Errorf("dns cache: %w", err)
	}
	servers := make([]server, len(addrs))
	for i, addr := range addrs {
		servers[i] = server{addr: addr, trusted: o.TrustAD.of(addr), failed: m.failures.WithLabelValues(addr)}
	}
	r := &Resolver{
		up:      newUpstream(servers, orDefault(o.TryTimeout, defaultTryTimeout)),
		cache:   cache,
		metrics: m,
		timeout: orDefault(o.Timeout, defaultTimeout),
		slots:   make(chan struct{}, maxInFlight),
		asking:  make(map[key]*flight),
	}
	r.base, r.stop = context.WithCancel(context.Background())
	return r, nil
}

func orDefault[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

func (o Options) servers() ([]string, error) {
	servers := o.Servers
	if len(servers) == 0 {
		var err error
		if servers, err = systemServers("/etc/resolv.conf"); err != nil {
			return nil, err
		}
	}
	if len(servers) > maxServers {
		return nil, fmt.Errorf("%d given, at most %d are used", len(servers), maxServers)
	}
	out := make([]string, 0, len(servers))
	for _, s := range servers {
		addr, err := serverAddr(s)
		if err != nil {
			return nil, fmt.Errorf("%q is no address: %w", s, err)
		}
		out = append(out, addr)
	}
	return out, nil
}

// systemServers reads resolv.conf(5): without the file, or without a server in
// it, the server is on this machine.
func systemServers(path string) ([]string, error) {
	conf, err := dns.ClientConfigFromFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return []string{"127.0.0.1"}, nil
	}
	if err != nil {
		return nil, err
	}
	if len(conf.Servers) == 0 {
		return []string{"127.0.0.1"}, nil
	}
	return conf.Servers[:min(len(conf.Servers), maxServers)], nil
}

// Close ends the questions under way and waits for them. Look-ups after it are
// temporary errors.
func (r *Resolver) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop()
	r.wg.Wait()
	r.cache.StopAllGoroutines()
}

// LookupTXT returns the TXT records of name, the strings of each joined.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	records, _, err := r.LookupTXTAuthentic(ctx, name)
	return records, err
}

// LookupTXTAuthentic is LookupTXT that also says whether DNSSEC has proved the
// answer, that there is none included: each server on the way through the aliases
// said so with the AD bit, and is trusted (Options.TrustAD).
func (r *Resolver) LookupTXTAuthentic(ctx context.Context, name string) (records []string, secure bool, err error) {
	a := r.lookup(ctx, name, kindTXT)
	if a.err != nil {
		return nil, a.secure, a.err
	}
	return slices.Clone(a.txt), a.secure, nil
}

// LookupMX returns the MX records of name, the most preferred first. Hosts end
// in a dot; the null MX (RFC 7505) is a single one.
func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	a := r.lookup(ctx, name, kindMX)
	if a.err != nil {
		return nil, a.err
	}
	records := slices.Clone(a.mx)
	slices.SortStableFunc(records, func(x, y net.MX) int { return int(x.Pref) - int(y.Pref) })
	out := make([]*net.MX, len(records))
	for i := range records {
		out[i] = &records[i]
	}
	return out, nil
}

// LookupIPAddr returns the IPv4 and IPv6 addresses of host, asked for at once.
// One family that answers is enough.
func (r *Resolver) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	name, ok := cleanName(host)
	if !ok {
		return nil, r.refuse(host, kindA).err
	}
	v4, v6 := r.begin(ctx, key{name, kindA}), r.begin(ctx, key{name, kindAAAA})
	a4, a6 := r.end(ctx, v4), r.end(ctx, v6)
	if len(a4.ip)+len(a6.ip) > 0 {
		return slices.Concat(a4.ip, a6.ip), nil
	}
	// The worse news of the two: a temporary failure hides what there may be,
	// and a name that exists is not one that does not.
	if a4.err.IsNotFound && (!a6.err.IsNotFound || a6.outcome == noData) {
		return nil, a6.err
	}
	return nil, a4.err
}

// LookupNetIP returns the addresses of host in one family, "ip4" or "ip6", or
// in both, "ip". IPv4 addresses are never in their IPv6 form.
func (r *Resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	var ips []net.IPAddr
	switch network {
	case "ip4", "ip6":
		k := kindA
		if network == "ip6" {
			k = kindAAAA
		}
		a := r.lookup(ctx, host, k)
		if a.err != nil {
			return nil, a.err
		}
		ips = a.ip
	case "ip":
		var err error
		if ips, err = r.LookupIPAddr(ctx, host); err != nil {
			return nil, err
		}
	default:
		return nil, &net.DNSError{Err: "unknown network " + network, Name: host}
	}
	out := make([]netip.Addr, 0, len(ips))
	for _, ip := range ips {
		if addr, ok := netip.AddrFromSlice(ip.IP); ok {
			out = append(out, addr.Unmap())
		}
	}
	return out, nil
}

// LookupAddr returns the names that the PTR records of an address hold. They
// end in a dot. Whether a name leads back to the address is not checked.
func (r *Resolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	name, ok := reverseName(addr)
	if !ok {
		return nil, r.refuse(addr, kindPTR).err
	}
	a := r.end(ctx, r.begin(ctx, key{name, kindPTR}))
	if a.err != nil {
		return nil, a.err
	}
	return slices.Clone(a.ptr), nil
}

func (r *Resolver) lookup(ctx context.Context, name string, k kind) *answer {
	clean, ok := cleanName(name)
	if !ok {
		return r.refuse(name, k)
	}
	return r.end(ctx, r.begin(ctx, key{clean, k}))
}

// refuse answers for a name that is not worth a question. The name comes from a
// message and ends up in errors, so it is made printable and short.
func (r *Resolver) refuse(name string, k kind) *answer {
	r.metrics.lookups[k][badName].Inc()
	name = strings.ToValidUTF8(name[:min(len(name), maxName)], "?")
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return '?'
		}
		return c
	}, name)
	return failed(badName, name, "")
}

// Servers returns the addresses of the servers that are asked, as host:port.
func (r *Resolver) Servers() []string {
	addrs := make([]string, len(r.up.servers))
	for i, s := range r.up.servers {
		addrs[i] = s.addr
	}
	return addrs
}
