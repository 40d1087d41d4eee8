package claim

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sekisho/filter/mail"
	"sekisho/policy/brand"
)

// readSubject reads the subject. In Japanese mail a sender puts its own name in
// brackets in front: 【brand】 says who is speaking, where a brand elsewhere in the
// subject says what is spoken about.
func (r *Reader) readSubject(m *mail.Message, found *collection) {
	for _, s := range readings(m.Subject) {
		topic, mark := withoutReplyMarks(s)
		repeats := repeated(m, mark)
		rest := topic
		for range maxBrackets {
			content, after, ok := opener(rest)
			if !ok {
				break
			}
			r.readBracket(content, rest[:len(rest)-len(after)], repeats, found)
			rest = after
		}
		r.readTopic(rest, repeats, found)
	}
}

// repeated returns how much a subject claims at most. In an answer it repeats
// what the other side wrote, in a forwarded message what somebody else wrote.
func repeated(m *mail.Message, mark replyMark) Strength {
	switch {
	case mark == forwards && passesOn(m):
		return Mention
	case mark == forwards, mark == answers && inThread(m):
		return Weak
	}
	return Strong
}

// readBracket grades the content of a bracket that opens the subject, most at
// most.
func (r *Reader) readBracket(content, seen string, most Strength, found *collection) {
	t := r.readShort(content)
	if len(t.matches) == 0 {
		r.readNear(content, SubjectBracket, found)
		return
	}
	rest := r.words.residue(t)
	t.seen, t.shop, t.beside = seen, rest.shop, rest.own() > 0
	r.claimed(t, SubjectBracket, found, func(m brand.Match) Strength {
		switch {
		case rest.shop && rest.own() > 0:
			return Mention // a shop's own name, or what it is doing there
		case rest.shop:
			return least(Weak, most)
		case rest.foreign > 0 && !r.words.alarms(t, m):
			return Mention
		}
		return most
	})
}

// readTopic grades the subject behind its brackets. Opening it as a letter head
// does ("Brand: ...", "Brandからの...") is a medium claim, for what speaks next is
// the brand itself. In an answer or a forwarded message it is only repeated.
func (r *Reader) readTopic(topic string, most Strength, found *collection) {
	t := r.readShort(topic)
	if len(t.matches) == 0 {
		return
	}
	rest := r.words.residue(t)
	r.claimed(t, Subject, found, func(m brand.Match) Strength {
		switch {
		case most != Strong && rest.foreign > 0:
			return Mention
		case r.words.shopAfter(t.text.Folded[m.End:]):
			return Mention
		case rest.foreign == 0:
			return least(Medium, most)
		case r.words.opens(t, m) && r.words.speaksAfter(t.text.Folded[m.End:]):
			return Medium
		}
		return Weak
	})
}

// brackets pairs the brackets in which senders put their name.
const brackets = "【】［］[]「」『』〔〕《》〖〗≪≫<>＜＞（）"

// opener returns the content of the bracket that s begins with, decoration
// before it left out, and what follows it.
func opener(s string) (content, after string, ok bool) {
	s = strings.TrimLeftFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(brackets, r)
	})
	open, size := utf8.DecodeRuneInString(s)
	at := strings.IndexRune(brackets, open)
	if size == 0 || at < 0 {
		return "", "", false
	}
	closing, width := utf8.DecodeRuneInString(brackets[at+utf8.RuneLen(open):])
	end := strings.IndexRune(s, closing)
	if end < size {
		return "", "", false
	}
	return s[size:end], s[end+width:], true
}

// replyMark says what the mark before a subject says.
type replyMark int

const (
	unmarked replyMark = iota
	answers
	forwards
)

// answerMarks and forwardMarks are what clients put before the subject of an
// answer or a forwarded message, without the colon.
var (
	answerMarks  = [...]string{"re", "aw", "sv", "antw", "res", "返信"}
	forwardMarks = [...]string{"fw", "fwd", "wg", "vs", "tr", "rv", "enc", "転送"}
)

// withoutReplyMarks returns subject without "Re:", "Fwd:" and the like before it,
// and which of them came first.
func withoutReplyMarks(subject string) (topic string, mark replyMark) {
	topic = strings.TrimSpace(subject)
	for {
		colon := strings.IndexAny(cut(topic, maxReplyMark), ":：")
		if colon < 0 {
			return topic, mark
		}
		says := markOf(strings.TrimSpace(topic[:colon]))
		if says == unmarked {
			return topic, mark
		}
		if mark == unmarked {
			mark = says
		}
		_, width := utf8.DecodeRuneInString(topic[colon:])
		topic = strings.TrimSpace(topic[colon+width:])
	}
}

func markOf(s string) replyMark {
	same := func(mark string) bool { return strings.EqualFold(s, mark) }
	switch {
	case slices.ContainsFunc(answerMarks[:], same):
		return answers
	case slices.ContainsFunc(forwardMarks[:], same):
		return forwards
	}
	return unmarked
}

// inThread reports whether m says that it answers another message (RFC 5322,
// section 3.6.4). Anybody can say so.
func inThread(m *mail.Message) bool {
	for _, name := range [...]string{"In-Reply-To", "References"} {
		if _, ok := m.Header.First(name); ok {
			return true
		}
	}
	return false
}
