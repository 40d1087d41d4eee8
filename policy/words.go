package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sekisho/policy/strictyaml"
)

// word reads one of a few words.
func word[T ~string](into *T, text []byte, known ...T) error {
	if slices.Contains(known, T(text)) {
		*into = T(text)
		return nil
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	last := len(names) - 1
	near := strictyaml.Suggest(string(text), names)
	if !strings.Contains(near, "mean") {
		near = "" // all that are known are told already
	}
	return fmt.Errorf("wants %s or %s, has %q%s", strings.Join(names[:last], ", "), names[last], text, near)
}

// Enforcement says whether a policy's verdicts are carried out.
type Enforcement string

const (
	Enforce     Enforcement = "enforce"
	ObserveOnly Enforcement = "observe" // recorded and counted; everything is delivered unmarked
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *Enforcement) UnmarshalText(text []byte) error { return word(e, text, Enforce, ObserveOnly) }

// Mode says where a quarantined message is kept.
type Mode string

const (
	Store Mode = "store" // in our own quarantine
	Hold  Mode = "hold"  // in the MTA's hold queue
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Mode) UnmarshalText(text []byte) error { return word(m, text, Store, Hold) }

// Banner says whether the text of a tagged message gets a warning, and in which
// language.
type Banner string

const (
	NoBanner       Banner = "off"
	JapaneseBanner Banner = "ja"
	EnglishBanner  Banner = "en"
	BothBanner     Banner = "both"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Banner) UnmarshalText(text []byte) error {
	return word(b, text, NoBanner, JapaneseBanner, EnglishBanner, BothBanner)
}

// onDNS says what to do when a look-up failed for the moment.
type onDNS string

const (
	dnsTempfail onDNS = "tempfail" // do not quarantine or reject on half the facts
	dnsContinue onDNS = "continue" // decide with what is known
	dnsObserve  onDNS = "observe"  // what would be quarantined or rejected is tagged
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *onDNS) UnmarshalText(text []byte) error {
	return word(f, text, dnsTempfail, dnsContinue, dnsObserve)
}

// OnOverload says what becomes of a message that there is no room to judge.
type OnOverload string

const (
	OverloadTempfail OnOverload = "tempfail" // the sender tries again
	OverloadContinue OnOverload = "continue" // delivered without being judged
	OverloadObserve  OnOverload = "observe"  // the same, and a header field says so
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *OnOverload) UnmarshalText(text []byte) error {
	return word(o, text, OverloadTempfail, OverloadContinue, OverloadObserve)
}

// Role is somebody who may release a held message.
type Role string

const (
	Admin       Role = "admin"
	DomainAdmin Role = "domain-admin"
	Recipient   Role = "recipient"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Role) UnmarshalText(text []byte) error { return word(r, text, Admin, DomainAdmin, Recipient) }

// roles is a list of roles.
type roles []Role

// String returns the list as a policy file writes it.
func (r roles) String() string {
	names := make([]string, len(r))
	for i, role := range r {
		names[i] = string(role)
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// threshold is a number of points; 0 is off.
type threshold int

// UnmarshalValue implements strictyaml.Unmarshaler.
func (t *threshold) UnmarshalValue(v strictyaml.Value) {
	word, ok := v.Text()
	switch {
	case ok && word == "off":
		*t = 0
		return
	case ok && !v.Quoted() && strings.Trim(word, "-0123456789") != "":
		v.Wants("a number of points, or off")
		return
	}
	var points int
	if !v.Decode(&points) {
		return
	}
	if points < 1 || points > maxThreshold {
		v.Errorf("a threshold is from 1 to %d points, or off; has %d", maxThreshold, points)
		return
	}
	*t = threshold(points)
}

// String returns the threshold as a policy file writes it.
func (t threshold) String() string {
	if t == 0 {
		return "off"
	}
	return strconv.Itoa(int(t))
}

// reached reports whether points bring the threshold's verdict.
func (t threshold) reached(points int) bool { return t > 0 && points >= int(t) }

// above reports whether both thresholds are on and t takes more points than o.
func (t threshold) above(o threshold) bool { return o > 0 && t > o }

// retention is a number of days; 0 is for ever.
type retention int

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *retention) UnmarshalText(text []byte) error {
	if string(text) == "forever" {
		*r = 0
		return nil
	}
	days, ok := strings.CutSuffix(string(text), "d")
	n, err := strconv.Atoi(days)
	if !ok || err != nil || strconv.Itoa(n) != days {
		return fmt.Errorf("wants days, such as 30d, or forever; has %q", text)
	}
	if n < 1 || n > maxKeepDays {
		return fmt.Errorf("is from 1d to %dd, or forever; has %q", maxKeepDays, text)
	}
	*r = retention(n)
	return nil
}

// String returns the retention as a policy file writes it.
func (r retention) String() string {
	if r == 0 {
		return "forever"
	}
	return strconv.Itoa(int(r)) + "d"
}

// duration is the time to keep; 0 for ever.
func (r retention) duration() time.Duration { return time.Duration(r) * 24 * time.Hour }

// prefix is text put before a subject.
type prefix string

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *prefix) UnmarshalText(text []byte) error {
	if err := oneLine(text, maxPrefix); err != nil {
		return err
	}
	*p = prefix(text)
	return nil
}

// String returns the prefix as a policy file writes it.
func (p prefix) String() string { return strconv.Quote(string(p)) }

// replyText is text for an SMTP reply (RFC 5321, section 4.2): ASCII.
type replyText string

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *replyText) UnmarshalText(text []byte) error {
	if err := oneLine(text, maxReply); err != nil {
		return err
	}
	if i := strings.IndexFunc(string(text), func(r rune) bool { return r > unicode.MaxASCII }); i >= 0 {
		return fmt.Errorf("is ASCII, because any server may hear it; has %q", []rune(string(text[i:]))[0])
	}
	*r = replyText(text)
	return nil
}

// String returns the text as a policy file writes it.
func (r replyText) String() string { return strconv.Quote(string(r)) }

// localReplyText is text for an SMTP reply in any script (RFC 6531, section 3.7.4.2).
type localReplyText string

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *localReplyText) UnmarshalText(text []byte) error {
	if err := oneLine(text, maxReply); err != nil {
		return err
	}
	*r = localReplyText(text)
	return nil
}

// String returns the text as a policy file writes it.
func (r localReplyText) String() string { return strconv.Quote(string(r)) }

func oneLine(text []byte, limit int) error {
	for _, r := range string(text) {
		if unicode.IsControl(r) {
			return fmt.Errorf("has no control characters, has %U", r)
		}
	}
	if len(text) > limit {
		return fmt.Errorf("has at most %d bytes, has %d", limit, len(text))
	}
	return nil
}
