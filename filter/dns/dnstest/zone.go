package dnstest

import (
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	defaultTTL = 300 // seconds, for records that name none and for the SOA that is made up
	maxChain   = 16  // CNAME records followed for one answer
)

// directive says how a name misbehaves.
type directive struct {
	rcode    int
	silent   bool
	truncate bool
	noSOA    bool
	noEDNS   bool
	secure   bool
	delay    time.Duration
}

// zone holds the records by canonical owner name. It does not change after
// parseZone.
type zone struct {
	records    map[string][]dns.RR
	exists     map[string]bool // owner names and the empty non-terminals above them
	directives map[string]directive
}

func parseZone(text string) (*zone, error) {
	z := &zone{
		records:    make(map[string][]dns.RR),
		exists:     make(map[string]bool),
		directives: make(map[string]directive),
	}
	zp := dns.NewZoneParser(strings.NewReader(text), ".", "zone")
	zp.SetDefaultTTL(defaultTTL)
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		name := dns.CanonicalName(rr.Header().Name)
		z.records[name] = append(z.records[name], rr)
		for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
			z.exists[name[off:]] = true
		}
	}
	if err := zp.Err(); err != nil {
		return nil, err
	}
	for n, line := range strings.Split(text, "\n") {
		if err := z.direct(line); err != nil {
			return nil, fmt.Errorf("zone line %d: %w", n+1, err)
		}
	}
	return z, nil
}

// direct reads a directive; other lines and other comments are none of its
// business.
func (z *zone) direct(line string) error {
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), ";")
	if !ok {
		return nil
	}
	words := strings.Fields(rest)
	if len(words) < 2 {
		return nil
	}
	name := dns.CanonicalName(words[1])
	d := z.directives[name]
	switch words[0] {
	case "servfail":
		d.rcode = dns.RcodeServerFailure
	case "refused":
		d.rcode = dns.RcodeRefused
	case "silent":
		d.silent = true
	case "truncate":
		d.truncate = true
	case "noedns":
		d.noEDNS = true
	case "secure":
		d.secure = true
	case "nosoa":
		d.noSOA = true
	case "delay":
		if len(words) < 3 {
			return fmt.Errorf("delay of %s: how long?", name)
		}
		delay, err := time.ParseDuration(words[2])
		if err != nil {
			return err
		}
		d.delay = delay
	default:
		return nil
	}
	z.directives[name] = d
	return nil
}

// answer builds the reply to a query with one question.
func (z *zone) answer(req *dns.Msg, d directive) *dns.Msg {
	m := new(dns.Msg).SetReply(req)
	m.RecursionAvailable = true
	if opt := req.IsEdns0(); opt != nil {
		if d.noEDNS {
			m.Rcode = dns.RcodeFormatError
			return m
		}
		m.SetEdns0(opt.UDPSize(), false)
		m.AuthenticatedData = opt.Do()
	}
	// A validating resolver says so to those who ask (RFC 6840, section 5.7).
	m.AuthenticatedData = d.secure && (m.AuthenticatedData || req.AuthenticatedData)
	if d.rcode != dns.RcodeSuccess {
		m.Rcode = d.rcode
		return m
	}
	name, qtype := req.Question[0].Name, req.Question[0].Qtype
	for range maxChain {
		rrs, found := z.at(name)
		if !found {
			m.Rcode = dns.RcodeNameError
			break
		}
		var alias *dns.CNAME
		n := len(m.Answer)
		for _, rr := range rrs {
			if c, ok := rr.(*dns.CNAME); ok {
				alias = c
			}
			if rr.Header().Rrtype == qtype {
				m.Answer = append(m.Answer, rr)
			}
		}
		if len(m.Answer) > n {
			return m
		}
		if alias == nil {
			break
		}
		m.Answer = append(m.Answer, alias)
		name = alias.Target
		t := z.directives[dns.CanonicalName(name)]
		m.AuthenticatedData = m.AuthenticatedData && t.secure
		if t.rcode != dns.RcodeSuccess {
			m.Rcode = t.rcode
			return m
		}
	}
	if !d.noSOA {
		m.Ns = append(m.Ns, z.soa(name))
	}
	return m
}

// at returns the records of a name, those of the wildcard that covers it when
// the name itself does not exist (RFC 4592). The owner is written as asked.
func (z *zone) at(name string) ([]dns.RR, bool) {
	canonical := dns.CanonicalName(name)
	if z.exists[canonical] {
		return owned(z.records[canonical], name), true
	}
	for off, end := dns.NextLabel(canonical, 0); !end; off, end = dns.NextLabel(canonical, off) {
		if rrs, ok := z.records["*."+canonical[off:]]; ok {
			return owned(rrs, name), true
		}
		if z.exists[canonical[off:]] {
			break // the closest encloser has no wildcard
		}
	}
	return nil, false
}

func owned(rrs []dns.RR, name string) []dns.RR {
	out := make([]dns.RR, 0, len(rrs))
	for _, rr := range rrs {
		rr = dns.Copy(rr)
		rr.Header().Name = name
		out = append(out, rr)
	}
	return out
}

// soa returns the closest SOA above name, or one for the root made up.
func (z *zone) soa(name string) dns.RR {
	name = dns.CanonicalName(name)
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		for _, rr := range z.records[name[off:]] {
			if rr.Header().Rrtype == dns.TypeSOA {
				return rr
			}
		}
	}
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: defaultTTL},
		Ns:  "ns.test.", Mbox: "hostmaster.test.", Serial: 1,
		Refresh: 3600, Retry: 600, Expire: 86400, Minttl: defaultTTL,
	}
}
