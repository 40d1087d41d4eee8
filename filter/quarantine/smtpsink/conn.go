package smtpsink

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"slices"
	"strings"
	"time"
)

var errLine = errors.New("smtpsink: line too long")

// session is one SMTP connection.
type session struct {
	sink *Sink
	in   *bufio.Reader
	out  *bufio.Writer
	helo string
	mail *Message // since MAIL; nil outside a transaction
}

func (s *Sink) serve(conn net.Conn) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	c := &session{sink: s, in: bufio.NewReaderSize(conn, 1<<16), out: bufio.NewWriter(conn)}
	if !c.say(s.ask("CONNECT", ""), "220 smtpsink ESMTP") {
		return
	}
	for {
		if c.in.Buffered() == 0 && c.out.Flush() != nil { // answers to pipelined commands go together
			return
		}
		line, err := c.line(maxLine)
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimSuffix(string(line), "\r\n"), " ")
		if !c.command(strings.ToUpper(verb), arg) {
			c.out.Flush()
			return
		}
	}
}

// line reads up to and with the next CRLF.
func (c *session) line(limit int) ([]byte, error) {
	var line []byte
	for !bytes.HasSuffix(line, []byte("\r\n")) {
		part, err := c.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if line = append(line, part...); len(line) > limit {
			return nil, errLine
		}
	}
	return line, nil
}

// say answers with what the hook chose, else with usual. False: hang up.
func (c *session) say(chosen, usual string) bool {
	if chosen == Hangup {
		return false
	}
	if chosen == "" {
		chosen = usual
	}
	c.out.WriteString(chosen + "\r\n") // a bufio.Writer keeps its first error until Flush
	return true
}

// good reports whether the hook left the usual course alone.
func good(chosen string) bool { return chosen == "" || chosen[0] == '2' || chosen[0] == '3' }

// command answers one command. False: the connection ends.
func (c *session) command(verb, arg string) bool {
	chosen := c.sink.ask(verb, arg)
	switch verb {
	case "EHLO", "HELO":
		c.helo, c.mail = arg, nil
		return c.say(chosen, c.greeting(verb))
	case "MAIL":
		path, args, ok := path(arg, "FROM:")
		if c.mail != nil || !ok {
			return c.say(chosen, "503 5.5.1 not now, or no path")
		}
		if good(chosen) {
			c.mail = &Message{Helo: c.helo, Sender: path, SenderArgs: args}
		}
		return c.say(chosen, "250 2.1.0 ok")
	case "RCPT":
		path, _, ok := path(arg, "TO:")
		if c.mail == nil || !ok || path == "" {
			return c.say(chosen, "503 5.5.1 not now, or no path")
		}
		if good(chosen) {
			c.mail.Recipients = append(c.mail.Recipients, path)
		}
		return c.say(chosen, "250 2.1.5 ok")
	case "DATA":
		if c.mail == nil || len(c.mail.Recipients) == 0 {
			return c.say(chosen, "503 5.5.1 no recipients")
		}
		if !good(chosen) {
			return c.say(chosen, "")
		}
		return c.say(chosen, "354 go on") && c.out.Flush() == nil && c.data()
	case "RSET":
		c.mail = nil
		return c.say(chosen, "250 2.0.0 ok")
	case "NOOP":
		return c.say(chosen, "250 2.0.0 ok")
	case "QUIT":
		c.say(chosen, "221 2.0.0 bye")
		return false
	}
	return c.say(chosen, "500 5.5.1 unknown command")
}

// greeting is the answer to EHLO or HELO.
func (c *session) greeting(verb string) string {
	lines := []string{"smtpsink"}
	if verb == "EHLO" {
		c.sink.mu.Lock()
		for _, x := range []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "SIZE"} {
			if !slices.Contains(c.sink.hidden, x) {
				lines = append(lines, x)
			}
		}
		c.sink.mu.Unlock()
	}
	var b strings.Builder
	for _, l := range lines[:len(lines)-1] {
		b.WriteString("250-" + l + "\r\n")
	}
	return b.String() + "250 " + lines[len(lines)-1]
}

// path takes "FROM:<path> ARGS" apart. An @ or > inside quotes is part of the
// path (RFC 5321, section 4.1.2).
func path(arg, label string) (path string, args []string, ok bool) {
	if len(arg) < len(label) || !strings.EqualFold(arg[:len(label)], label) {
		return "", nil, false
	}
	rest := strings.TrimLeft(arg[len(label):], " ")
	if !strings.HasPrefix(rest, "<") {
		return "", nil, false
	}
	quoted := false
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && quoted:
			i++
		case rest[i] == '"':
			quoted = !quoted
		case rest[i] == '>' && !quoted:
			return rest[1:i], strings.Fields(rest[i+1:]), true
		}
	}
	return "", nil, false
}

// data reads a message and answers. False: the connection ends.
func (c *session) data() bool {
	m := *c.mail
	c.mail = nil
	for {
		line, err := c.line(maxMessage)
		if err != nil {
			return false
		}
		if string(line) == ".\r\n" {
			break
		}
		m.Data = append(m.Data, bytes.TrimPrefix(line, []byte("."))...)
		if len(m.Data) > maxMessage {
			return false
		}
	}
	m.Received = time.Now()
	chosen := c.sink.ask(".", string(m.Data))
	if chosen == Hangup {
		return false
	}
	if good(chosen) {
		c.sink.keep(m)
		if c.sink.ask("TAKEN", "") == Hangup {
			return false
		}
	}
	return c.say(chosen, "250 2.0.0 kept")
}
