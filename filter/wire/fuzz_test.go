package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// writes is a connection that keeps each write. After what it has to read it
// stays open for a moment, as the end of it would cancel a judgement.
type writes struct {
	net.Conn
	in   *bytes.Reader
	all  []string
	wake chan struct{}
}

const moment = 200 * time.Microsecond

func (w *writes) Write(p []byte) (int, error) {
	w.all = append(w.all, string(p))
	return len(p), nil
}

func (w *writes) Read(p []byte) (int, error) {
	if w.in == nil {
		return 0, io.EOF
	}
	if w.in.Len() > 0 {
		return w.in.Read(p)
	}
	select {
	case <-w.wake:
		return 0, os.ErrDeadlineExceeded
	case <-time.After(moment):
		return 0, io.EOF
	}
}

func (w *writes) SetReadDeadline(by time.Time) error {
	if by == past {
		select {
		case w.wake <- struct{}{}:
		case <-time.After(moment):
		}
	}
	return nil
}

func (w *writes) Close() error                     { return nil }
func (w *writes) RemoteAddr() net.Addr             { return nil }
func (w *writes) SetWriteDeadline(time.Time) error { return nil }

// strict is a session that fails the test when calls come in an impossible
// order, or with impossible values.
type strict struct {
	t     *testing.T
	phase string
}

func (s *strict) want(to string, from ...string) {
	for _, f := range from {
		if s.phase == f {
			s.phase = to
			return
		}
	}
	s.t.Errorf("%s after %s", to, s.phase)
}

func (s *strict) Connect(c Client) {
	s.want("client", "")
	if (c.Family == FamilyInet || c.Family == FamilyInet6) != c.Addr.IsValid() {
		s.t.Errorf("family %q with address %v", c.Family, c.Addr)
	}
}
func (s *strict) Helo(name string) { s.want("client", "client") }
func (s *strict) Mail(p Path)      { s.want("mail", "client") }
func (s *strict) Rcpt(p Path) milter.Response {
	s.want("rcpt", "mail", "rcpt")
	return nil
}
func (s *strict) Header(name, value []byte) {
	s.want("header", "rcpt", "header")
	if len(name) == 0 || bytes.ContainsAny(name, "\x00\r\n:") || bytes.IndexByte(value, 0) >= 0 {
		s.t.Errorf("header %q %q", name, value)
	}
}
func (s *strict) Body([]byte) { s.want("body", "rcpt", "header", "body") }
func (s *strict) End(context.Context, *milter.Modifier) milter.Response {
	s.want("ended", "rcpt", "header", "body")
	return milter.RespContinue
}
func (s *strict) Abort() {
	if s.phase != "" {
		s.phase = "client"
	}
}

// FuzzFrames: whatever comes in, the connection ends, nothing panics, and the
// session hears calls in order only. QUIT_NC, after which a session hears
// CONNECT again, is left out.
func FuzzFrames(f *testing.F) {
	frame := func(code byte, payload string) string {
		return fmt.Sprintf("\x00\x00%c%c%c%s", (len(payload)+1)>>8, (len(payload)+1)&0xff, code, payload)
	}
	offer := frame('O', "\x00\x00\x00\x06\x00\x00\x01\x7f\x00\x1f\x7f\x7f")
	client := offer + frame('D', "Cj\x00mx\x00") + frame('C', "h\x004\x00\x19192.0.2.1\x00") + frame('H', "h\x00")
	message := frame('M', "<a>\x00SIZE=1\x00") + frame('R', "<b>\x00") + frame('T', "") + frame('L', "A\x00b\x00") +
		frame('N', "") + frame('B', "text") + frame('E', "")
	f.Add([]byte(client + message + message + frame('Q', "")))
	f.Add([]byte(client + message + frame('A', "") + message + frame('U', "x\x00")))
	f.Add([]byte(client + frame('M', "<a>") + frame('L', "\x00")))
	f.Add([]byte(offer + frame('C', "h")))
	f.Add([]byte("\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		if bytes.IndexByte(stream, 'K') >= 0 {
			t.Skip()
		}
		ended := make(chan struct{})
		s, err := New(Options{NewSession: func(*Conn) Session { return &strict{t: t} }})
		if err != nil {
			t.Fatal(err)
		}
		nc := &writes{in: bytes.NewReader(stream), wake: make(chan struct{})}
		s.accept(nc)
		go func() {
			s.running.Wait()
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			t.Fatal("the connection does not end")
		}
		for p, c := range s.met.panics {
			if n := testutil.ToFloat64(c); n != 0 {
				t.Errorf("%v panics in %s", n, p)
			}
		}
	})
}
