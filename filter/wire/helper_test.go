package wire_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

// TestMain holds that no goroutine is left behind, and that go-milter had
// nothing to say to the standard logger.
func TestMain(m *testing.M) {
	var said syncBuffer
	log.SetOutput(&said)
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if s := said.String(); s != "" && code == 0 {
		fmt.Fprintln(os.Stderr, "go-milter logged:", s)
		code = 1
	}
	os.Exit(code)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// recorder is a session that writes down what it hears.
type recorder struct {
	mu   *sync.Mutex
	said *[]string
	conn *wire.Conn
	on   hooks
	body int
}

// hooks replace what a recorder does.
type hooks struct {
	call func(name string, c *wire.Conn) // before each call
	end  func(ctx context.Context, c *wire.Conn, edit *milter.Modifier) milter.Response
	rcpt func(p wire.Path) milter.Response
	ask  bool // the MTA is to wait for answers to recipients
	mute bool // writes nothing down
}

func (r *recorder) note(name, format string, args ...any) {
	if r.on.call != nil {
		r.on.call(name, r.conn)
	}
	if r.on.mute {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.said = append(*r.said, strings.TrimSpace(name+" "+fmt.Sprintf(format, args...)))
}

func (r *recorder) Connect(c wire.Client) {
	r.note("connect", "%s %c %v %d %s", c.Name, c.Family, c.Addr, c.Port, c.Path)
}
func (r *recorder) Helo(name string)   { r.note("helo", "%s", name) }
func (r *recorder) Mail(p wire.Path)   { r.note("mail", "%q %q", p.Address, p.Args) }
func (r *recorder) Header(n, v []byte) { r.note("header", "%q %q", n, v) }
func (r *recorder) Body(chunk []byte)  { r.body += len(chunk); r.note("body", "%d", len(chunk)) }
func (r *recorder) Abort()             { r.note("abort", "") }
func (r *recorder) Rcpt(p wire.Path) milter.Response {
	r.note("rcpt", "%q %q", p.Address, p.Args)
	if r.on.rcpt != nil {
		return r.on.rcpt(p)
	}
	return nil
}
func (r *recorder) End(ctx context.Context, edit *milter.Modifier) milter.Response {
	r.note("end", "%s", r.conn.Macro("i"))
	if r.on.end != nil {
		return r.on.end(ctx, r.conn, edit)
	}
	return milter.RespContinue
}

// server is a running wire.Server with what it heard.
type server struct {
	*wire.Server
	network, addr string
	registry      *prometheus.Registry
	mu            sync.Mutex
	said          []string
	done          chan error
}

func (s *server) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.said...)
}

// start runs a server on a unix or TCP socket until the test ends.
func start(tb testing.TB, network string, limits wire.Limits, on hooks) *server {
	tb.Helper()
	s := &server{network: network, registry: prometheus.NewRegistry(), done: make(chan error, 1)}
	var err error
	s.Server, err = wire.New(wire.Options{
		NewSession: func(c *wire.Conn) wire.Session {
			return &recorder{mu: &s.mu, said: &s.said, conn: c, on: on}
		},
		Limits:     limits,
		AskRcpt:    on.ask,
		Registerer: s.registry,
	})
	if err != nil {
		tb.Fatal(err)
	}
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(tb.TempDir(), "m")
	}
	ln, err := net.Listen(network, address)
	if err != nil {
		tb.Fatal(err)
	}
	s.addr = ln.Addr().String()
	go func() { s.done <- s.Serve(ln) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// dial connects and negotiates as Postfix does.
func (s *server) dial(tb testing.TB) *wiretest.Client {
	tb.Helper()
	return s.dialOffer(tb, wiretest.Postfix())
}

func (s *server) dialOffer(tb testing.TB, o wiretest.Offer) *wiretest.Client {
	tb.Helper()
	c := s.raw(tb)
	if _, err := c.Negotiate(o); err != nil {
		tb.Fatal(err)
	}
	return c
}

// raw connects and says nothing.
func (s *server) raw(tb testing.TB) *wiretest.Client {
	tb.Helper()
	c, err := wiretest.Dial(s.network, s.addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

// open is dial with CONNECT and HELO.
func (s *server) open(tb testing.TB) *wiretest.Client {
	tb.Helper()
	c := s.dial(tb)
	must(tb, c.Open(wiretest.Message{}))
	return c
}

// count is the value of a metric, with the value of its only label.
func (s *server) count(tb testing.TB, name, label string) float64 {
	tb.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "sekisho_wire_"+name {
			continue
		}
		for _, m := range f.GetMetric() {
			if label == "" || m.GetLabel()[0].GetValue() == label {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	tb.Fatalf("no metric %s %s", name, label)
	return 0
}

// want waits for a metric to reach a value.
func (s *server) want(tb testing.TB, name, label string, value float64) {
	tb.Helper()
	eventually(tb, fmt.Sprintf("%s{%s} = %v", name, label, value), func() bool {
		return s.count(tb, name, label) == value
	})
}

// alive holds that the server still judges messages.
func (s *server) alive(tb testing.TB) {
	tb.Helper()
	c := s.open(tb)
	r, err := c.Send(wiretest.Message{Data: []byte("Subject: still there\r\n\r\nyes\r\n")})
	if err != nil || r.Code != milter.ActContinue {
		tb.Fatalf("server does not answer any more: %+v, %v", r, err)
	}
	must(tb, c.Quit())
}

func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for limit := time.Now().Add(5 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(limit) {
			tb.Fatalf("not within 5 s: %s", what)
		}
	}
}

// closed holds that the peer ends the connection, soon and without a frame.
func closed(tb testing.TB, c *wiretest.Client) {
	tb.Helper()
	c.Timeout = 3 * time.Second
	code, _, err := c.ReadFrame()
	if err == nil {
		tb.Fatalf("answer %q where the connection should end", code)
	}
	if e, ok := err.(net.Error); ok && e.Timeout() {
		tb.Fatal("connection still open")
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
