package wire

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"

	"github.com/emersion/go-milter"
)

// Commands and answers that go-milter has no name for.
const (
	codeUnknown  = 'U' // SMFIC_UNKNOWN: an SMTP command that the MTA does not know
	codeProgress = 'p' // SMFIR_PROGRESS: still at work
)

// frameHead is the length field in front of each frame.
const frameHead = 4

// offer is the MTA's side of the negotiation.
type offer struct {
	version uint32
	actions milter.OptAction
	steps   milter.OptProtocol
}

// parseOffer reads the payload of OPTNEG. What a later version appends is ignored.
func parseOffer(payload []byte) (offer, bool) {
	if len(payload) < 12 {
		return offer{}, false
	}
	o := offer{
		version: binary.BigEndian.Uint32(payload),
		actions: milter.OptAction(binary.BigEndian.Uint32(payload[4:])),
		steps:   milter.OptProtocol(binary.BigEndian.Uint32(payload[8:])),
	}
	return o, o.version >= minVersion
}

// parseClient reads the payload of CONNECT: host name, NUL, family; then, but
// for the unknown family, port and address, ended by NUL.
func parseClient(payload []byte) (Client, Reason) {
	name, rest, ok := bytes.Cut(payload, nul)
	if !ok || len(rest) == 0 || len(payload) > maxPathBytes {
		return Client{}, BadConnect
	}
	c := Client{Name: string(name), Family: Family(rest[0])}
	rest = rest[1:]
	switch c.Family {
	case FamilyUnknown:
		return c, ""
	case FamilyUnix, FamilyInet, FamilyInet6:
	default:
		return Client{}, BadFamily
	}
	// libmilter reads a port for a unix socket too; there are MTAs without one.
	if c.Family != FamilyUnix || len(rest) > 0 && rest[0] == 0 {
		if len(rest) < 2 {
			return Client{}, BadConnect
		}
		c.Port = binary.BigEndian.Uint16(rest)
		rest = rest[2:]
	}
	addr, ok := cString(rest)
	if !ok {
		return Client{}, BadConnect
	}
	if c.Family == FamilyUnix {
		c.Path = string(addr)
		return c, ""
	}
	if c.Addr, ok = parseAddr(string(addr)); !ok {
		return Client{}, BadConnect
	}
	return c, ""
}

// parseAddr reads an address as MTAs write it: Sendmail puts the tag of RFC 5321
// section 4.1.3 in front of IPv6.
func parseAddr(s string) (netip.Addr, bool) {
	const tag = "IPv6:"
	if len(s) > len(tag) && strings.EqualFold(s[:len(tag)], tag) {
		s = s[len(tag):]
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}

// parsePath reads the payload of MAIL or RCPT: the path, then ESMTP parameters,
// each ended by NUL.
func parsePath(payload []byte) (Path, bool) {
	if len(payload) > maxPathBytes || len(payload) == 0 || payload[len(payload)-1] != 0 {
		return Path{}, false
	}
	first, rest, _ := bytes.Cut(payload, nul)
	if n := bytes.Count(rest, nul); n > maxPathArgs {
		return Path{}, false
	}
	if n := len(first); n >= 2 && first[0] == '<' && first[n-1] == '>' {
		first = first[1 : n-1]
	}
	p := Path{Address: string(first)}
	for len(rest) > 0 {
		var arg []byte
		arg, rest, _ = bytes.Cut(rest, nul)
		p.Args = append(p.Args, string(arg))
	}
	return p, true
}

// parseHeader reads the payload of HEADER: name and value, each ended by NUL.
// A name that could not stand before a colon would let one field pass for two.
func parseHeader(payload []byte) (name, value []byte, ok bool) {
	name, rest, _ := bytes.Cut(payload, nul)
	value, ok = cString(rest)
	if !ok || len(name) == 0 || bytes.ContainsAny(name, ":\r\n") {
		return nil, nil, false
	}
	return name, value, true
}

// cString returns a payload that is exactly one string ended by NUL.
func cString(b []byte) ([]byte, bool) {
	at := bytes.IndexByte(b, 0)
	if at < 0 || at != len(b)-1 {
		return nil, false
	}
	return b[:at], true
}
