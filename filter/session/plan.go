package session

import (
	"bytes"
	"slices"
	"strings"

	"github.com/emersion/go-milter"

	"sekisho/filter/act"
)

// obstacle says why a plan cannot be carried out; "" is none.
type obstacle string

const (
	noReply     obstacle = "no_reply"      // nobody decided, or something that we do not know
	notAgreed   obstacle = "not_agreed"    // the MTA did not offer an action that it needs
	badEdit     obstacle = "bad_edit"      // would damage the header
	noRecipient obstacle = "not_recipient" // takes off somebody who is not on the envelope
)

func obstacles() []obstacle { return []obstacle{noReply, notAgreed, badEdit, noRecipient} }

// obstacle looks at the whole plan before any of it is carried out.
func (s *session) obstacle(p act.Plan, recipients []string) obstacle {
	switch p.Reply {
	case act.Reject, act.Tempfail, act.Discard:
		return "" // edits make no difference to a message that does not go on
	case act.Continue:
	default:
		return noReply
	}
	var need milter.OptAction
	for _, e := range p.Edits {
		if !soundEdit(e) {
			return badEdit
		}
		if e.Op == act.Insert {
			need |= milter.OptAddHeader
		} else {
			need |= milter.OptChangeHeader
		}
	}
	for _, r := range p.DeleteRecipients {
		if !slices.Contains(recipients, r) {
			return noRecipient
		}
		need |= milter.OptRemoveRcpt
	}
	if p.Hold != "" {
		need |= milter.OptQuarantine
	}
	if !s.conn.Can(need) {
		return notAgreed
	}
	return ""
}

// soundEdit reports whether an edit touches exactly one field and leaves it one.
// It is the last door before the header of a message: the values are made
// elsewhere, in one place, and are right there already.
func soundEdit(e act.Edit) bool {
	if !fieldName(e.Name) || e.Index > maxHeaderIndex {
		return false
	}
	switch e.Op {
	case act.Delete:
		return e.Index >= 1
	case act.Change:
		return e.Index >= 1 && soundValue(e.Value) && e.Value != ""
	case act.Insert:
		return e.Index >= 0 && soundValue(e.Value)
	}
	return false
}

// fieldName follows ftext of RFC 5322, section 3.6.8.
func fieldName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || c == ':' {
			return false
		}
	}
	return name != ""
}

// esc begins the escape sequences of ISO-2022-JP.
const esc = 0x1b

// soundValue reports whether a value is folded right (RFC 5322, section 2.2.3):
// line ends are CRLF with white space behind, and there are no controls but tab and
// the ESC of a field that came in raw ISO-2022-JP (RFC 1468).
func soundValue(v string) bool {
	if len(v) > maxEditBytes {
		return false
	}
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\r':
			if !strings.HasPrefix(v[i:], "\r\n ") && !strings.HasPrefix(v[i:], "\r\n\t") {
				return false
			}
			i++
		case c < ' ' && c != '\t' && c != esc, c == 0x7f:
			return false
		}
	}
	return true
}

// modify asks the MTA for everything in a plan. Nothing is sent before the
// answer, and with it in one piece.
func (s *session) modify(edit *milter.Modifier, p act.Plan) error {
	for _, e := range p.Edits {
		var err error
		switch e.Op {
		case act.Insert:
			err = edit.InsertHeader(e.Index, e.Name, s.outgoing(e.Value))
		case act.Change:
			err = edit.ChangeHeader(e.Index, e.Name, s.outgoing(e.Value))
		case act.Delete:
			err = edit.ChangeHeader(e.Index, e.Name, "")
		}
		if err != nil {
			return err
		}
	}
	for _, r := range p.DeleteRecipients {
		for _, name := range s.msg.names(r) {
			if err := edit.DeleteRecipient(name); err != nil {
				return err
			}
		}
	}
	for piece := range slices.Chunk(p.Body, maxBodyPiece) {
		// The engine makes LF of CRLF, which the protocol wants here
		// (smfi_replacebody of libmilter): of CR CRLF it makes CRLF.
		if err := edit.ReplaceBody(bytes.ReplaceAll(piece, []byte("\r\n"), []byte("\r\r\n"))); err != nil {
			return err
		}
	}
	if p.Hold != "" {
		return edit.Quarantine(plain(p.Hold, maxHoldReason))
	}
	return nil
}

// outgoing is a header value as the MTA wants it: with the blank after the colon
// if that was agreed, since then it adds none.
func (s *session) outgoing(value string) string {
	if s.conn.LeadingSpace() {
		return " " + value
	}
	return value
}
