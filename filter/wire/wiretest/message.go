package wiretest

import (
	"bytes"
	"strings"

	"github.com/emersion/go-milter"
)

// Message is a message with the SMTP session around it. Zero fields have a
// value that will do; Data may be empty.
type Message struct {
	ClientName string   // "client.example"
	ClientAddr string   // "192.0.2.1"; with a colon it is IPv6
	Helo       string   // ClientName
	QueueID    string   // "4TestQueue"
	AuthUser   string   // SASL login; none
	From       string   // without angle brackets; "" is the null path
	FromArgs   []string // ESMTP parameters
	To         []string // without angle brackets; "user@example.org"
	Data       []byte   // an RFC 5322 message, CRLF line ends
}

// Open names the client of a message: CONNECT and HELO.
func (c *Client) Open(m Message) error {
	name, addr := or(m.ClientName, "client.example"), or(m.ClientAddr, "192.0.2.1")
	family := milter.FamilyInet
	if strings.Contains(addr, ":") {
		family = milter.FamilyInet6
	}
	_ = c.Macros(milter.CodeConn, "j", "mx.example.org", "{daemon_name}", "mx.example.org", "_", name+" ["+addr+"]")
	if err := c.Connect(name, family, 25025, addr); err != nil {
		return err
	}
	return c.Helo(or(m.Helo, name))
}

// Send sends one message over an open connection and returns the answer to it,
// and the ABORT that follows.
func (c *Client) Send(m Message) (Reply, error) {
	if err := c.Envelope(m); err != nil {
		return Reply{}, err
	}
	if err := c.Content(m.Data); err != nil {
		return Reply{}, err
	}
	_ = c.Macros(milter.CodeEOB, "i", or(m.QueueID, "4TestQueue"))
	r, err := c.End()
	if err != nil {
		return r, err
	}
	return r, c.Abort()
}

// Envelope sends MAIL, each RCPT and DATA.
func (c *Client) Envelope(m Message) error {
	mail := []string{"{mail_addr}", m.From}
	if m.AuthUser != "" {
		mail = append(mail, "{auth_authen}", m.AuthUser, "{auth_type}", "PLAIN")
	}
	_ = c.Macros(milter.CodeMail, mail...)
	if err := c.Mail("<"+m.From+">", m.FromArgs...); err != nil {
		return err
	}
	to := m.To
	if len(to) == 0 {
		to = []string{"user@example.org"}
	}
	for _, rcpt := range to {
		_ = c.Macros(milter.CodeRcpt, "i", or(m.QueueID, "4TestQueue"), "{rcpt_addr}", rcpt)
		if err := c.Rcpt("<" + rcpt + ">"); err != nil {
			return err
		}
	}
	return c.Data()
}

// Content sends header fields and body of an RFC 5322 message.
func (c *Client) Content(data []byte) error {
	for len(data) > 0 && !bytes.HasPrefix(data, []byte("\r\n")) {
		n := fieldLen(data)
		name, value, _ := strings.Cut(strings.TrimSuffix(string(data[:n]), "\r\n"), ":")
		if c.Agreed.Steps&milter.OptHeaderLeadingSpace == 0 {
			value = strings.TrimPrefix(value, " ")
		}
		if err := c.Header(name, strings.ReplaceAll(value, "\r\n", "\n")); err != nil {
			return err
		}
		data = data[n:]
	}
	if err := c.EndOfHeader(); err != nil {
		return err
	}
	return c.Body(bytes.TrimPrefix(data, []byte("\r\n")))
}

// fieldLen is the length of the first field with its folded lines.
func fieldLen(data []byte) int {
	for at := 0; ; {
		end := bytes.Index(data[at:], []byte("\r\n"))
		if end < 0 {
			return len(data)
		}
		at += end + 2
		if at == len(data) || data[at] != ' ' && data[at] != '\t' {
			return at
		}
	}
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
