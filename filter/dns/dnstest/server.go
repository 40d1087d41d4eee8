package dnstest

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const (
	listenTries = 20              // attempts to find a port that is free for UDP and TCP at once
	stopTimeout = 5 * time.Second // how long Close waits for one listener
)

// Query is one question that the server was asked.
type Query struct {
	Name string // lower case, without the trailing dot
	Type string // "TXT", "A", ...
	TCP  bool
}

// Server is a running DNS server for one zone text.
type Server struct {
	addr string
	zone *zone
	udp  *dns.Server
	tcp  *dns.Server
	stop chan struct{}
	once sync.Once

	mu      sync.Mutex
	queries []Query
}

// Serve starts a server for the zone text and stops it when the test ends. It
// returns the address, as in "127.0.0.1:40053".
func Serve(tb testing.TB, zone string) (addr string) {
	tb.Helper()
	return New(tb, zone).Addr()
}

// New is Serve for tests that want to see the queries.
func New(tb testing.TB, zone string) *Server {
	tb.Helper()
	s, err := Start(zone)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start serves the zone text on a free port of 127.0.0.1, the same for UDP and
// TCP. The caller must Close the server.
func Start(zone string) (*Server, error) {
	return StartAt("127.0.0.1:0", zone)
}

// StartAt is Start on a chosen address, for instance to bring a server back
// where another one was stopped.
func StartAt(addr, zone string) (*Server, error) {
	z, err := parseZone(zone)
	if err != nil {
		return nil, fmt.Errorf("dnstest: %w", err)
	}
	l, pc, err := listen(addr)
	if err != nil {
		return nil, fmt.Errorf("dnstest: %w", err)
	}
	s := &Server{addr: pc.LocalAddr().String(), zone: z, stop: make(chan struct{})}
	var ready sync.WaitGroup
	ready.Add(2)
	s.udp = &dns.Server{PacketConn: pc, Handler: s, NotifyStartedFunc: ready.Done, ReadTimeout: stopTimeout}
	s.tcp = &dns.Server{Listener: l, Handler: s, NotifyStartedFunc: ready.Done, ReadTimeout: stopTimeout}
	go s.udp.ActivateAndServe() //nolint:errcheck // ends with Close, which closes the socket
	go s.tcp.ActivateAndServe() //nolint:errcheck // likewise
	ready.Wait()
	return s, nil
}

// listen opens TCP and UDP on one port. With port 0 the system picks a TCP port
// whose UDP twin may be taken, hence the tries.
func listen(addr string) (net.Listener, net.PacketConn, error) {
	var last error
	for range listenTries {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, nil, err
		}
		pc, err := net.ListenPacket("udp", l.Addr().String())
		if err == nil {
			return l, pc, nil
		}
		l.Close()
		last = err
	}
	return nil, nil, fmt.Errorf("no port free for both UDP and TCP: %w", last)
}

// Addr returns host:port of the server.
func (s *Server) Addr() string { return s.addr }

// Close stops the server and its goroutines. It may be called more than once.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.stop)
		s.udp.Shutdown() //nolint:errcheck // nothing to do about it
		s.tcp.Shutdown() //nolint:errcheck // nothing to do about it
	})
}

// Queries returns what was asked so far, oldest first.
func (s *Server) Queries() []Query {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Query(nil), s.queries...)
}

// Count returns how often name was asked for with the type; "" stands for any
// name or any type.
func (s *Server) Count(name, qtype string) int {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	n := 0
	for _, q := range s.Queries() {
		if (name == "" || q.Name == name) && (qtype == "" || q.Type == qtype) {
			n++
		}
	}
	return n
}

// ServeDNS answers one query (github.com/miekg/dns Handler).
func (s *Server) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	if len(req.Question) != 1 {
		w.WriteMsg(new(dns.Msg).SetRcode(req, dns.RcodeFormatError)) //nolint:errcheck // the client sees silence
		return
	}
	q := req.Question[0]
	_, tcp := w.RemoteAddr().(*net.TCPAddr)
	name := dns.CanonicalName(q.Name)
	s.record(Query{Name: strings.TrimSuffix(name, "."), Type: typeName(q.Qtype), TCP: tcp})

	d := s.zone.directives[name]
	if d.silent || !s.wait(d.delay) {
		return
	}
	reply := s.zone.answer(req, d)
	if !tcp {
		if d.truncate {
			reply.Answer, reply.Ns, reply.Truncated = nil, nil, true
		}
		size := dns.MinMsgSize
		if opt := req.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		reply.Truncate(size)
	}
	w.WriteMsg(reply) //nolint:errcheck // the client sees silence
}

func (s *Server) record(q Query) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, q)
}

// wait sleeps for d; false means that the server was closed meanwhile.
func (s *Server) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.stop:
		return false
	}
}

func typeName(t uint16) string {
	if s, ok := dns.TypeToString[t]; ok {
		return s
	}
	return "TYPE" + strconv.Itoa(int(t))
}
