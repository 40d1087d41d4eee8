package wire

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-milter"
	"go.uber.org/zap"
)

var (
	errDrained = errors.New("wire: shutting down")
	abortFrame = [...]byte{0, 0, 0, 1, byte(milter.CodeAbort)}
)

// Read hands the engine one checked frame at a time.
func (c *conn) Read(p []byte) (int, error) {
	for len(c.ready) == 0 {
		if err := c.next(); err != nil {
			return 0, io.EOF
		}
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

// next reads a frame, checks it, and either leaves it ready for the engine or
// deals with it here.
func (c *conn) next() error {
	if c.ctx.Err() != nil {
		return io.EOF // cut; what was sent ahead does not matter any more
	}
	payload, err := c.readFrame()
	if err != nil {
		return err
	}
	command, body := payload[0], payload[1:]
	if !known(command) {
		return c.reject(UnknownCommand, zap.Uint8("command", command))
	}
	phase, ok := c.phase.next(command)
	if !ok {
		return c.reject(OutOfOrder, zap.String("command", string(rune(command))))
	}
	if why := c.check(command, body); why != "" {
		return c.reject(why)
	}
	was := c.phase
	c.phase = phase
	c.facts.macros.use(command)

	switch milter.Code(command) {
	case milter.CodeMacro:
		c.facts.macros.set(body)
	case milter.CodeHeader:
		c.header(body)
	case milter.CodeData:
		c.acknowledge(milter.OptNoDataReply)
	case codeUnknown:
		c.acknowledge(milter.OptNoUnknownReply)
	case milter.CodeQuitNewConn:
		// The next client comes over this connection: the engine closes it on
		// QUIT and does not know this command, but ABORT.
		c.endMessage(was)
		c.facts.macros.endConnection()
		c.lame = false
		c.ready = abortFrame[:]
	case milter.CodeAbort:
		c.endMessage(was)
		c.ready = c.frame
	case milter.CodeMail:
		if c.dirty {
			// Postfix and Sendmail abort after each message, others may not.
			c.frame = slices.Insert(c.frame, 0, abortFrame[:]...)
		}
		c.dirty = false
		c.ready = c.frame
	case milter.CodeEOB:
		c.dirty = true
		c.ready = c.frame
	default:
		c.ready = c.frame
	}
	return nil
}

// known reports whether the protocol has a command.
func known(command byte) bool { return strings.IndexByte("ABCDEHKLMNOQRTU", command) >= 0 }

// check looks at a frame's payload and keeps what the engine would lose.
func (c *conn) check(command byte, body []byte) Reason {
	switch milter.Code(command) {
	case milter.CodeMacro:
		if len(body) == 0 || len(body) > maxMacroBytes {
			return BadMacro
		}
	case milter.CodeConn:
		client, why := parseClient(body)
		c.client = client
		return why
	case milter.CodeHelo:
		if _, ok := cString(body); !ok || len(body) > maxPathBytes {
			return BadHelo
		}
	case milter.CodeMail, milter.CodeRcpt:
		path, ok := parsePath(body)
		c.path = path
		if !ok {
			return BadPath
		}
	case milter.CodeHeader:
		if _, _, ok := parseHeader(body); !ok {
			return BadHeader
		}
	}
	return ""
}

// header gives a field to the session. The engine would keep each one in a map
// that nobody reads, without a bound.
func (c *conn) header(body []byte) {
	name, value, _ := parseHeader(body)
	c.call(inHeader, func() { c.session.Header(name, value) })
	c.acknowledge(milter.OptNoHeaderReply)
}

// acknowledge answers a step that the engine does not see, unless the MTA
// agreed not to wait for it.
func (c *conn) acknowledge(quiet milter.OptProtocol) {
	if c.facts.steps&quiet == 0 {
		_, _ = c.Write([]byte{0, 0, 0, 1, byte(milter.ActContinue)})
	}
}

// call calls the session. Once it panicked it hears no more of that message, and
// no more of any when it does not know the client.
func (c *conn) call(p place, f func()) {
	if c.failed || c.lame || c.s.guard(p, &c.facts, f) {
		return
	}
	if p == inConnect || p == inHelo {
		c.lame = true
	} else {
		c.failed = true
	}
}

// endMessage is the ABORT of the MTA, at the given phase.
func (c *conn) endMessage(was phase) {
	if was.inMessage() {
		c.s.met.messages[endAborted].Inc()
	}
	c.dirty = false
	c.failed = false
	c.facts.macros.endMessage()
	c.shrink()
}

// shrink lets large buffers go, so that a connection that waits is small.
func (c *conn) shrink() {
	if cap(c.frame) > keepFrameBytes && len(c.ready) == 0 {
		c.frame = nil
	}
}

// readFrame reads one frame into c.frame and returns its payload, which is not
// empty.
func (c *conn) readFrame() ([]byte, error) {
	if c.in.Buffered() == 0 {
		if _, err := c.in.Peek(1); err != nil {
			return nil, c.broken(err)
		}
	}
	c.partial = true
	defer func() { c.partial, c.frameBy = false, time.Time{} }()
	head, err := c.in.Peek(frameHead)
	if err != nil {
		return nil, c.broken(err)
	}
	length := binary.BigEndian.Uint32(head)
	if length == 0 {
		return nil, c.reject(ZeroLength)
	}
	if length > uint32(c.s.opt.Limits.FrameBytes) {
		return nil, c.reject(TooLong, zap.Uint32("length", length))
	}
	whole := frameHead + int(length)
	c.frame = slices.Grow(c.frame[:0], whole)[:whole]
	if _, err := io.ReadFull(c.in, c.frame); err != nil {
		return nil, c.broken(err)
	}
	return c.frame[frameHead:], nil
}

// broken says why reading ended, once.
func (c *conn) broken(err error) error {
	switch {
	case errors.Is(err, errDrained):
	case errors.Is(err, os.ErrDeadlineExceeded):
		switch {
		case c.isDraining() && !c.partial:
		case c.out.version == 0:
			return c.expired(waitOffer)
		case c.partial:
			return c.expired(waitFrame)
		default:
			return c.expired(waitIdle)
		}
	case c.partial && !errors.Is(err, net.ErrClosed):
		return c.reject(Truncated, zap.Error(err))
	}
	return io.EOF
}

func (c *conn) isDraining() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.draining
}

// source is where the buffered reader reads from: the socket, with a deadline
// for each wait.
type source conn

func (r *source) Read(p []byte) (int, error) {
	c := (*conn)(r)
	if !c.watched {
		if err := c.arm(); err != nil {
			return 0, err
		}
	}
	n, err := c.Conn.Read(p)
	if !c.watched {
		c.disarm()
	}
	if c.rearm != nil {
		c.rearm()
	}
	return n, err
}

// arm sets the deadline for what is waited for. Between messages a connection
// that drains is closed instead.
func (c *conn) arm() error {
	limits := &c.s.opt.Limits
	now := time.Now()
	by := now.Add(limits.IdleTime)
	switch {
	case c.partial:
		if c.frameBy.IsZero() {
			c.frameBy = now.Add(limits.FrameTime)
		}
		by = c.frameBy
	case c.out.version == 0:
		by = now.Add(limits.FrameTime)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = !c.partial && !c.phase.inMessage()
	if c.waiting && c.draining {
		return errDrained
	}
	return c.Conn.SetReadDeadline(by)
}

func (c *conn) disarm() {
	c.mu.Lock()
	c.waiting = false
	c.mu.Unlock()
}
