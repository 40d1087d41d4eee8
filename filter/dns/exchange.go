package dns

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

const headerSize = 12 // bytes before the question (RFC 1035, section 4.1.1)

// upstream is the set of recursive servers. They are tried in turn, beginning
// with the one that answered last.
type upstream struct {
	servers []server
	try     time.Duration
	dialer  net.Dialer
	current atomic.Uint32
	buffers sync.Pool // *[]byte of udpBuffer
}

type server struct {
	addr    string // host:port
	trusted bool   // its word on DNSSEC (the AD bit) is believed
	failed  counter
}

type counter interface{ Inc() }

// udpBuffer is larger than what we announce: some servers do not listen.
const udpBuffer = 4096

func newUpstream(servers []server, try time.Duration) *upstream {
	u := &upstream{servers: servers, try: try}
	u.buffers.New = func() any { b := make([]byte, udpBuffer); return &b }
	return u
}

// ask puts one question to the servers until one of them answers usefully,
// which is with records or the statement that there are none. Otherwise the
// outcome of the last failure is returned with the server it came from.
func (u *upstream) ask(ctx context.Context, name string, qtype uint16) (*dns.Msg, outcome, string) {
	first := int(u.current.Load())
	last, from := network, ""
	hopeless := make([]bool, len(u.servers)) // said no; only silence is worth a second try
	for round := range maxRounds {
		for i := range u.servers {
			n := (first + i) % len(u.servers)
			if hopeless[n] {
				continue
			}
			if ctx.Err() != nil {
				return nil, timeout, from
			}
			s := &u.servers[n]
			m, o := u.askOne(ctx, s, name, qtype)
			if o == found {
				if i > 0 || round > 0 {
					u.current.Store(uint32(n))
				}
				return m, found, s.addr
			}
			s.failed.Inc()
			last, from = o, s.addr
			hopeless[n] = o != timeout && o != network
		}
	}
	return nil, last, from
}

// askOne tries one server once: over UDP, then over TCP if the answer did not
// fit (RFC 7766, section 5). A server that does not know EDNS is asked without
// it (RFC 6891, section 7). Each try has its own id and its own random port.
//
// The AD bit of the answer is set only if the server's word counts.
func (u *upstream) askOne(ctx context.Context, s *server, name string, qtype uint16) (*dns.Msg, outcome) {
	ctx, cancel := context.WithTimeout(ctx, u.try)
	defer cancel()
	m, err := u.exchange(ctx, s, name, qtype, true)
	if err == nil && (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented) {
		m, err = u.exchange(ctx, s, name, qtype, false)
	}
	if err != nil {
		return nil, outcomeOf(err)
	}
	m.AuthenticatedData = m.AuthenticatedData && s.trusted
	switch m.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		return m, found
	case dns.RcodeServerFailure:
		return nil, servfail
	case dns.RcodeRefused:
		return nil, refused
	}
	return nil, badAnswer
}

// exchange puts the question over UDP, then over TCP if it has to.
func (u *upstream) exchange(ctx context.Context, s *server, name string, qtype uint16, edns bool) (*dns.Msg, error) {
	query, err := newQuery(name, qtype, s.trusted, edns)
	if err != nil {
		return nil, errUnusable
	}
	m, err := u.overUDP(ctx, s.addr, query)
	if err == nil && m.Truncated {
		m, err = u.overTCP(ctx, s.addr, query)
	}
	return m, err
}

// newQuery writes a question. The AD bit asks for the AD bit of the answer,
// without the signatures that DO would bring along (RFC 6840, section 5.7).
func newQuery(name string, qtype uint16, ad, edns bool) ([]byte, error) {
	m := dns.Msg{
		MsgHdr:   dns.MsgHdr{Id: dns.Id(), RecursionDesired: true, AuthenticatedData: ad},
		Question: []dns.Question{{Name: name, Qtype: qtype, Qclass: dns.ClassINET}},
	}
	if edns {
		m.SetEdns0(udpSize, false)
	}
	return m.Pack()
}

// errUnusable means that a server sent something that is no answer.
var errUnusable = errors.New("unusable answer")

func outcomeOf(err error) outcome {
	switch {
	case errors.Is(err, errUnusable):
		return badAnswer
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return timeout
	}
	return network
}

// dial connects and makes the connection die with ctx.
func (u *upstream) dial(ctx context.Context, network, server string) (net.Conn, func(), error) {
	conn, err := u.dialer.DialContext(ctx, network, server)
	if err != nil {
		return nil, nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline) //nolint:errcheck // a socket that cannot takes it out on the next call
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // likewise
	return conn, func() { stop(); conn.Close() }, nil
}

func (u *upstream) overUDP(ctx context.Context, server string, query []byte) (*dns.Msg, error) {
	conn, closeConn, err := u.dial(ctx, "udp", server)
	if err != nil {
		return nil, err
	}
	defer closeConn()
	if _, err := conn.Write(query); err != nil {
		return nil, err
	}
	buf := u.buffers.Get().(*[]byte)
	defer u.buffers.Put(buf)
	// Datagrams that answer something else are late or forged: read past them.
	for range maxStray {
		n, err := conn.Read(*buf)
		if err != nil {
			return nil, err
		}
		reply := (*buf)[:n]
		if answers(query, reply) {
			return unpack(reply)
		}
		if declines(query, reply) {
			return &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: int(reply[3] & 0xf)}}, nil
		}
	}
	return nil, errUnusable
}

// overTCP sends the query with its length before it (RFC 1035, section 4.2.2).
func (u *upstream) overTCP(ctx context.Context, server string, query []byte) (*dns.Msg, error) {
	conn, closeConn, err := u.dial(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer closeConn()
	frame := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(query)), uint16(len(query)))
	if _, err := conn.Write(append(frame, query...)); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	reply := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, reply); err != nil {
		return nil, err
	}
	if !answers(query, reply) {
		return nil, errUnusable
	}
	return unpack(reply)
}

// answers says whether reply is a reply to query: the same id, the response
// bit, and the same single question, letter case aside.
func answers(query, reply []byte) bool {
	if len(reply) < headerSize || reply[2]&0x80 == 0 || !bytes.Equal(reply[:2], query[:2]) {
		return false
	}
	if binary.BigEndian.Uint16(reply[4:]) != 1 {
		return false
	}
	question := questionOf(query)
	return len(reply) >= headerSize+len(question) &&
		bytes.EqualFold(reply[headerSize:headerSize+len(question)], question)
}

// declines says whether reply is the bare header by which servers without EDNS
// say that they could not read query (RFC 6891, section 7). It leads to nothing
// but another question.
func declines(query, reply []byte) bool {
	if len(reply) != headerSize || reply[2]&0x80 == 0 || !bytes.Equal(reply[:2], query[:2]) {
		return false
	}
	rcode := int(reply[3] & 0xf)
	return rcode == dns.RcodeFormatError || rcode == dns.RcodeNotImplemented
}

// questionOf returns the question section of a query of ours, which holds one
// name without compression, its type and class.
func questionOf(query []byte) []byte {
	end := headerSize
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	return query[headerSize : end+5]
}

func unpack(reply []byte) (*dns.Msg, error) {
	m := new(dns.Msg)
	if err := m.Unpack(reply); err != nil || len(m.Question) != 1 {
		// A truncated datagram may end anywhere; TCP has the rest.
		if m.Truncated {
			return m, nil
		}
		return nil, errUnusable
	}
	return m, nil
}

// serverAddr brings an address from the configuration into host:port form.
// Servers are addresses: a name would need a server to be found.
func serverAddr(s string) (string, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.String(), nil
	}
	ip, err := netip.ParseAddr(s)
	if err != nil {
		return "", err
	}
	return netip.AddrPortFrom(ip, 53).String(), nil
}
