// Package smtpsink is an SMTP server for tests that keeps what it is sent.
//
// It speaks RFC 5321 with PIPELINING (RFC 2920), 8BITMIME (RFC 6152), SMTPUTF8
// (RFC 6531), ENHANCEDSTATUSCODES (RFC 2034) and DSN parameters (RFC 3461), on a
// free loopback port. Messages are kept byte by byte, with only the dots of RFC
// 5321, section 4.5.2, undone; a bare LF is never taken for a line end. Limits:
// 4 KiB for a command line, 64 MiB for a message.
package smtpsink

import (
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	maxLine    = 4 << 10
	maxMessage = 64 << 20
)

// Message is one message that was taken.
type Message struct {
	Helo       string
	Sender     string   // without angle brackets; "" is the null path
	SenderArgs []string // ESMTP parameters of MAIL
	Recipients []string // without angle brackets, in order
	Data       []byte   // as sent, dots undone
	Received   time.Time
}

// Hangup, as the answer of a Hook, closes the connection without an answer.
const Hangup = "hangup"

// Hook chooses the answer to a command: "451 4.3.0 not now", Hangup, or "" for
// what the server would say. The verb is in upper case; arg is what follows it.
// The end of a message is asked for as verb "." with the message as arg, before
// it is kept; any answer but "" and 2xx keeps nothing. "TAKEN" is asked after it
// was kept: only Hangup counts then.
type Hook func(verb, arg string) string

// Sink is a running server.
type Sink struct {
	Addr string // host:port

	listener net.Listener
	running  sync.WaitGroup

	mu       sync.Mutex
	hook     Hook
	hidden   []string
	conns    map[net.Conn]bool
	messages []Message
	arrived  chan struct{} // closed and replaced with each message
}

// Start runs a server until the test ends.
func Start(tb testing.TB) *Sink {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("smtpsink: %v", err)
	}
	s := Serve(l)
	tb.Cleanup(s.Close)
	return s
}

// Serve runs a server on l until Close.
func Serve(l net.Listener) *Sink {
	s := &Sink{Addr: l.Addr().String(), listener: l, conns: map[net.Conn]bool{}, arrived: make(chan struct{})}
	s.running.Go(s.accept)
	return s
}

// Close ends the server and all connections, and waits for them.
func (s *Sink) Close() {
	s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.conns = nil
	s.mu.Unlock()
	s.running.Wait()
}

// Answer sets the hook for all further commands; nil takes it off.
func (s *Sink) Answer(h Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = h
}

// Hide stops offering extensions such as "8BITMIME" in later EHLO answers.
func (s *Sink) Hide(extensions ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hidden = extensions
}

// Messages are the messages taken so far, in order.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Reset forgets the messages taken so far.
func (s *Sink) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = nil
}

// Wait returns the messages once there are n or more. The test fails when they
// are not there in time.
func (s *Sink) Wait(tb testing.TB, n int, limit time.Duration) []Message {
	tb.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		s.mu.Lock()
		messages, arrived := slices.Clone(s.messages), s.arrived
		s.mu.Unlock()
		if len(messages) >= n {
			return messages
		}
		select {
		case <-arrived:
		case <-timer.C:
			tb.Fatalf("smtpsink: %d of %d messages after %v", len(messages), n, limit)
		}
	}
}

func (s *Sink) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		open := s.conns != nil
		if open {
			s.conns[conn] = true
			s.running.Go(func() { s.serve(conn) })
		}
		s.mu.Unlock()
		if !open {
			conn.Close()
		}
	}
}

func (s *Sink) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

func (s *Sink) ask(verb, arg string) string {
	s.mu.Lock()
	hook := s.hook
	s.mu.Unlock()
	if hook == nil {
		return ""
	}
	return hook(verb, arg)
}
