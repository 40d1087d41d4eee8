package wire

import (
	"bufio"
	"context"
	"io"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-milter"
	"go.uber.org/zap"
)

// conn is the net.Conn that the engine sees. Its Read yields checked frames and
// io.EOF as the only error, its Write never fails: what goes wrong has been
// counted and logged here, and the engine would only log it again.
//
// One goroutine, the engine's, reads, writes and calls the session; while a
// message is judged the watch reads in its place.
type conn struct {
	net.Conn
	s       *Server
	session Session
	facts   Conn

	in      *bufio.Reader
	frame   []byte // the frame at hand, length field included
	ready   []byte // what the engine has not read yet
	phase   phase
	dirty   bool      // a message was judged and no ABORT came since
	failed  bool      // a call panicked: the message gets a temporary failure
	lame    bool      // CONNECT or HELO panicked: so do all messages of this client
	client  Client    // from the CONNECT at hand
	path    Path      // from the MAIL or RCPT at hand
	partial bool      // inside a frame
	frameBy time.Time // when it has to be whole; zero until it has to be waited for
	watched bool      // the watch sets the deadlines

	out writer

	mu       sync.Mutex
	waiting  bool // for the MTA, between messages and frames: may be closed
	draining bool

	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	closed sync.Once
	rearm  func() // acknowledges TCP segments at once; nil on other sockets
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{Conn: nc, s: s}
	c.facts.remote = nc.RemoteAddr()
	c.in = bufio.NewReaderSize((*source)(c), readBuffer)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if t, ok := nc.(*net.TCPConn); ok {
		_ = t.SetNoDelay(true) // answers are whole already; Go's default, but the point of it all
		c.rearm = quickAck(t)
	}
	return c
}

// serve negotiates and hands the connection to an engine of its own: a
// milter.Server has one set of masks and does not tell sessions apart.
func (c *conn) serve() {
	handed := false
	defer func() {
		if !handed {
			_ = c.Close()
		}
	}()
	if !c.negotiate() {
		return
	}
	e := &engine{c: c}
	server := &milter.Server{
		NewMilter: func() milter.Milter { return e },
		Actions:   c.facts.actions,
		Protocol:  c.facts.steps,
	}
	if c.facts.Can(milter.OptSetSymList) {
		server.SymList = macroLists()
	}
	made := c.s.guard(inSession, nil, func() { c.session = c.s.opt.NewSession(&c.facts) })
	if !made || c.session == nil {
		return
	}
	// Serve returns when it asks for a second connection; its goroutine goes on
	// and closes the connection in the end.
	handed = true
	_ = server.Serve(&single{c: c})
}

// Close ends the connection for good. The engine calls it last.
func (c *conn) Close() error {
	var err error
	c.closed.Do(func() {
		c.cancel()
		err = c.Conn.Close()
		if c.phase.inMessage() {
			c.s.met.messages[endLost].Inc()
		}
		if c.session != nil {
			c.s.guard(inAbort, nil, c.session.Abort)
		}
		c.s.ended(c)
	})
	return err
}

// drain has the connection closed as soon as no message is under way.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.draining = true
	if c.waiting {
		_ = c.Conn.SetReadDeadline(past)
	}
}

// cut ends the connection under whoever reads or writes it.
func (c *conn) cut() {
	c.cancel()
	_ = c.Conn.Close()
}

// reject counts and logs a frame that no MTA should send. The caller ends the
// connection.
func (c *conn) reject(why Reason, fields ...zap.Field) error {
	c.s.met.rejected[why].Inc()
	c.s.log.Warn("milter frame rejected, closing connection", append(fields,
		zap.String("reason", string(why)),
		zap.String("mta", c.remote()),
		zap.String("queue_id", c.facts.Macro("i")))...)
	return io.EOF
}

// expired counts and logs a deadline. The caller ends the connection.
func (c *conn) expired(what wait) error {
	c.s.met.deadlines[what].Inc()
	c.s.log.Warn("milter deadline passed, closing connection",
		zap.String("wait", string(what)),
		zap.String("mta", c.remote()),
		zap.String("queue_id", c.facts.Macro("i")))
	return io.EOF
}

func (c *conn) remote() string {
	if c.facts.remote == nil {
		return ""
	}
	return c.facts.remote.String()
}

// past is a deadline that wakes whoever waits.
var past = time.Unix(1, 0)

// single is a listener that yields one connection.
type single struct{ c *conn }

func (l *single) Accept() (net.Conn, error) {
	if l.c == nil {
		return nil, net.ErrClosed
	}
	c := l.c
	l.c = nil
	return c, nil
}

func (l *single) Close() error   { return nil }
func (l *single) Addr() net.Addr { return nil }
