package dns

import (
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// answer is what a question led to. It is shared by everybody who asks and
// never changed; the fields that do not belong to the question's type are nil.
type answer struct {
	outcome outcome
	err     *net.DNSError // nil when found
	ttl     time.Duration // how long it may be kept; 0 is not at all
	bytes   int           // text and addresses held, for the size of the cache
	cut     bool          // records were left out
	secure  bool          // DNSSEC has proved it, by the word of a server that is trusted

	txt []string
	mx  []net.MX
	ip  []net.IPAddr
	ptr []string
}

func failed(o outcome, name, server string) *answer {
	a := &answer{outcome: o, err: o.err(name, server), bytes: len(name)}
	switch o {
	case servfail, refused, badAnswer, timeout, network:
		a.ttl = failureTTL
	case aliasLoop:
		a.ttl = bareTTL
	}
	return a
}

// chain follows one question through the replies to it: more than one when an
// alias leads to a name that the server did not look up by itself.
type chain struct {
	name  string // as cleaned, for errors
	qtype uint16
	hops  int           // aliases that may still be followed
	ttl   time.Duration // shortest time to live so far
	plain bool          // a reply came without the AD bit
}

func newChain(name string, qtype uint16) *chain {
	return &chain{name: name, qtype: qtype, hops: maxAliases, ttl: maxTTL}
}

// read takes the answer out of a reply. When it is nil, next is the name, as
// on the wire, that has to be asked for instead.
func (c *chain) read(m *dns.Msg) (a *answer, next string) {
	asked := m.Question[0].Name
	c.plain = c.plain || !m.AuthenticatedData
	for owner := asked; ; c.hops-- {
		a, alias := c.records(m, owner)
		switch {
		case a.count() > 0:
			a.ttl, a.secure = c.ttl, !c.plain
			return a, ""
		case alias == "":
			return c.missing(m, asked, owner)
		case c.hops == 0:
			return failed(aliasLoop, c.name, ""), ""
		}
		owner = alias
	}
}

// records collects the records of the type that owner has in the reply, and
// the name that owner is an alias of.
func (c *chain) records(m *dns.Msg, owner string) (a *answer, alias string) {
	a = &answer{}
	for _, rr := range m.Answer {
		h := rr.Header()
		if h.Class != dns.ClassINET || !strings.EqualFold(h.Name, owner) {
			continue
		}
		if h.Rrtype == c.qtype {
			a.add(rr)
			c.ttl = min(c.ttl, seconds(h.Ttl))
		} else if cname, ok := rr.(*dns.CNAME); ok && alias == "" {
			alias = cname.Target
			c.ttl = min(c.ttl, seconds(h.Ttl))
		}
	}
	return a, alias
}

// missing is the answer when the records asked for are not in the reply.
func (c *chain) missing(m *dns.Msg, asked, owner string) (*answer, string) {
	kept, soa := negativeTTL(m)
	o := noData
	if m.Rcode == dns.RcodeNameError {
		o = noName
	} else if owner != asked && !soa {
		return nil, owner // the server stopped at the alias
	}
	a := failed(o, c.name, "")
	a.ttl, a.secure = min(c.ttl, kept), !c.plain
	return a, ""
}

// negativeTTL is how long the reply allows to remember that something is not
// there (RFC 2308, section 5), and whether it said so with an SOA.
func negativeTTL(m *dns.Msg) (time.Duration, bool) {
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return min(seconds(soa.Hdr.Ttl), seconds(soa.Minttl), maxNegativeTTL), true
		}
	}
	return bareTTL, false
}

func seconds(n uint32) time.Duration { return time.Duration(n) * time.Second }

func (a *answer) count() int { return len(a.txt) + len(a.mx) + len(a.ip) + len(a.ptr) }

// add takes over one record, unless a limit forbids.
func (a *answer) add(rr dns.RR) {
	if a.count() >= maxRecords {
		a.cut = true
		return
	}
	switch rr := rr.(type) {
	case *dns.TXT:
		a.addTXT(rr)
	case *dns.MX:
		if plainHost(rr.Mx) {
			a.mx = append(a.mx, net.MX{Host: rr.Mx, Pref: rr.Preference})
			a.bytes += len(rr.Mx)
		}
	case *dns.A:
		a.addIP(rr.A)
	case *dns.AAAA:
		a.addIP(rr.AAAA)
	case *dns.PTR:
		if plainHost(rr.Ptr) {
			a.ptr = append(a.ptr, rr.Ptr)
			a.bytes += len(rr.Ptr)
		}
	}
}

func (a *answer) addIP(ip net.IP) {
	if ip == nil {
		return // a record without an address (RFC 2136 forms)
	}
	a.ip = append(a.ip, net.IPAddr{IP: ip})
	a.bytes += len(ip)
}

// addTXT joins the strings of a record without anything between them, as SPF
// (RFC 7208, section 3.3), DKIM (RFC 6376, section 3.6.2.2) and DMARC want it.
func (a *answer) addTXT(rr *dns.TXT) {
	text := unescape(strings.Join(rr.Txt, ""))
	if len(text) > maxTXT {
		// A part of a policy or key is worse than none.
		a.cut = true
		return
	}
	a.txt = append(a.txt, text)
	a.bytes += len(text)
}

// unescape undoes the escapes of the DNS library, which hands out TXT strings
// as they would stand in a master file: \" \\ and \DDD.
func unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	b = append(b, s[:i]...)
	for ; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			if i+3 < len(s) && digit(s[i+1]) && digit(s[i+2]) && digit(s[i+3]) {
				c = (s[i+1]-'0')*100 + (s[i+2]-'0')*10 + (s[i+3] - '0')
				i += 3
			} else {
				i++
				c = s[i]
			}
		}
		b = append(b, c)
	}
	return string(b)
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
