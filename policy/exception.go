package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/policy/rule"
	"sekisho/policy/strictyaml"
)

// exception is what somebody knows to be right or wrong, and vouches for until a
// day: it lifts findings (allow), or brings a verdict (deny).
type exception struct {
	id      string // stays the same while the file and the conditions do, wherever in it the entry is moved
	allow   bool
	verdict Verdict // of deny
	when    conditions
	owner   string
	reason  string
	created date
	expires date
	pos     strictyaml.Pos
}

// conditions all have to be true.
type conditions struct {
	Sender    identity                          `yaml:"sender" doc:"A domain, or an address, that is proved: authenticated in alignment with From."`
	Brand     brandID                           `yaml:"brand" doc:"The brand that a finding is about, by its catalogue id."`
	Finding   []strictyaml.Located[findingName] `yaml:"finding" doc:"The findings that are meant; without it, all."`
	Recipient globs                             `yaml:"recipient" doc:"Patterns for the part of the recipient's address before the @."`
}

// identity is a domain or an address.
type identity struct{ local, domain string }

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *identity) UnmarshalText(text []byte) error {
	local, host, isAddress := "", string(text), false
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		local, host, isAddress = strings.ToLower(host[:at]), host[at+1:], true
	}
	var owned domain
	if err := owned.UnmarshalText([]byte(host)); err != nil || isAddress && local == "" {
		return fmt.Errorf("wants a domain that somebody owns, or an address; has %q", text)
	}
	*i = identity{local, string(owned)}
	return nil
}

func (i identity) String() string {
	if i.local == "" {
		return i.domain
	}
	return i.local + "@" + i.domain
}

// brandID is the id of a brand in the catalogue.
type brandID string

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *brandID) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "" || len(s) > maxBrandID || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return fmt.Errorf("wants the id of a brand (sekisho brands list), has %q", text)
	}
	*b = brandID(s)
	return nil
}

// findingName is a finding of the vocabulary.
type findingName string

// UnmarshalValue implements strictyaml.Unmarshaler.
func (f *findingName) UnmarshalValue(v strictyaml.Value) {
	var s string
	if !v.Decode(&s) {
		return
	}
	known := make([]string, 0, len(finding.Names()))
	for _, n := range finding.Names() {
		known = append(known, string(n))
	}
	own, isRule := strings.CutPrefix(s, rule.Prefix)
	if isRule && rule.IsName(own) {
		*f = findingName(s) // whether there is such a rule is for the layers to say
		return
	}
	if !slices.Contains(known, s) {
		v.Errorf("there is no finding %q%s", s, strictyaml.Suggest(s, known))
		return
	}
	*f = findingName(s)
}

// exceptionEntry is how a file writes an exception.
type exceptionEntry struct {
	Allow   *conditions                 `yaml:"allow" doc:"Findings about such a message are lifted."`
	Deny    *conditions                 `yaml:"deny" doc:"Such a message gets the verdict."`
	Verdict *strictyaml.Located[denial] `yaml:"verdict" doc:"Of deny: tag, quarantine or reject."`
	Owner   reason                      `yaml:"owner,required" doc:"Who answers for the entry."`
	Reason  reason                      `yaml:"reason,required" doc:"Why it is there."`
	Created date                        `yaml:"created,required" doc:"The day it was written."`
	Expires date                        `yaml:"expires,required" doc:"The last day, in UTC, on which it holds."`
}

// denial is a verdict that deny can bring.
type denial Verdict

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *denial) UnmarshalText(text []byte) error {
	return word(d, text, denial(Tag), denial(Quarantine), denial(Reject))
}

// UnmarshalValue implements strictyaml.Unmarshaler.
func (e *exception) UnmarshalValue(v strictyaml.Value) {
	var entry exceptionEntry
	if !v.Decode(&entry) {
		return
	}
	*e = exception{
		allow: entry.Allow != nil, owner: string(entry.Owner), reason: string(entry.Reason),
		created: entry.Created, expires: entry.Expires, pos: v.Pos(),
	}
	switch {
	case (entry.Allow == nil) == (entry.Deny == nil):
		v.Errorf("wants one of: allow, deny")
		return
	case entry.Allow != nil && entry.Verdict != nil:
		v.ErrorAt(entry.Verdict.Pos, "verdict goes with deny")
	case entry.Deny != nil && entry.Verdict == nil:
		v.Errorf("deny wants a verdict: tag, quarantine or reject")
	case entry.Deny != nil:
		e.verdict = Verdict(entry.Verdict.Value)
	}
	if e.expires.Before(e.created.Time) {
		v.Errorf("expires (%s) is before created (%s)", e.expires, e.created)
	}
	if e.allow {
		e.when = *entry.Allow
	} else {
		e.when = *entry.Deny
	}
	if e.when.empty() {
		v.Errorf("names no sender, brand, finding or recipient, and so would be for every message")
	}
	sum := sha256.Sum256([]byte(filepath.Base(e.pos.File) + "\n" + e.text()))
	e.id = hex.EncodeToString(sum[:4])
}

func (c *conditions) empty() bool {
	return c.Sender == identity{} && c.Brand == "" && len(c.Finding) == 0 && len(c.Recipient) == 0
}

// String returns the conditions as a policy file writes them.
func (c *conditions) String() string {
	var parts []string
	if c.Sender != (identity{}) {
		parts = append(parts, "sender: "+c.Sender.String())
	}
	if c.Brand != "" {
		parts = append(parts, "brand: "+string(c.Brand))
	}
	if len(c.Finding) > 0 {
		names := make([]string, len(c.Finding))
		for i, f := range c.Finding {
			names[i] = string(f.Value)
		}
		parts = append(parts, "finding: ["+strings.Join(names, ", ")+"]")
	}
	if len(c.Recipient) > 0 {
		parts = append(parts, "recipient: "+c.Recipient.String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// text is what the entry does, without who and until when.
func (e *exception) text() string {
	if e.allow {
		return "allow: " + e.when.String()
	}
	return "deny: " + e.when.String() + ", verdict: " + string(e.verdict)
}

// String returns the entry as a policy file writes it.
func (e *exception) String() string {
	return fmt.Sprintf("{%s, owner: %q, reason: %q, created: %s, expires: %s}", e.text(), e.owner, e.reason, e.created, e.expires)
}

// expired reports whether the day in expires is over.
func (e *exception) expired(now time.Time) bool { return !now.Before(e.expires.AddDate(0, 0, 1)) }

// exceptions is the list that holds for a policy: those of the layers below, then
// its own. A lower layer's list is never changed.
type exceptions []exception

// UnmarshalValue implements strictyaml.Unmarshaler.
func (all *exceptions) UnmarshalValue(v strictyaml.Value) {
	var own []exception
	if !v.Decode(&own) {
		return
	}
	if len(own) > maxExceptions {
		v.Errorf("has more than %d entries", maxExceptions)
		return
	}
	*all = append(slices.Clip(*all), own...)
}

// applies reports whether the entry is about a message to that mailbox. Findings
// and brands of allow are looked at one by one later; deny wants them to be there.
func (e *exception) applies(f *fact.Facts, found []finding.Finding, local string) bool {
	if len(e.when.Recipient) > 0 && !e.when.Recipient.matches(local) {
		return false
	}
	if e.when.Sender != (identity{}) && !e.when.Sender.proved(f) {
		return false
	}
	return e.when.Brand == "" && len(e.when.Finding) == 0 || slices.ContainsFunc(found, e.when.means)
}

// means reports whether a finding is one that the conditions name.
func (c *conditions) means(f finding.Finding) bool {
	if c.Brand != "" && f.Brand != string(c.Brand) {
		return false
	}
	return len(c.Finding) == 0 || slices.ContainsFunc(c.Finding, func(n strictyaml.Located[findingName]) bool { return string(n.Value) == string(f.Name) })
}

// proved reports whether the author is who the identity says, and proved to be:
// an unproved From is nobody's.
func (i identity) proved(f *fact.Facts) bool {
	if !f.Proof.Aligned || !within(f.Proof.FromDomain, i.domain) {
		return false
	}
	if i.local == "" {
		return true
	}
	author := f.Message.From
	return len(author) == 1 && author[0].Domain == i.domain && strings.ToLower(author[0].Local) == i.local
}

// Used is an exception that had an effect on a decision.
type Used struct {
	ID     string         `json:"id"`
	Where  string         `json:"where"`
	Lifted []finding.Name `json:"lifted,omitempty"` // by allow
}

// except applies the exceptions of p to what was found about a message to a
// mailbox: what is left, what had an effect, and the deny that is gravest.
func (p *Policy) except(f *fact.Facts, found []finding.Finding, local string, now time.Time) (left []finding.Finding, used []Used, deny *exception) {
	left = found
	for i := range p.Exceptions {
		e := &p.Exceptions[i]
		if e.expired(now) || !e.applies(f, found, local) {
			continue
		}
		u := Used{ID: e.id, Where: where(e.pos)}
		if !e.allow {
			if deny == nil || e.verdict.Worse(deny.verdict) {
				deny = e
			}
			used = append(used, u)
			continue
		}
		kept := make([]finding.Finding, 0, len(left))
		for _, one := range left {
			if e.when.means(one) {
				u.Lifted = append(u.Lifted, one.Name)
				continue
			}
			kept = append(kept, one)
		}
		if len(u.Lifted) > 0 {
			left, used = kept, append(used, u)
		}
	}
	return left, used, deny
}
