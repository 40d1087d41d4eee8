package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/publicsuffix"

	"sekisho/filter/mail"
)

// network is a range of addresses.
type network netip.Prefix

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *network) UnmarshalText(text []byte) error {
	prefix, err := netip.ParsePrefix(string(text))
	switch {
	case err != nil:
		return fmt.Errorf("wants a network such as 192.0.2.0/24 or 2001:db8::/32, has %q", text)
	case prefix != prefix.Masked():
		return fmt.Errorf("has bits behind its length; write %v, or the address with /%d", prefix.Masked(), prefix.Addr().BitLen())
	case prefix.Bits() < minNetworkBits:
		return fmt.Errorf("is too wide to be one forwarder's: /%d at least, has %q", minNetworkBits, text)
	}
	*n = network(prefix)
	return nil
}

// domain is a name that somebody owns, as A-label.
type domain string

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *domain) UnmarshalText(text []byte) error {
	name, ok := mail.ASCIIDomain(string(text))
	if !ok {
		return fmt.Errorf("wants a domain name, has %q", text)
	}
	if suffix, managed := publicsuffix.PublicSuffix(name); suffix == name && (managed || !strings.Contains(name, ".")) {
		return fmt.Errorf("wants a domain name that somebody owns; %q holds everybody's", text)
	}
	*d = domain(name)
	return nil
}

// reason is why an entry is there.
type reason string

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *reason) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	switch {
	case s == "":
		return errors.New("say why, for whoever reads this when it expires")
	case len(s) > maxReason:
		return fmt.Errorf("a reason has at most %d bytes, has %d", maxReason, len(s))
	case strings.ContainsFunc(s, unicode.IsControl):
		return errors.New("a reason is one line")
	}
	*r = reason(s)
	return nil
}

// date is a day in UTC.
type date struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *date) UnmarshalText(text []byte) (err error) {
	if d.Time, err = time.Parse(time.DateOnly, string(text)); err != nil {
		return fmt.Errorf("wants a day such as 2027-03-31, has %q", text)
	}
	return nil
}

// String returns the day as a policy file writes it.
func (d date) String() string { return d.Format(time.DateOnly) }

// domainName is the name of a recipient domain, as A-label.
type domainName string

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *domainName) UnmarshalText(text []byte) error {
	name, ok := mail.ASCIIDomain(string(text))
	if !ok || strings.HasSuffix(string(text), ".") {
		return fmt.Errorf("wants a domain name, has %q", text)
	}
	*d = domainName(name)
	return nil
}

// groupName is the name of a group: the name of its file without .yaml.
type groupName string

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *groupName) UnmarshalText(text []byte) error {
	if !isGroupName(string(text)) {
		return fmt.Errorf("wants the name of a file in groups/, in small letters, digits and hyphens; has %q", text)
	}
	*g = groupName(text)
	return nil
}

func isGroupName(s string) bool {
	return s != "" && len(s) <= maxGroupName && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s != DefaultName
}
