package session

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-milter"

	"sekisho/filter/act"
)

// response is the final answer. Whatever is not one of the known replies is a
// temporary failure.
func response(reply act.Reply, status act.Status) milter.Response {
	switch reply {
	case act.Continue:
		return milter.RespContinue
	case act.Discard:
		return milter.RespDiscard
	case act.Reject:
		return milter.NewResponseStr(byte(milter.ActReplyCode), replyLine('5', status))
	default:
		return milter.NewResponseStr(byte(milter.ActReplyCode), replyLine('4', status))
	}
}

// fallback is what the client hears when a status says nothing, or something
// that does not fit the reply.
func fallback(class byte) act.Status {
	if class == '5' {
		return act.Status{Code: 550, Enhanced: "5.7.1", Text: "Message refused"}
	}
	return act.Status{Code: 451, Enhanced: "4.3.0", Text: "Message check failed, try again later"}
}

// replyLine writes an SMTP reply of one line (RFC 5321, section 4.2) with an
// enhanced code (RFC 2034) of the same class. The MTA takes the text for a
// format: each % is doubled (smfi_setreply; Postfix does the same).
func replyLine(class byte, s act.Status) string {
	instead := fallback(class)
	code := strconv.Itoa(s.Code)
	if len(code) != 3 || code[0] != class || code[1] > '5' {
		code = strconv.Itoa(instead.Code)
	}
	if !enhanced(class, s.Enhanced) {
		s.Enhanced = instead.Enhanced
	}
	head := code + " " + s.Enhanced + " "
	text := plain(s.Text, maxReplyLine-len(head))
	if s.UTF8 {
		text = printable(s.Text, maxReplyLine-len(head))
	}
	if text == "" {
		text = instead.Text
	}
	return head + strings.ReplaceAll(text, "%", "%%")
}

// enhanced reports whether a code follows RFC 3463, section 2, and is of a class.
func enhanced(class byte, code string) bool {
	parts := strings.Split(code, ".")
	if len(parts) != 3 || parts[0] != string(class) {
		return false
	}
	for _, p := range parts[1:] {
		if n, err := strconv.Atoi(p); err != nil || len(p) > 3 || strconv.Itoa(n) != p || n < 0 {
			return false
		}
	}
	return true
}

// printable is a text in UTF-8 on one line, cut at a length between characters.
// Controls, and what could turn the text around, become blanks.
func printable(s string, limit int) string {
	out := make([]byte, 0, min(len(s), limit))
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			r = ' '
		}
		if len(out)+utf8.RuneLen(r) > limit {
			break
		}
		out = utf8.AppendRune(out, r)
	}
	return strings.TrimSpace(string(out))
}

// plain is a text as printable ASCII on one line, cut at a length. Controls
// become blanks, everything else that does not fit a question mark.
func plain(s string, limit int) string {
	out := make([]byte, 0, min(len(s), limit))
	for _, r := range s {
		if len(out) == limit {
			break
		}
		switch {
		case r < ' ' || r == 0x7f:
			out = append(out, ' ')
		case r > 0x7f:
			out = append(out, '?')
		default:
			out = append(out, byte(r))
		}
	}
	return strings.TrimSpace(string(out))
}
