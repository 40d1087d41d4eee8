package mail

import (
	"bytes"
	"slices"

	"sekisho/filter/mail/word"
)

// listScanner takes an address field apart into entries.
type listScanner struct {
	addresses
	b []byte
	i int
	entry

	pending   []byte // words before a comma that have no address: a comma that was not quoted
	semicolon int    // where the last semicolon stands, for telling a group from a colon
	noQuote   bool   // no quotation mark closes any more
	noComment bool   // no parenthesis closes any more
}

func scanAddresses(b []byte) addresses {
	s := listScanner{b: b, semicolon: bytes.LastIndexByte(b, ';')}
	s.ok = true
	for s.i < len(b) && !s.cut {
		s.step()
	}
	s.finish(true)
	return s.addresses
}

// step reads one token.
func (s *listScanner) step() {
	switch c := s.b[s.i]; c {
	case ' ', '\t', '\r', '\n':
		s.i++
		if n := len(s.phrase); n > 0 && s.phrase[n-1] != ' ' {
			s.add(' ')
		}
	case '"':
		s.quoted()
	case '(':
		s.parenthesis()
	case '<':
		s.brackets()
	case ',':
		s.i++
		s.finish(false)
	case ';':
		s.i++
		s.finish(true)
	case ':':
		s.i++
		s.colon()
	case '=':
		if n := word.Match(s.b[s.i:]); n > 0 {
			s.add(s.b[s.i : s.i+n]...)
			s.i += n
			return
		}
		s.literal()
	case '@':
		s.at = true
		s.special = true
		s.literal()
	case '>', '[', ']', '\\':
		s.special = true
		s.literal()
	default:
		s.literal()
	}
}

// literal takes one byte as it stands.
func (s *listScanner) literal() {
	s.add(s.b[s.i])
	s.i++
}

// quoted reads a quoted string (RFC 5322, section 3.2.4). One that does not end
// is a quotation mark and nothing more.
func (s *listScanner) quoted() {
	end := -1
	if !s.noQuote {
		end = quoteEnd(s.b[s.i:])
	}
	if end < 0 {
		s.noQuote, s.ok = true, false
		s.literal()
		return
	}
	raw := s.b[s.i : s.i+end]
	s.bare = append(s.bare, raw...)
	s.phrase = appendUnquoted(s.phrase, raw[1:end-1])
	s.i += end
}

// quoteEnd returns the length of the quoted string that b begins with, or -1.
func quoteEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// appendUnquoted undoes quoted pairs.
func appendUnquoted(dst, raw []byte) []byte {
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' && i+1 < len(raw) {
			i++
		}
		dst = append(dst, raw[i])
	}
	return dst
}

// parenthesis reads a comment, which old mailers use for the display name.
func (s *listScanner) parenthesis() {
	end := -1
	if !s.noComment {
		end = commentEnd(s.b[s.i:])
	}
	if end < 0 {
		s.noComment, s.ok = true, false
		s.literal()
		return
	}
	if len(s.comment) > 0 {
		s.comment = append(s.comment, ' ')
	}
	s.comment = appendUnquoted(s.comment, s.b[s.i+1:s.i+end-1])
	if n := len(s.bare); n > 0 && s.bare[n-1] != ' ' {
		s.add(' ')
	}
	s.i += end
}

// commentEnd returns the length of the comment that b begins with, or -1.
func commentEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// brackets reads "<...>". Where the closing one is missing, the address ends at
// the next comma.
func (s *listScanner) brackets() {
	if s.inAngle {
		s.ok = false // two addresses and no comma: clients show either
		s.finish(false)
	}
	s.i++
	for s.i < len(s.b) && s.b[s.i] == '<' {
		s.i++
		s.ok = false
	}
	end := angleEnd(s.b[s.i:])
	next := s.i + end + 1
	if s.i+end == len(s.b) || s.b[s.i+end] != '>' {
		s.ok, next = false, s.i+end
	}
	s.angle, s.inAngle = s.b[s.i:s.i+end], true
	for next < len(s.b) && s.b[next] == '>' {
		next++
		s.ok = false
	}
	s.i = next
}

// angleEnd returns where the address in brackets ends: at '>', else at a comma,
// else with b. Quoted local parts may hold both.
func angleEnd(b []byte) int {
	comma, start := -1, 0
	if len(b) > 0 && b[0] == '"' {
		start = max(quoteEnd(b), 0)
	}
	for i := start; i < len(b); i++ {
		switch b[i] {
		case '>':
			return i
		case ',':
			if comma < 0 && b[0] != '@' { // a source route has commas
				comma = i
			}
		case '<':
			if comma < 0 {
				comma = i
			}
			return comma
		}
	}
	if comma >= 0 {
		return comma
	}
	return len(b)
}

// colon ends a group's name when a semicolon is to come; otherwise it is part of
// the display name, where it should have been quoted.
func (s *listScanner) colon() {
	if !s.inAngle && s.semicolon >= s.i && !s.at {
		s.group = true
		s.entry = entry{}
		return
	}
	s.special = true
	s.add(':')
}

// finish ends an entry. Words before a comma wait for the next entry, which may
// have the address that they belong to; at the end of a list they stand alone.
func (s *listScanner) finish(last bool) {
	e := s.entry
	s.entry = entry{}
	named := !e.inAngle && !e.at
	switch {
	case e.empty() && (len(s.pending) == 0 || !last):
		return
	case named && !last:
		s.wait(e.phrase)
		return
	case len(s.pending) > 0 && (e.inAngle || named):
		s.ok = false
		e.phrase = slices.Concat(s.pending, []byte(", "), bytes.TrimSpace(e.phrase))
		e.phrase = bytes.TrimSuffix(e.phrase, []byte(", "))
		s.pending = nil
	case len(s.pending) > 0:
		s.push(entry{phrase: s.pending, bare: s.pending})
		s.pending = nil
	}
	if e.inAngle || named {
		e.bare = e.phrase
	}
	s.push(e)
}

// wait keeps words that have no address yet.
func (s *listScanner) wait(phrase []byte) {
	phrase = bytes.TrimSpace(phrase)
	if len(s.pending) > 0 {
		s.pending = append(s.pending, ", "...)
	}
	s.pending = append(s.pending, phrase...)
}

func (s *listScanner) push(e entry) {
	if len(s.list) == MaxMailboxes {
		s.cut, s.ok = true, false
		return
	}
	m, issues, ok := e.mailbox()
	s.list = append(s.list, m)
	s.issues = append(s.issues, issues...)
	s.ok = s.ok && ok
}
