package policy

import (
	"fmt"
	"slices"
	"strings"

	"sekisho/filter/mail"
	"sekisho/policy/strictyaml"
)

// glob is a pattern for local parts: any text stands for itself, in any letter
// case (RFC 5321, section 2.4, lets receivers ignore it; all of them do), and *
// for any run of characters.
type glob string

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *glob) UnmarshalText(text []byte) error {
	s := strings.ToLower(string(text))
	switch {
	case s == "":
		return fmt.Errorf("wants the part of an address before the @, with * for any run of characters")
	case len(s) > maxGlob:
		return fmt.Errorf("has at most %d bytes, has %d", maxGlob, len(s))
	case strings.Contains(s, "@"):
		return fmt.Errorf("is the part before the @ only, has %q", text)
	case strings.ContainsAny(s, " \t\r\n"):
		return fmt.Errorf("has no blanks, has %q", text)
	}
	*g = glob(s)
	return nil
}

// matches reports whether the pattern fits a text in lower case. It takes time
// proportional to both lengths: after a mismatch only the latest * is tried again.
func (g glob) matches(s string) bool { return fits(string(g), s, '*') }

// covers reports whether g fits every text that o fits: o's own * counts as a
// character that nothing but a * of g takes.
func (g glob) covers(o glob) bool {
	return fits(string(g), strings.ReplaceAll(string(o), "*", "\x00"), '*')
}

func fits(pattern, s string, star byte) bool {
	p, i, backP, backI := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == star:
			backP, backI = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case backP >= 0:
			backI++
			p, i = backP+1, backI
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], string(rune(star))) == ""
}

// sample is a text that g fits.
func (g glob) sample() string { return strings.ReplaceAll(string(g), "*", "x") }

// globs are the patterns of one entry.
type globs []glob

// matches reports whether any pattern fits.
func (gs globs) matches(local string) bool {
	return slices.ContainsFunc(gs, func(g glob) bool { return g.matches(local) })
}

// String returns the patterns as a policy file writes them.
func (gs globs) String() string {
	names := make([]string, len(gs))
	for i, g := range gs {
		names[i] = string(g)
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// mailbox is what holds for some mailboxes of a domain.
type mailbox struct {
	match  globs
	policy *Policy
}

// mailboxEntry is how a file writes it.
type mailboxEntry struct {
	Match    strictyaml.Located[globs] `yaml:"match,required"`
	settings `yaml:",inline"`
}

// mailboxes reads the entries over the domain's own policy.
func mailboxes(doc *strictyaml.Document, list []strictyaml.Deferred, domain *Policy) []mailbox {
	if len(list) > maxMailboxes {
		doc.Errorf(list[maxMailboxes].Pos(), "mailboxes: has more than %d entries", maxMailboxes)
		return nil
	}
	all := make([]mailbox, 0, len(list))
	for _, item := range list {
		entry := mailboxEntry{settings: domain.settings}
		if !item.Decode(&entry) {
			continue
		}
		p := &Policy{name: domain.name, file: domain.file, group: domain.group, mailbox: item.Pos(), settings: entry.settings}
		p.check(doc)
		if len(entry.Match.Value) == 0 {
			doc.Errorf(entry.Match.Pos, "mailboxes: match names no mailbox")
		}
		for _, g := range entry.Match.Value {
			for _, before := range all {
				if i := slices.IndexFunc(before.match, func(b glob) bool { return b.covers(g) }); i >= 0 {
					doc.Errorf(entry.Match.Pos, "mailboxes: %q never applies, because %q (%s) comes before it and takes all of it",
						string(g), string(before.match[i]), before.policy.mailbox.FileLine())
				}
			}
		}
		all = append(all, mailbox{match: entry.Match.Value, policy: p})
	}
	return all
}

// localPart returns the local part of an address in lower case, without the
// quotes of a quoted string (RFC 5321, section 4.1.2).
func localPart(rcpt string) string {
	at := strings.LastIndexByte(rcpt, '@')
	if at < 0 {
		at = len(rcpt)
	}
	local := rcpt[:at]
	if len(local) >= 2 && local[0] == '"' && local[len(local)-1] == '"' {
		local = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(local[1 : len(local)-1])
	}
	return strings.ToLower(local)
}

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
