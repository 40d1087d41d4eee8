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
	servers []string // host:port
	try     time.Duration
	dialer  net.Dialer
	current atomic.Uint32
	failed  []counter // by server
	buffers sync.Pool // *[]byte of udpBuffer
}

type counter interface{ Inc() }

// udpBuffer is larger than what we announce: some servers do not listen.
const udpBuffer = 4096

func newUpstream(servers []string, try time.Duration, failures func(server string) counter) *upstream {
	u := &upstream{servers: servers, try: try}
	u.buffers.New = func() any { b := make([]byte, udpBuffer); return &b }
	for _, s := range servers {
		u.failed = append(u.failed, failures(s))
	}
	return u
}

// ask puts one question to the servers until one of them answers usefully,
// which is with records or the statement that there are none. Otherwise the
// outcome of the last failure is returned with the server it came from.
func (u *upstream) ask(ctx context.Context, name string, qtype uint16) (*dns.Msg, outcome, string) {
	first := int(u.current.Load())
	last, server := network, ""
	hopeless := make([]bool, len(u.servers)) // said no; only silence is worth a second try
	for round := range maxRounds {
		for i := range u.servers {
			n := (first + i) % len(u.servers)
			if hopeless[n] {
				continue
			}
			if ctx.Err() != nil {
				return nil, timeout, server
			}
			m, o := u.askOne(ctx, u.servers[n], name, qtype)
			if o == found {
				if i > 0 || round > 0 {
					u.current.Store(uint32(n))
				}
				return m, found, u.servers[n]
			}
			u.failed[n].Inc()
			last, server = o, u.servers[n]
			hopeless[n] = o != timeout && o != network
		}
	}
	return nil, last, server
}

// askOne tries one server once: over UDP, then over TCP if the answer did not
// fit (RFC 7766, section 5). Each try has its own id and its own random port.
func (u *upstream) askOne(ctx context.Context, server, name string, qtype uint16) (*dns.Msg, outcome) {
	ctx, cancel := context.WithTimeout(ctx, u.try)
	defer cancel()
	query, err := newQuery(name, qtype)
	if err != nil {
		return nil, badAnswer
	}
	m, err := u.overUDP(ctx, server, query)
	if err == nil && m.Truncated {
		m, err = u.overTCP(ctx, server, query)
	}
	if err != nil {
		return nil, outcomeOf(err)
	}
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

func newQuery(name string, qtype uint16) ([]byte, error) {
	m := dns.Msg{
		MsgHdr:   dns.MsgHdr{Id: dns.Id(), RecursionDesired: true},
		Question: []dns.Question{{Name: name, Qtype: qtype, Qclass: dns.ClassINET}},
	}
	m.SetEdns0(udpSize, false)
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
		if reply := (*buf)[:n]; answers(query, reply) {
			return unpack(reply)
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
