package claim

import (
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
		topic, answers := withoutReplyMarks(s)
		rest := topic
		for range maxBrackets {
			content, after, ok := opener(rest)
			if !ok {
				break
			}
			r.readBracket(content, rest[:len(rest)-len(after)], answers && inThread(m), found)
			rest = after
		}
		r.readTopic(rest, found)
	}
}

// readBracket grades the content of a bracket that opens the subject. In an
// answer it repeats what the other side wrote.
func (r *Reader) readBracket(content, seen string, answer bool, found *collection) {
	t := r.readShort(content)
	if len(t.matches) == 0 {
		r.readNear(content, SubjectBracket, found)
		return
	}
	rest := r.words.residue(t)
	t.seen = seen
	r.claimed(t, SubjectBracket, found, func(brand.Match) Strength {
		switch {
		case rest.shop || rest.foreign > 0:
			return Mention
		case answer:
			return Weak
		}
		return Strong
	})
}

// readTopic grades the subject behind its brackets. Opening it as a letter head
// does ("Brand: ...", "Brandからの...") is a medium claim, for what speaks next is
// the brand itself.
func (r *Reader) readTopic(topic string, found *collection) {
	t := r.readShort(topic)
	if len(t.matches) == 0 {
		return
	}
	rest := r.words.residue(t)
	r.claimed(t, Subject, found, func(m brand.Match) Strength {
		switch {
		case r.words.shopAfter(t.text.Folded[m.End:]):
			return Mention
		case rest.foreign == 0:
			return Medium
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

// replyMarks are what clients put before the subject of an answer or a forwarded
// message, without the colon.
var replyMarks = [...]string{"re", "fw", "fwd", "aw", "wg", "sv", "vs", "antw", "tr", "rv", "enc", "res", "返信", "転送"}

// withoutReplyMarks returns subject without "Re:", "Fwd:" and the like before it,
// and whether there was one.
func withoutReplyMarks(subject string) (topic string, answers bool) {
	topic = strings.TrimSpace(subject)
	for {
		colon := strings.IndexAny(cut(topic, maxReplyMark), ":：")
		if colon < 0 || !isReplyMark(strings.TrimSpace(topic[:colon])) {
			return topic, answers
		}
		_, width := utf8.DecodeRuneInString(topic[colon:])
		topic, answers = strings.TrimSpace(topic[colon+width:]), true
	}
}

func isReplyMark(s string) bool {
	for _, mark := range replyMarks {
		if strings.EqualFold(s, mark) {
			return true
		}
	}
	return false
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
