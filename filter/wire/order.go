package wire

import "github.com/emersion/go-milter"

// phase is how far a connection has come.
type phase byte

const (
	phaseStart  phase = iota // negotiated; nothing known of the client
	phaseClient              // between messages
	phaseMail                // MAIL seen
	phaseRcpt                // a recipient seen
	phaseData                // DATA seen
	phaseHeader              // a header field seen
	phaseBody                // end of header seen
)

// inMessage reports whether a message is under way.
func (p phase) inMessage() bool { return p >= phaseMail }

// next returns the phase after a command, or false when an MTA cannot send it
// here. It follows the state table of libmilter's engine.c, without the short
// cuts for steps that a filter has declined: we decline none of these.
func (p phase) next(command byte) (phase, bool) {
	switch milter.Code(command) {
	case milter.CodeMacro, milter.CodeQuit, codeUnknown:
		return p, true
	case milter.CodeAbort:
		return min(p, phaseClient), true
	case milter.CodeQuitNewConn:
		return phaseStart, true
	case milter.CodeConn:
		return phaseClient, p == phaseStart
	case milter.CodeHelo:
		return p, p == phaseClient
	case milter.CodeMail:
		return phaseMail, p == phaseClient
	case milter.CodeRcpt:
		return phaseRcpt, p == phaseMail || p == phaseRcpt
	case milter.CodeData:
		return phaseData, p == phaseRcpt
	case milter.CodeHeader:
		return phaseHeader, p >= phaseRcpt && p <= phaseHeader
	case milter.CodeEOH:
		return phaseBody, p >= phaseRcpt && p <= phaseHeader
	case milter.CodeBody:
		return phaseBody, p == phaseBody
	case milter.CodeEOB:
		return phaseClient, p == phaseBody
	}
	return p, false
}
