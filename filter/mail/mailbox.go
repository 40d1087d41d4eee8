package mail

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"sekisho/filter/mail/charset"
	"sekisho/filter/mail/weburl"
	"sekisho/filter/mail/word"
)

// ParseMailboxes reads the body of a From, Sender, Reply-To or To field (RFC 5322,
// section 3.4 with its obsolete forms, RFC 6532, RFC 6854 groups) and returns the
// mailboxes that clients would show, MaxMailboxes at most. It is false when the
// field is malformed, be it that nothing was found or that it was found where RFC
// 5322 allows none: an unquoted address in a display name, say. Raw bytes in a name
// alone do not make it so where the address behind them is beyond doubt.
//
// A mailbox without an address has a Name alone. Raw bytes of a charset other
// than UTF-8 are decoded before they are parsed: in ISO-2022-JP and Shift_JIS the
// bytes of common names contain the signs " < > @ ; \ and would be taken apart.
func ParseMailboxes(value []byte) ([]Mailbox, bool) {
	a := parseAddresses(value)
	return a.list, a.ok
}

// addresses is what an address field holds.
type addresses struct {
	list  []Mailbox
	ok    bool
	group bool // group syntax
	cut   bool // over MaxMailboxes or MaxAddressBytes

	issues []word.Issue // of the display names
}

func parseAddresses(value []byte) addresses {
	cut := len(value) > MaxAddressBytes
	if cut {
		value = value[:MaxAddressBytes]
	}
	var a addresses
	if utf8.Valid(value) && bytes.IndexByte(value, 0x1b) < 0 {
		a = scanAddresses(value)
	} else {
		text, _ := charset.Decode(value, "")
		a = scanAddresses([]byte(text))
		a.issues = append(a.issues, word.Raw8Bit)
		a.ok = a.ok && a.endsWith(value)
		if !a.reachable() {
			a.ok = false
			a.fromTail(value)
		}
	}
	if cut {
		a.cut, a.ok = true, false
	}
	if len(a.list) == 0 {
		a.ok = false
	}
	return a
}

// endsWith reports whether raw ends in the one address that was found, in angle
// brackets and in ASCII. Then readers agree on the address, whatever they make of
// the bytes of the name: old programs write names in raw Shift_JIS or ISO-2022-JP,
// and such mail has an author like any other.
func (a *addresses) endsWith(raw []byte) bool {
	if len(a.list) != 1 || a.group || a.list[0].Address == "" {
		return false
	}
	return bytes.HasSuffix(bytes.TrimRight(raw, " \t\r\n"), []byte("<"+a.list[0].Address+">"))
}

// reachable reports whether any mailbox has a domain.
func (a *addresses) reachable() bool {
	for _, m := range a.list {
		if m.Domain != "" {
			return true
		}
	}
	return false
}

// fromTail takes the address in the last angle brackets of raw: an ISO-2022-JP
// name without its closing escape swallows the address, yet clients that look for
// the brackets first show it.
func (a *addresses) fromTail(raw []byte) {
	i := bytes.LastIndexByte(raw, '<')
	if i < 0 {
		return
	}
	tail := scanAddresses(bytes.ToValidUTF8(raw[i:], []byte("\uFFFD")))
	if tail.reachable() {
		tail.list[0].Name = DecodeText(bytes.TrimSpace(raw[:i]))
		a.list = tail.list
	}
}

// entry is one mailbox being read.
type entry struct {
	phrase  []byte // display name, or bare address, with quotes undone
	bare    []byte // the same with quotes kept, without comments
	comment []byte
	angle   []byte
	inAngle bool // there are angle brackets
	at      bool // an @ stands outside of quotes and brackets
	special bool // the phrase has signs that RFC 5322 wants quoted
}

func (e *entry) empty() bool {
	return !e.inAngle && len(bytes.TrimSpace(e.bare)) == 0 && len(e.comment) == 0
}

func (e *entry) add(b ...byte) {
	e.phrase = append(e.phrase, b...)
	e.bare = append(e.bare, b...)
}

// mailbox makes a mailbox of an entry; false when RFC 5322 would not have it so.
func (e *entry) mailbox() (m Mailbox, issues []word.Issue, ok bool) {
	ok = !(e.special && e.inAngle)
	name, source := bytes.TrimSpace(e.phrase), e.angle
	if !e.inAngle {
		name, source = nil, e.bare
	}
	address, before := addrSpec(source)
	if len(before) > 0 {
		// "Some Name a@example.jp" without brackets.
		name = bytes.TrimSpace(bytes.Join([][]byte{name, before}, []byte(" ")))
		ok = false
	}
	if comment := bytes.TrimSpace(e.comment); len(comment) > 0 {
		if len(name) > 0 {
			name = slices.Concat(name, []byte(" ("), comment, []byte(")"))
		} else {
			name = comment
		}
	}
	m.Address = string(address)
	m.Name, issues = decodeText(name)
	at := strings.LastIndexByte(m.Address, '@')
	if at < 0 || !e.inAngle && !e.at {
		if !e.inAngle && (at >= 0 || bytes.IndexByte(address, ' ') >= 0 || !isASCII(address)) {
			// Words, no address.
			m.Address = ""
			m.Name, issues = decodeText(bytes.TrimSpace(e.phrase))
		}
		m.Local = m.Address
		return m, issues, false
	}
	m.Local = m.Address[:at]
	domain := m.Address[at+1:]
	m.Domain, _ = weburl.ASCIIDomain(domain)
	literal := strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]")
	return m, issues, ok && (m.Domain != "" || literal) && validLocal(m.Local)
}

// addrSpec takes an address out of s: without a source route (RFC 5322, section
// 4.4), blanks and comments. Words before it are returned apart.
func addrSpec(s []byte) (address, before []byte) {
	s = bytes.Trim(s, " \t<>")
	if len(s) > 0 && s[0] == '@' {
		if i := bytes.LastIndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	if !bytes.ContainsAny(s, " \t(") {
		return s, nil
	}
	s = joinDots(s)
	at := bytes.LastIndexByte(s, '@')
	if at < 0 {
		return s, nil
	}
	start := localStart(s, at)
	end := at
	for end < len(s) && s[end] != ' ' {
		end++
	}
	return s[start:end], bytes.TrimSpace(slices.Concat(s[:start], s[end:]))
}

// localStart returns where the local part that ends at at begins: after the last
// blank that is not in quotes.
func localStart(s []byte, at int) int {
	if at > 0 && s[at-1] == '"' {
		if i := bytes.LastIndexByte(s[:at-1], '"'); i >= 0 {
			return i
		}
	}
	return bytes.LastIndexByte(s[:at], ' ') + 1
}

// joinDots drops comments, and blanks beside dots and at signs, which the
// obsolete syntax allows (RFC 5322, section 4.4).
func joinDots(s []byte) []byte {
	out := make([]byte, 0, len(s))
	quoted, open := false, false // open: a parenthesis does not close, so none after it does
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
			out = append(out, c)
		case quoted && c == '\\' && i+1 < len(s):
			out = append(out, c, s[i+1])
			i++
		case quoted:
			out = append(out, c)
		case c == '(' && !open:
			if end := commentEnd(s[i:]); end > 0 {
				i += end - 1
			} else {
				open = true
				out = append(out, c)
			}
		case c == ' ' || c == '\t':
			if n := len(out); n > 0 && out[n-1] != ' ' && out[n-1] != '.' && out[n-1] != '@' {
				out = append(out, ' ')
			}
		case (c == '.' || c == '@') && len(out) > 0 && out[len(out)-1] == ' ':
			out[len(out)-1] = c
		default:
			out = append(out, c)
		}
	}
	return bytes.TrimSpace(out)
}

// validLocal reports whether a local part is a dot-atom or a quoted string. Dots
// in odd places are let through: Japanese carriers gave out such addresses.
func validLocal(local string) bool {
	if len(local) > 1 && local[0] == '"' && local[len(local)-1] == '"' {
		return true
	}
	return local != "" && !strings.ContainsAny(local, "\"(),:;<>[]\\@ \t")
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
