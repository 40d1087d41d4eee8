package config

import (
	"fmt"
	"io/fs"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"sekisho/policy/strictyaml"
)

// UnmarshalText reads tcp:host:port or unix:/path.
func (l *Listen) UnmarshalText(text []byte) error {
	network, address, ok := strings.Cut(string(text), ":")
	if !ok || network != "tcp" && network != "unix" {
		return fmt.Errorf("wants tcp:host:port or unix:/path, has %q", text)
	}
	*l = Listen{Network: network, Address: address}
	return nil
}

// String returns the socket as the settings file writes it.
func (l Listen) String() string { return l.Network + ":" + l.Address }

// UnmarshalValue reads an authserv_id and its networks.
func (g *Gateway) UnmarshalValue(v strictyaml.Value) {
	var keys struct {
		AuthservID string    `yaml:"authserv_id,required"`
		Networks   []network `yaml:"networks,required"`
	}
	if !v.Decode(&keys) {
		return
	}
	if len(keys.Networks) == 0 {
		v.Errorf("names no networks")
	}
	g.AuthservID = keys.AuthservID
	for _, n := range keys.Networks {
		g.Networks = append(g.Networks, netip.Prefix(n))
	}
}

// network is a range of addresses, or one.
type network netip.Prefix

// UnmarshalText reads 192.0.2.0/24, or an address.
func (n *network) UnmarshalText(text []byte) error {
	if addr, err := netip.ParseAddr(string(text)); err == nil && addr.Zone() == "" && !addr.Is4In6() {
		*n = network(netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	}
	prefix, err := netip.ParsePrefix(string(text))
	if err != nil || prefix.Addr().Is4In6() {
		return fmt.Errorf("wants an address or a network such as 192.0.2.0/24, has %q", text)
	}
	if prefix != prefix.Masked() {
		return fmt.Errorf("%q has bits behind its length; write %v, or the address alone", text, prefix.Masked())
	}
	*n = network(prefix)
	return nil
}

// UnmarshalValue reads a domain and its language.
func (d *DigestDomain) UnmarshalValue(v strictyaml.Value) {
	var keys struct {
		Domain   string   `yaml:"domain,required"`
		Language Language `yaml:"language"`
	}
	keys.Language = LanguageBoth
	if v.Decode(&keys) {
		d.Domain, d.Language = strings.ToLower(keys.Domain), keys.Language
	}
}

// Language is what people are told in.
type Language string

const (
	LanguageJapanese Language = "ja"
	LanguageEnglish  Language = "en"
	LanguageBoth     Language = "both" // Japanese first
)

// UnmarshalText reads one of the words.
func (l *Language) UnmarshalText(text []byte) error {
	return oneOf(l, text, LanguageJapanese, LanguageEnglish, LanguageBoth)
}

// TimeOfDay is a time on each day.
type TimeOfDay struct{ Hour, Minute int }

// UnmarshalText reads 08:00.
func (t *TimeOfDay) UnmarshalText(text []byte) error {
	at, err := time.Parse("15:04", string(text))
	if err != nil || len(text) != len("15:04") {
		return fmt.Errorf("wants a time of the day such as 08:00, has %q", text)
	}
	*t = TimeOfDay{at.Hour(), at.Minute()}
	return nil
}

// UnmarshalValue reads a domain and the address of its abuse desk.
func (d *AbuseDesk) UnmarshalValue(v strictyaml.Value) {
	var keys struct {
		Domain  string `yaml:"domain,required"`
		Address string `yaml:"address,required"`
	}
	if v.Decode(&keys) {
		d.Domain, d.Address = strings.ToLower(keys.Domain), keys.Address
	}
}

// Approval says whose reports of phishing wait for a person to approve of them.
type Approval string

const (
	ApproveAll        Approval = "all"
	ApproveRecipients Approval = "recipients" // those that recipients asked for
	ApproveNone       Approval = "none"
)

// UnmarshalText reads one of the words.
func (a *Approval) UnmarshalText(text []byte) error {
	return oneOf(a, text, ApproveAll, ApproveRecipients, ApproveNone)
}

// Mode is the permissions of a file, written in octal: 0660.
type Mode fs.FileMode

// UnmarshalText reads three or four octal digits.
func (m *Mode) UnmarshalText(text []byte) error {
	bits, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || bits > 0o777 || len(text) < 3 || len(text) > 4 {
		return fmt.Errorf("wants permissions in octal such as 0660, has %q", text)
	}
	*m = Mode(bits)
	return nil
}

// TrustAD is which servers are believed that DNSSEC has proved an answer.
type TrustAD string

const (
	TrustAuto   TrustAD = "auto"   // those on a loopback address
	TrustAlways TrustAD = "always" // all of them: nobody can forge answers on the way
	TrustNever  TrustAD = "never"
)

// UnmarshalText reads one of the words.
func (t *TrustAD) UnmarshalText(text []byte) error {
	return oneOf(t, text, TrustAuto, TrustAlways, TrustNever)
}

// Addresses is how much of addresses is recorded.
type Addresses string

const (
	AddressesFull   Addresses = "full"
	AddressesDomain Addresses = "domain" // no local parts, and no texts by people
)

// UnmarshalText reads one of the words.
func (a *Addresses) UnmarshalText(text []byte) error {
	return oneOf(a, text, AddressesFull, AddressesDomain)
}

// Tests is what becomes of a set that fails the tests in its policy directory.
type Tests string

const (
	TestsEnforce Tests = "enforce" // it is refused
	TestsIgnore  Tests = "ignore"  // it is taken, with a warning and a count: for emergencies
)

// UnmarshalText reads one of the words.
func (t *Tests) UnmarshalText(text []byte) error {
	return oneOf(t, text, TestsEnforce, TestsIgnore)
}

// Proof is how a released message gets past this filter.
type Proof string

const (
	ByStamp Proof = "stamp" // by a field that only we can write
	ByPort  Proof = "port"  // over a port of the MTA that has no filter
)

// UnmarshalText reads one of the words.
func (p *Proof) UnmarshalText(text []byte) error {
	return oneOf(p, text, ByStamp, ByPort)
}

// Level is how much is logged: this level and everything graver.
type Level string

const (
	LevelDebug Level = "debug"
	LevelInfo  Level = "info"
	LevelWarn  Level = "warn"
	LevelError Level = "error"
)

// UnmarshalText reads one of the levels.
func (l *Level) UnmarshalText(text []byte) error {
	return oneOf(l, text, LevelDebug, LevelInfo, LevelWarn, LevelError)
}

// Format is the form of log lines.
type Format string

const (
	FormatJSON    Format = "json"
	FormatConsole Format = "console" // for people
)

// UnmarshalText reads one of the formats.
func (f *Format) UnmarshalText(text []byte) error {
	return oneOf(f, text, FormatJSON, FormatConsole)
}

// Oversize is what becomes of a message past a limit, which is not judged.
type Oversize string

const (
	OversizeReject   Oversize = "reject"   // 552 5.3.4 (RFC 3463): the sender knows at once
	OversizeTempfail Oversize = "tempfail" // 451 4.3.4: the sender tries again until it gives up
	OversizeContinue Oversize = "continue" // delivered without being judged
)

// UnmarshalText reads one of the outcomes.
func (o *Oversize) UnmarshalText(text []byte) error {
	return oneOf(o, text, OversizeReject, OversizeTempfail, OversizeContinue)
}

func oneOf[T ~string](target *T, text []byte, words ...T) error {
	known := make([]string, len(words))
	for i, word := range words {
		if string(word) == string(text) {
			*target = word
			return nil
		}
		known[i] = string(word)
	}
	return fmt.Errorf("wants one of %s, has %q", strings.Join(known, ", "), text)
}
