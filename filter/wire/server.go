package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// ErrServerClosed is what Serve returns after Shutdown. The caller has nothing
// to do about it.
var ErrServerClosed = errors.New("wire: server closed")

// Actions of the milter protocol that a Server asks for.
const (
	// DefaultNeed is to tag, to remove forged fields, to take a recipient off.
	DefaultNeed = milter.OptAddHeader | milter.OptChangeHeader | milter.OptRemoveRcpt
	// DefaultWant is to put on hold, and to put a banner into the body.
	DefaultWant = milter.OptQuarantine | milter.OptChangeBody
)

// Options is what a Server is made of.
type Options struct {
	// NewSession makes the session of a connection, after the negotiation.
	NewSession func(*Conn) Session

	Limits     Limits
	Need       milter.OptAction      // an MTA that does not offer all of these is refused; 0 means DefaultNeed
	Want       milter.OptAction      // asked for where offered; 0 means DefaultWant
	AskRcpt    bool                  // the session answers each recipient; the MTA then waits for each
	Log        *zap.Logger           // nil is silent
	Registerer prometheus.Registerer // nil counts for nobody
}

// Server accepts and serves milter connections. Its methods may be called from
// several goroutines.
type Server struct {
	opt Options
	log *zap.Logger
	met *metrics

	mu        sync.Mutex
	closing   bool
	full      bool // the limit was reached and logged
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	running   sync.WaitGroup // connections
}

// New checks the options and registers the metrics.
func New(opt Options) (*Server, error) {
	if opt.NewSession == nil {
		return nil, errors.New("wire: no session to serve")
	}
	var err error
	if opt.Limits, err = opt.Limits.fill(); err != nil {
		return nil, err
	}
	if opt.Need == 0 {
		opt.Need = DefaultNeed
	}
	if opt.Want == 0 {
		opt.Want = DefaultWant
	}
	if opt.Log == nil {
		opt.Log = zap.NewNop()
	}
	met, err := newMetrics(opt.Registerer)
	if err != nil {
		return nil, err
	}
	met.limit.Set(float64(opt.Limits.Connections))
	return &Server{
		opt:       opt,
		log:       opt.Log,
		met:       met,
		listeners: map[net.Listener]struct{}{},
		conns:     map[*conn]struct{}{},
	}, nil
}

// Serve accepts connections until the listener fails or Shutdown is called, and
// closes the listener. It may be called for several listeners at once.
func (s *Server) Serve(ln net.Listener) error {
	defer ln.Close()
	if !s.listen(ln) {
		return ErrServerClosed
	}
	defer s.unlisten(ln)
	pause := time.Duration(0)
	for {
		nc, err := ln.Accept()
		switch {
		case err == nil:
			pause = 0
			s.accept(nc)
		case s.isClosing():
			return ErrServerClosed
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("wire: accept on %s: %w", ln.Addr(), err)
		default:
			// Out of file descriptors or memory: passes when connections end.
			s.met.acceptFail.Inc()
			pause = min(max(2*pause, 5*time.Millisecond), acceptBackoff)
			s.log.Warn("cannot accept milter connection", zap.Stringer("listener", ln.Addr()),
				zap.Error(err), zap.Duration("pause", pause))
			time.Sleep(pause)
		}
	}
}

// Shutdown stops accepting, closes each connection as soon as it has no message
// under way, and waits for them to end. When ctx ends first the rest is cut,
// their judgements are cancelled, and the error of ctx is returned; the MTAs
// keep those messages.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for ln := range s.listeners {
		_ = ln.Close() // Serve reports what matters
	}
	open := s.open()
	s.mu.Unlock()
	for _, c := range open {
		c.drain()
	}
	// Ends with the connections; a Judge that never returns keeps it.
	ended := make(chan struct{})
	s.spawn(inServe, func() {
		s.running.Wait()
		close(ended)
	})
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	open = s.open()
	s.mu.Unlock()
	for _, c := range open {
		c.cut()
	}
	select {
	case <-ended:
	case <-time.After(closeGrace):
	}
	return fmt.Errorf("wire: %d connections cut: %w", len(open), ctx.Err())
}

// accept takes in a new connection, or turns it away.
func (s *Server) accept(nc net.Conn) {
	s.met.connections.Inc()
	c := newConn(s, nc)
	if !s.admit(c) {
		s.met.refused.Inc()
		_ = nc.Close()
		return
	}
	s.spawn(inServe, c.serve)
}

// admit enters a connection on the list unless the limit is reached. The first
// one turned away is logged, and that there is room again.
func (s *Server) admit(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	full := len(s.conns) >= s.opt.Limits.Connections
	if full != s.full {
		s.full = full
		s.log.Warn("milter connection limit", zap.Bool("reached", full), zap.Int("limit", s.opt.Limits.Connections))
	}
	if full {
		return false
	}
	s.conns[c] = struct{}{}
	s.running.Add(1)
	s.met.open.Inc()
	return true
}

// ended takes a connection off the list.
func (s *Server) ended(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.met.open.Dec()
	s.running.Done()
}

// open lists the connections; mu is held.
func (s *Server) open() []*conn {
	all := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

func (s *Server) listen(ln net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.listeners[ln] = struct{}{}
	}
	return !s.closing
}

func (s *Server) unlisten(ln net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, ln)
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// spawn starts every goroutine of this package.
func (s *Server) spawn(p place, f func()) {
	s.met.goroutines[p].Inc()
	go func() {
		defer s.met.goroutines[p].Dec()
		s.guard(p, nil, f)
	}()
}

// guard calls f and reports whether it came back by itself. A panic is counted
// and logged with the queue id.
func (s *Server) guard(p place, c *Conn, f func()) (ok bool) {
	defer func() {
		if ok {
			return
		}
		v := recover()
		s.met.panics[p].Inc()
		queue := ""
		if c != nil {
			queue = c.Macro("i")
		}
		s.log.Error("panic", zap.String("place", string(p)), zap.String("queue_id", queue),
			zap.Any("value", v), zap.Stack("stack"))
	}()
	f()
	return true
}
