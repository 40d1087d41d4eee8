package wire

import (
	"context"
	"net"
	"net/netip"

	"github.com/emersion/go-milter"
)

// Session hears what an MTA says on one connection, in order and one call at a
// time: Connect, Helo, then for each message Mail, Rcpt, Header, Body and End.
// Abort ends the message at hand, if there is one, and only that; it also comes
// between messages.
//
// A call that panics is counted and logged, and its message is answered with a
// temporary failure.
type Session interface {
	Connect(Client)
	Helo(name string)
	Mail(Path)

	// Rcpt hears of a recipient. The answer reaches the MTA only when
	// Conn.AsksRcpt says so; nil lets the recipient be.
	Rcpt(Path) milter.Response

	// Header gets one field. The value is as the MTA has it, line ends inside
	// are LF (or CRLF with some MTAs), with the blank after the colon when
	// Conn.LeadingSpace says so. Both slices are good during the call only.
	Header(name, value []byte)

	// Body gets the next piece of the body. The slice is the session's to keep.
	Body(chunk []byte)

	// End judges the message. The context lives as long as the judgement; it is
	// cancelled when the MTA goes away or aborts the message, and has the time
	// limit of a message. Nothing reaches the MTA before End returns.
	End(ctx context.Context, edit *milter.Modifier) milter.Response

	Abort()
}

// Family says how a client reached the MTA, as the protocol writes it.
type Family byte

const (
	FamilyUnknown Family = 'U' // SMFIA_UNKNOWN: no address
	FamilyUnix    Family = 'L' // SMFIA_UNIX: Client.Path
	FamilyInet    Family = '4' // SMFIA_INET
	FamilyInet6   Family = '6' // SMFIA_INET6
)

// Client is the SMTP client as CONNECT describes it.
type Client struct {
	Name   string // host name as the MTA has it; "[192.0.2.1]" or "unknown" without one
	Family Family
	Addr   netip.Addr // for FamilyInet and FamilyInet6; never a mapped IPv4 address
	Port   uint16     // 0 when the MTA does not tell
	Path   string     // for FamilyUnix
}

// Path is the argument of MAIL or RCPT (RFC 5321, sections 4.1.1.2 and 4.1.1.3).
type Path struct {
	Address string   // without the angle brackets; "" is the null reverse-path
	Args    []string // ESMTP parameters as written, such as "SMTPUTF8", "BODY=8BITMIME"
}

// Conn tells a session about its connection: what was negotiated and the macros
// that hold at the moment. It is to be used within the session's calls only.
type Conn struct {
	actions milter.OptAction
	steps   milter.OptProtocol
	macros  macros
	remote  net.Addr
}

// Can reports whether the MTA agreed to all the given actions.
func (c *Conn) Can(actions milter.OptAction) bool { return c.actions&actions == actions }

// LeadingSpace reports whether header values carry the blank after the colon,
// in both directions.
func (c *Conn) LeadingSpace() bool { return c.steps&milter.OptHeaderLeadingSpace != 0 }

// AsksRcpt reports whether the MTA waits for an answer to each recipient, and
// whether it is asked for one: see Options.AskRcpt.
func (c *Conn) AsksRcpt() bool { return c.steps&milter.OptNoRcptReply == 0 }

// Macro returns the value of a macro, named without braces ("i", "auth_authen"):
// that of the latest stage at which the MTA gave it, "" when it did not.
// Macros of a message end with it, those of CONNECT and HELO stay.
func (c *Conn) Macro(name string) string { return c.macros.get(name) }

// RemoteAddr is the MTA's end of the connection.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }
