package wiretest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-milter"
)

const (
	maxFrame       = 1 << 20 // of what a filter sends
	defaultTimeout = 10 * time.Second
	codeUnknown    = 'U'
	codeProgress   = 'p'
)

// Offer is what the MTA says it can do.
type Offer struct {
	Version uint32
	Actions milter.OptAction
	Steps   milter.OptProtocol
}

// Postfix is the offer of Postfix 3.7.
func Postfix() Offer { return Offer{Version: 6, Actions: 0x1ff, Steps: 0x1fffff} }

// Answer is the filter's side of the negotiation.
type Answer struct {
	Offer
	Macros map[milter.Stage]string // asked for, names separated by blanks
}

// Edit is one modification that the filter asked for.
type Edit struct {
	Code  milter.ModifyActCode
	Index uint32 // ActChangeHeader, ActInsertHeader
	Name  string // header name, recipient with angle brackets, or reason
	Value string // header value, line ends are LF, leading blank as negotiated; a piece of the body
}

// Reply is the filter's answer to a message.
type Reply struct {
	Code     milter.ActionCode
	Text     string // with ActReplyCode: "550 5.7.1 no"
	Edits    []Edit
	Progress int // progress replies before it
}

// Client is the MTA's end of a milter connection. It is for one goroutine.
type Client struct {
	Conn    net.Conn
	Timeout time.Duration // for each wait for the filter; 10 s when zero
	Agreed  Answer        // after Negotiate

	in  *bufio.Reader
	out *bufio.Writer
}

// Dial connects to a filter.
func Dial(network, address string) (*Client, error) {
	nc, err := net.Dial(network, address)
	if err != nil {
		return nil, fmt.Errorf("wiretest: %w", err)
	}
	return New(nc), nil
}

// New uses a connection that is there already.
func New(nc net.Conn) *Client {
	return &Client{Conn: nc, in: bufio.NewReader(nc), out: bufio.NewWriterSize(nc, 4096)}
}

// Close closes the connection without a word.
func (c *Client) Close() error { return c.Conn.Close() }

// Negotiate makes an offer and reads the answer to it.
func (c *Client) Negotiate(o Offer) (Answer, error) {
	var payload []byte
	for _, v := range []uint32{o.Version, uint32(o.Actions), uint32(o.Steps)} {
		payload = binary.BigEndian.AppendUint32(payload, v)
	}
	if err := c.Frame(byte(milter.CodeOptNeg), payload); err != nil {
		return Answer{}, err
	}
	code, payload, err := c.ReadFrame()
	if err != nil {
		return Answer{}, err
	}
	if code != byte(milter.CodeOptNeg) || len(payload) < 12 {
		return Answer{}, fmt.Errorf("wiretest: answer %q to the offer", code)
	}
	a := Answer{Macros: map[milter.Stage]string{}}
	a.Version = binary.BigEndian.Uint32(payload)
	a.Actions = milter.OptAction(binary.BigEndian.Uint32(payload[4:]))
	a.Steps = milter.OptProtocol(binary.BigEndian.Uint32(payload[8:]))
	for payload = payload[12:]; len(payload) > 4; {
		stage := milter.Stage(binary.BigEndian.Uint32(payload))
		list, rest, _ := strings.Cut(string(payload[4:]), "\x00")
		a.Macros[stage] = list
		payload = []byte(rest)
	}
	if extra := a.Actions &^ o.Actions; extra != 0 {
		return a, fmt.Errorf("wiretest: filter takes actions %#x that were not offered", extra)
	}
	c.Agreed = a
	return a, nil
}

// Frame queues one frame. It is sent with the next wait for the filter, or by Flush.
func (c *Client) Frame(code byte, payload []byte) error {
	head := [5]byte{4: code}
	binary.BigEndian.PutUint32(head[:], uint32(len(payload)+1))
	_, _ = c.out.Write(head[:]) // the writer keeps the error
	_, err := c.out.Write(payload)
	return err
}

// Raw sends bytes as they are.
func (c *Client) Raw(b []byte) error {
	_, _ = c.out.Write(b)
	return c.Flush()
}

// Flush sends what is queued.
func (c *Client) Flush() error {
	_ = c.Conn.SetWriteDeadline(time.Now().Add(c.timeout()))
	return c.out.Flush()
}

// ReadFrame sends what is queued and waits for a frame.
func (c *Client) ReadFrame() (code byte, payload []byte, err error) {
	if err := c.Flush(); err != nil {
		return 0, nil, err
	}
	_ = c.Conn.SetReadDeadline(time.Now().Add(c.timeout()))
	var head [4]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n == 0 || n > maxFrame {
		return 0, nil, fmt.Errorf("wiretest: frame of %d bytes from the filter", n)
	}
	frame := make([]byte, n)
	if _, err := io.ReadFull(c.in, frame); err != nil {
		return 0, nil, err
	}
	return frame[0], frame[1:], nil
}

// Macros gives the macros of the command that comes next, as name, value, ...
func (c *Client) Macros(command milter.Code, pairs ...string) error {
	return c.Frame(byte(milter.CodeMacro), append([]byte{byte(command)}, cStrings(pairs...)...))
}

// Connect names the SMTP client. The address is as in the protocol; it and the
// port are left out for milter.FamilyUnknown.
func (c *Client) Connect(host string, family milter.ProtoFamily, port uint16, address string) error {
	payload := append(cStrings(host), byte(family))
	if family != milter.FamilyUnknown {
		payload = binary.BigEndian.AppendUint16(payload, port)
		payload = append(payload, cStrings(address)...)
	}
	return c.step(milter.CodeConn, payload, milter.OptNoConnReply)
}

// Helo is the argument of HELO or EHLO.
func (c *Client) Helo(name string) error {
	return c.step(milter.CodeHelo, cStrings(name), milter.OptNoHeloReply)
}

// Mail begins a message. The path has its angle brackets.
func (c *Client) Mail(path string, args ...string) error {
	return c.step(milter.CodeMail, cStrings(append([]string{path}, args...)...), milter.OptNoMailReply)
}

// Rcpt names a recipient. The path has its angle brackets.
func (c *Client) Rcpt(path string, args ...string) error {
	return c.step(milter.CodeRcpt, cStrings(append([]string{path}, args...)...), milter.OptNoRcptReply)
}

// Data is the DATA command; it is not sent when the filter does not want it.
func (c *Client) Data() error {
	if c.Agreed.Steps&milter.OptNoData != 0 {
		return nil
	}
	return c.step(milter.CodeData, nil, milter.OptNoDataReply)
}

// Header is one field: the value as on the wire, with LF line ends.
func (c *Client) Header(name, value string) error {
	return c.step(milter.CodeHeader, cStrings(name, value), milter.OptNoHeaderReply)
}

// EndOfHeader is the empty line.
func (c *Client) EndOfHeader() error { return c.step(milter.CodeEOH, nil, milter.OptNoEOHReply) }

// Body sends the body in chunks of Postfix's size.
func (c *Client) Body(body []byte) error {
	for len(body) > 0 {
		n := min(len(body), milter.MaxBodyChunk)
		if err := c.step(milter.CodeBody, body[:n], milter.OptNoBodyReply); err != nil {
			return err
		}
		body = body[n:]
	}
	return nil
}

// Unknown is an SMTP command that the MTA does not know; it is not sent when the
// filter does not want it.
func (c *Client) Unknown(line string) error {
	if c.Agreed.Steps&milter.OptNoUnknown != 0 {
		return nil
	}
	return c.step(codeUnknown, cStrings(line), milter.OptNoUnknownReply)
}

// End is the end of the message: it waits for modifications and the answer.
func (c *Client) End() (Reply, error) {
	if err := c.Frame(byte(milter.CodeEOB), nil); err != nil {
		return Reply{}, err
	}
	return c.ReadReply()
}

// ReadReply waits for modifications and the answer.
func (c *Client) ReadReply() (Reply, error) {
	var r Reply
	for {
		code, payload, err := c.ReadFrame()
		switch {
		case err != nil:
			return r, err
		case code == codeProgress:
			r.Progress++
		case strings.IndexByte("+-behimq", code) >= 0:
			e, err := parseEdit(milter.ModifyActCode(code), payload)
			if err != nil {
				return r, err
			}
			r.Edits = append(r.Edits, e)
		default:
			r.Code = milter.ActionCode(code)
			r.Text = strings.TrimSuffix(string(payload), "\x00")
			return r, nil
		}
	}
}

// Abort ends the message at hand; Postfix sends it after each one, too.
func (c *Client) Abort() error { return c.Frame(byte(milter.CodeAbort), nil) }

// Quit ends the connection.
func (c *Client) Quit() error {
	if err := c.Frame(byte(milter.CodeQuit), nil); err != nil {
		return err
	}
	return c.Flush()
}

// QuitNew ends the SMTP session and keeps the connection for the next one.
func (c *Client) QuitNew() error { return c.Frame(byte(milter.CodeQuitNewConn), nil) }

// step sends a command and waits for its answer where one was agreed.
func (c *Client) step(command milter.Code, payload []byte, quiet milter.OptProtocol) error {
	if err := c.Frame(byte(command), payload); err != nil {
		return err
	}
	if c.Agreed.Steps&quiet != 0 {
		return nil
	}
	code, _, err := c.ReadFrame()
	if err == nil && milter.ActionCode(code) != milter.ActContinue {
		err = fmt.Errorf("wiretest: answer %q to command %q", code, command)
	}
	return err
}

func (c *Client) timeout() time.Duration {
	if c.Timeout == 0 {
		return defaultTimeout
	}
	return c.Timeout
}

func parseEdit(code milter.ModifyActCode, payload []byte) (Edit, error) {
	e := Edit{Code: code}
	if code == milter.ActChangeHeader || code == milter.ActInsertHeader {
		if len(payload) < 4 {
			return e, errors.New("wiretest: header edit without an index")
		}
		e.Index = binary.BigEndian.Uint32(payload)
		payload = payload[4:]
	}
	if code == milter.ActReplBody {
		e.Value = string(payload)
		return e, nil
	}
	parts := strings.Split(string(payload), "\x00")
	e.Name = parts[0]
	if len(parts) > 1 {
		e.Value = parts[1]
	}
	return e, nil
}

func cStrings(all ...string) []byte {
	return []byte(strings.Join(all, "\x00") + "\x00")
}
