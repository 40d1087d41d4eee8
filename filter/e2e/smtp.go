package e2e

import (
	"bytes"
	"fmt"
	"net/textproto"
	"testing"

	"sekisho/filter/mail"
)

// client is an SMTP session with a Postfix that lets us say who we are.
type client struct {
	tb   testing.TB
	conn *textproto.Conn
}

// dial opens a session that appears to come from the envelope's client.
func dial(tb testing.TB, addr string, env mail.Envelope) *client {
	tb.Helper()
	conn, err := textproto.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	c := &client{tb: tb, conn: conn}
	tb.Cleanup(func() { conn.Close() })
	c.must(c.reply(220))
	c.must(c.command(250, "EHLO test.invalid"))
	if env.Client.IsValid() {
		name := env.ClientName
		if name == "" || name == "unknown" {
			name = "[UNAVAILABLE]"
		}
		c.must(c.command(220, "XCLIENT ADDR=%s NAME=%s", env.Client, name))
		c.must(c.command(250, "EHLO %s", env.Helo))
	}
	return c
}

// command sends a line and returns the reply; err when its code is not want.
func (c *client) command(want int, format string, args ...any) (string, error) {
	if err := c.conn.PrintfLine(format, args...); err != nil {
		return "", err
	}
	return c.reply(want)
}

func (c *client) reply(want int) (string, error) {
	code, text, err := c.conn.ReadResponse(want)
	return fmt.Sprintf("%d %s", code, text), err
}

func (c *client) must(text string, err error) {
	c.tb.Helper()
	if err != nil {
		c.tb.Fatalf("SMTP: %v (%s)", err, text)
	}
}

// envelope sends MAIL and RCPT; args are ESMTP parameters of MAIL.
func (c *client) envelope(env mail.Envelope, args string) {
	c.tb.Helper()
	c.must(c.command(250, "MAIL FROM:<%s>%s", env.Sender, args))
	for _, rcpt := range env.Recipients {
		c.must(c.command(250, "RCPT TO:<%s>", rcpt))
	}
}

// send sends one message and returns the answer to its end, "250 2.0.0 Ok ...".
func (c *client) send(env mail.Envelope, raw []byte, args string) string {
	c.tb.Helper()
	c.envelope(env, args)
	c.must(c.command(354, "DATA"))
	return c.data(raw)
}

// data sends the message itself, dots stuffed, and returns the answer.
func (c *client) data(raw []byte) string {
	c.tb.Helper()
	if _, err := c.conn.W.Write(stuff(raw)); err != nil {
		c.tb.Fatalf("SMTP data: %v", err)
	}
	if err := c.conn.W.Flush(); err != nil {
		c.tb.Fatalf("SMTP data: %v", err)
	}
	text, err := c.reply(0)
	if err != nil {
		c.tb.Fatalf("SMTP end of data: %v", err)
	}
	return text
}

// try sends one message in a goroutine that is not the test's own.
func (c *client) try(sender string, recipients []string, raw []byte) (answer string, err error) {
	if text, err := c.command(250, "MAIL FROM:<%s>", sender); err != nil {
		return text, err
	}
	for _, rcpt := range recipients {
		if text, err := c.command(250, "RCPT TO:<%s>", rcpt); err != nil {
			return text, err
		}
	}
	if text, err := c.command(354, "DATA"); err != nil {
		return text, err
	}
	if _, err := c.conn.W.Write(stuff(raw)); err != nil {
		return "", err
	}
	if err := c.conn.W.Flush(); err != nil {
		return "", err
	}
	return c.reply(0)
}

// stuff prepares CRLF text for DATA (RFC 5321, section 4.5.2).
func stuff(raw []byte) []byte {
	out := bytes.ReplaceAll(raw, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(out, []byte(".")) {
		out = append([]byte("."), out...)
	}
	if !bytes.HasSuffix(out, []byte("\r\n")) {
		out = append(out, "\r\n"...)
	}
	return append(out, ".\r\n"...)
}
