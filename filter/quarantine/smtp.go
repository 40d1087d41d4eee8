package quarantine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// unknownError says that the message was sent and what came of it is not known.
type unknownError struct{ err error }

func (e *unknownError) Error() string { return e.err.Error() }
func (e *unknownError) Unwrap() error { return e.err }

// delivery is one message for one recipient.
type delivery struct {
	helo, sender string
	args         []string // ESMTP parameters of the original MAIL command
	recipient    string
	top          []byte // field of ours on top of the message; nil for none
	message      []byte // CRLF line ends
}

// deliver hands d to the SMTP server at addr (RFC 5321). A nil error means that
// the server has answered 250 to the whole message, an *unknownError that it
// perhaps has taken it, any other error that it has not.
func deliver(ctx context.Context, addr string, d delivery) error {
	if err := d.check(); err != nil {
		return err
	}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	c := &client{
		in:  textproto.NewReader(bufio.NewReader(io.LimitReader(conn, maxReplies))),
		out: bufio.NewWriterSize(conn, 1<<16),
	}
	if err := c.transaction(d); err != nil {
		return err
	}
	// It is taken. How we part changes nothing, so nobody waits for it long.
	if conn.SetDeadline(time.Now().Add(quitTimeout)) == nil {
		_, _ = c.command(221, "QUIT")
	}
	return nil
}

// check refuses what can't be said in SMTP without changing it.
func (d delivery) check() error {
	for _, s := range append([]string{d.helo, d.sender, d.recipient}, d.args...) {
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fmt.Errorf("control character in the envelope: %q", s)
		}
	}
	// A line that ends in LF alone is not allowed (RFC 5321, section 2.3.8), and
	// servers that take it for a line end would see commands in a message that
	// was made for that. Sent as CRLF the message would not be the original.
	for i := 0; ; {
		n := bytes.IndexByte(d.message[i:], '\n')
		if n < 0 {
			return nil
		}
		if i += n; i == 0 || d.message[i-1] != '\r' {
			return errors.New("the message has a line that ends in a bare LF: it can't be sent unchanged, take it out of the quarantine as a file")
		}
		i++
	}
}

// client is our side of an SMTP connection.
type client struct {
	in  *textproto.Reader
	out *bufio.Writer
}

// transaction sends the message and waits for the last answer.
func (c *client) transaction(d delivery) error {
	if _, _, err := c.in.ReadResponse(220); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	greeting, err := c.command(250, "EHLO %s", d.helo)
	if err != nil {
		return err
	}
	parameters, err := d.parameters(extensions(greeting))
	if err != nil {
		return err
	}
	if _, err := c.command(250, "MAIL FROM:<%s>%s", d.sender, parameters); err != nil {
		return err
	}
	if _, err := c.command(25, "RCPT TO:<%s>", d.recipient); err != nil { // 250 or 251
		return err
	}
	if _, err := c.command(354, "DATA"); err != nil {
		return err
	}
	c.out.Write(d.top) // a bufio.Writer keeps its first error
	if err := writeDots(c.out, d.message); err != nil {
		return err
	}
	if err := c.out.Flush(); err != nil {
		return err
	}
	// Without the last line the server does not have a message. From here on it
	// may have it.
	_, err = c.command(250, ".")
	var refused *textproto.Error
	if err != nil && !errors.As(err, &refused) {
		return &unknownError{fmt.Errorf("sent, but no answer came: %w", err)}
	}
	return err
}

// command sends one line and reads the answer, which has to have that code; a
// code of two digits matches all codes that begin so.
func (c *client) command(code int, format string, args ...any) (string, error) {
	line := fmt.Sprintf(format, args...)
	if _, err := c.out.WriteString(line + "\r\n"); err != nil {
		return "", err
	}
	if err := c.out.Flush(); err != nil {
		return "", err
	}
	_, text, err := c.in.ReadResponse(code)
	if err != nil {
		verb, _, _ := strings.Cut(line, ":")
		return "", fmt.Errorf("answer to %s: %w", verb, err)
	}
	return text, nil
}

// extensions are the keywords of an EHLO answer (RFC 5321, section 4.1.1.1).
func extensions(greeting string) map[string]bool {
	known := map[string]bool{}
	for i, line := range strings.Split(greeting, "\n") {
		if keyword, _, _ := strings.Cut(line, " "); i > 0 {
			known[strings.ToUpper(keyword)] = true
		}
	}
	return known
}

// parameters are the ESMTP parameters for MAIL, each with a blank before it:
// those of the original envelope that say how the message has to be carried
// (RFC 6152, RFC 6531), and the size (RFC 1870).
func (d delivery) parameters(offered map[string]bool) (string, error) {
	asked := func(arg string) bool {
		return slices.ContainsFunc(d.args, func(a string) bool { return strings.EqualFold(a, arg) })
	}
	var b strings.Builder
	switch wide := !ascii(d.message); {
	case wide && !offered["8BITMIME"]:
		return "", errors.New("the message has 8-bit characters and the server does not offer 8BITMIME")
	case (wide || asked("BODY=8BITMIME")) && offered["8BITMIME"]:
		b.WriteString(" BODY=8BITMIME")
	}
	if asked("SMTPUTF8") || !ascii([]byte(d.sender)) || !ascii([]byte(d.recipient)) {
		if !offered["SMTPUTF8"] {
			return "", errors.New("the message needs SMTPUTF8 and the server does not offer it")
		}
		b.WriteString(" SMTPUTF8")
	}
	if offered["SIZE"] {
		b.WriteString(" SIZE=" + strconv.Itoa(len(d.top)+len(d.message)))
	}
	return b.String(), nil
}

// writeDots writes message with a dot before each line that begins with one
// (RFC 5321, section 4.5.2). Nothing else changes, but that a message whose last
// line has no end gets one, as it has to.
func writeDots(w *bufio.Writer, message []byte) error {
	rest := message
	if len(rest) > 0 && rest[0] == '.' {
		w.WriteByte('.')
	}
	for {
		i := bytes.Index(rest, []byte("\r\n."))
		if i < 0 {
			break
		}
		w.Write(rest[:i+len("\r\n")])
		w.WriteByte('.')
		rest = rest[i+len("\r\n"):]
	}
	_, err := w.Write(rest) // a bufio.Writer keeps its first error
	if err == nil && len(message) > 0 && !bytes.HasSuffix(message, []byte("\r\n")) {
		_, err = w.WriteString("\r\n")
	}
	return err
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
