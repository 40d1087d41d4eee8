package wire

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-milter"
	"go.uber.org/zap"
)

// modifications are the answers that another one follows.
const modifications = "+-behimq2"

// writer gathers what the engine writes until the frame that the MTA waits for.
type writer struct {
	version uint32 // that we answer the offer with; 0 until there was one

	mu      sync.Mutex // with the watch, which writes progress replies
	pending []byte
	next    int // where the first frame that was not looked at begins
	dead    bool
}

// Write takes a piece of the engine's output, which need not be a whole frame.
// Modifications are kept and sent together with the answer that follows them.
func (c *conn) Write(p []byte) (int, error) {
	w := &c.out
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = append(w.pending, p...)
	for len(w.pending)-w.next > frameHead {
		frame := w.pending[w.next:]
		whole := frameHead + int(binary.BigEndian.Uint32(frame))
		if len(frame) < whole {
			break
		}
		w.next += whole
		code := frame[frameHead]
		if code == byte(milter.CodeOptNeg) && whole >= frameHead+5 {
			// The engine says 2 to everyone, but uses what came later.
			binary.BigEndian.PutUint32(frame[frameHead+1:], w.version)
		}
		if strings.IndexByte(modifications, code) < 0 {
			c.send(w.pending[:w.next])
			w.pending = append(w.pending[:0], w.pending[w.next:]...)
			w.next = 0
		}
	}
	if len(w.pending) == 0 && cap(w.pending) > keepOutBytes {
		w.pending = nil
	}
	return len(p), nil
}

// takeBack forgets modifications whose answer will not come.
func (c *conn) takeBack() {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.pending, c.out.next = c.out.pending[:0], 0
}

// progress tells the MTA that its message is being judged.
func (c *conn) progress() {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.send([]byte{0, 0, 0, 1, codeProgress})
	c.s.met.progress.Inc()
}

// send writes to the MTA. A failure ends the connection: reading finds it
// closed. The writer's lock is held.
func (c *conn) send(b []byte) {
	if c.out.dead {
		return
	}
	_ = c.Conn.SetWriteDeadline(time.Now().Add(c.s.opt.Limits.WriteTime))
	_, err := c.Conn.Write(b)
	if err == nil {
		return
	}
	c.out.dead = true
	if errors.Is(err, os.ErrDeadlineExceeded) {
		_ = c.expired(waitWrite)
	} else {
		c.s.log.Warn("milter answer not delivered", zap.String("mta", c.remote()), zap.Error(err))
	}
	c.cut()
}
