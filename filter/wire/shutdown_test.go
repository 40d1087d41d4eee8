package wire_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"sekisho/filter/wire"
	"sekisho/filter/wire/wiretest"
)

// TestShutdown: connections between messages end at once, those in a message
// after its answer, and nobody new comes in.
func TestShutdown(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			judging, judge := make(chan bool), make(chan bool)
			s := start(t, network, wire.Limits{}, hooks{
				end: func(context.Context, *wire.Conn, *milter.Modifier) milter.Response {
					judging <- true
					<-judge
					return milter.RespContinue
				}})
			silent, idle, half, busy := s.raw(t), s.open(t), s.open(t), s.open(t)
			s.want(t, "connections_open", "", 4)
			must(t, idle.Flush())
			must(t, half.Raw(good.mail))
			begin(t, busy)
			<-judging
			eventually(t, "half's MAIL heard", func() bool { return len(s.heard()) == 3*2+2+2 })

			down := make(chan error, 1)
			go func() { down <- s.Shutdown(context.Background()) }()
			closed(t, silent)
			closed(t, idle)
			if err := <-s.done; !errors.Is(err, wire.ErrServerClosed) {
				t.Errorf("Serve: %v", err)
			}
			if c, err := net.Dial(s.network, s.addr); err == nil {
				c.Close()
				t.Error("still accepting")
			}
			judge <- true
			if r, err := busy.ReadReply(); err != nil || r.Code != milter.ActContinue {
				t.Errorf("running message: %+v, %v", r, err)
			}
			closed(t, busy)
			select {
			case err := <-down:
				t.Fatalf("Shutdown did not wait for a message: %v", err)
			case <-time.After(30 * time.Millisecond):
			}
			must(t, half.Raw(join(good.rcpt, good.eoh, good.end)))
			<-judging
			judge <- true
			if r, err := half.ReadReply(); err != nil || r.Code != milter.ActContinue {
				t.Errorf("message half sent: %+v, %v", r, err)
			}
			closed(t, half)
			must(t, <-down)
			s.want(t, "messages_total", "answered", 2)
			s.want(t, "messages_total", "lost", 0)
		})
	}
}

// TestShutdownCuts: past its time limit, judgements are cancelled and
// connections cut; the MTA keeps those messages.
func TestShutdownCuts(t *testing.T) {
	judging := make(chan bool, 1)
	s := start(t, "tcp", wire.Limits{}, hooks{
		end: func(ctx context.Context, _ *wire.Conn, _ *milter.Modifier) milter.Response {
			judging <- true
			<-ctx.Done()
			return milter.RespContinue
		}})
	half, busy := s.open(t), s.open(t)
	must(t, half.Raw(good.mail))
	eventually(t, "half's MAIL heard", func() bool { return slices.Contains(s.heard(), `mail "a@example.com" []`) })
	begin(t, busy)
	<-judging
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v", err)
	}
	closed(t, half)
	closed(t, busy)
	s.want(t, "connections_open", "", 0)
	s.want(t, "messages_total", "lost", 2)
}

func TestServeSeveral(t *testing.T) {
	s := start(t, "unix", wire.Limits{}, hooks{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	second := make(chan error, 1)
	go func() { second <- s.Serve(ln) }()
	s.alive(t)
	c, err := wiretest.Dial("tcp", ln.Addr().String())
	must(t, err)
	defer c.Close()
	_, err = c.Negotiate(wiretest.Postfix())
	must(t, err)
	must(t, s.Shutdown(context.Background()))
	if err := <-second; !errors.Is(err, wire.ErrServerClosed) {
		t.Errorf("Serve: %v", err)
	}
	ln, err = net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	if err := s.Serve(ln); !errors.Is(err, wire.ErrServerClosed) {
		t.Errorf("Serve after Shutdown: %v", err)
	}
}

// TestServeListenerClosed: a listener closed by somebody else ends only its
// Serve.
func TestServeListenerClosed(t *testing.T) {
	s := start(t, "unix", wire.Limits{}, hooks{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, ln.Close())
	if err := s.Serve(ln); err == nil || errors.Is(err, wire.ErrServerClosed) {
		t.Errorf("Serve: %v", err)
	}
	s.alive(t)
}

// failing is a listener without file descriptors, for a while.
type failing struct {
	net.Listener
	times int
}

func (l *failing) Accept() (net.Conn, error) {
	if l.times--; l.times >= 0 {
		return nil, errors.New("too many open files")
	}
	return l.Listener.Accept()
}

func TestServeAcceptFails(t *testing.T) {
	s := start(t, "unix", wire.Limits{}, hooks{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = s.Serve(&failing{ln, 3}) }()
	c, err := wiretest.Dial("tcp", ln.Addr().String())
	must(t, err)
	defer c.Close()
	_, err = c.Negotiate(wiretest.Postfix())
	must(t, err)
	s.want(t, "accept_errors_total", "", 3)
}

func TestNewRefuses(t *testing.T) {
	session := func(*wire.Conn) wire.Session { return nil }
	for name, opt := range map[string]wire.Options{
		"no session":     {},
		"negative limit": {NewSession: session, Limits: wire.Limits{IdleTime: -1}},
		"small frames":   {NewSession: session, Limits: wire.Limits{FrameBytes: 65_539}},
	} {
		if _, err := wire.New(opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := wire.New(wire.Options{NewSession: session, Limits: wire.Limits{FrameBytes: 65_540}}); err != nil {
		t.Error(err)
	}
}

// TestNoSession: a session that cannot be made closes its connection.
func TestNoSession(t *testing.T) {
	for _, make := range []func(*wire.Conn) wire.Session{
		func(*wire.Conn) wire.Session { return nil },
		func(*wire.Conn) wire.Session { panic("no session") },
	} {
		s, err := wire.New(wire.Options{NewSession: make})
		must(t, err)
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		go func() { _ = s.Serve(ln) }()
		c, err := wiretest.Dial("tcp", ln.Addr().String())
		must(t, err)
		must(t, c.Raw(good.offer))
		closed(t, c)
		must(t, c.Close())
		must(t, s.Shutdown(context.Background()))
	}
}
