package wire

import (
	"bytes"
	"strings"

	"github.com/emersion/go-milter"
)

// macros keeps the macros of each stage as the MTA sent them, name and value
// ended by NUL. Few are looked up, so none is parsed before.
type macros struct {
	stages [len(macroStages)]stageMacros
}

type stageMacros struct {
	raw   []byte
	fresh bool // sent for the command that comes next
}

// messageStage is where the stages of a message begin in macroStages.
const messageStage = 2

// set takes the payload of a MACRO frame: the command, then names and values.
func (m *macros) set(payload []byte) {
	at := strings.IndexByte(macroStages, payload[0])
	if at < 0 {
		return
	}
	s := &m.stages[at]
	s.raw = append(s.raw[:0], payload[1:]...)
	s.fresh = true
}

// use marks a command as begun. Macros that were not sent again for it belong
// to an earlier one, such as a HELO before STARTTLS, and end here.
func (m *macros) use(command byte) {
	at := strings.IndexByte(macroStages, command)
	if at < 0 {
		return
	}
	s := &m.stages[at]
	if !s.fresh {
		s.raw = s.raw[:0]
	}
	s.fresh = false
}

// endMessage forgets the macros of a message but keeps what was already sent
// for the next command.
func (m *macros) endMessage() { m.forget(messageStage) }

// endConnection forgets everything.
func (m *macros) endConnection() { m.forget(0) }

func (m *macros) forget(from int) {
	for i := from; i < len(m.stages); i++ {
		m.stages[i] = stageMacros{raw: m.stages[i].raw[:0]}
	}
}

func (m *macros) get(name string) string {
	for at := len(m.stages) - 1; at >= 0; at-- {
		if v, ok := lookup(m.stages[at].raw, name); ok {
			return v
		}
	}
	return ""
}

// lookup finds a macro, with or without braces around its name.
func lookup(raw []byte, name string) (string, bool) {
	for len(raw) > 0 {
		key, rest, _ := bytes.Cut(raw, nul)
		value, rest, _ := bytes.Cut(rest, nul)
		if n := len(key); n > 2 && key[0] == '{' && key[n-1] == '}' {
			key = key[1 : n-1]
		}
		if string(key) == name {
			return string(value), true
		}
		raw = rest
	}
	return "", false
}

var nul = []byte{0}

// macroLists is what we ask for, where the MTA lets us (SMFIF_SETSYMLIST).
// Each list replaces the MTA's own for that stage.
func macroLists() map[milter.Stage][]string {
	return map[milter.Stage][]string{
		milter.StageConnect:  {"j", "{daemon_name}", "_", "{client_addr}", "{client_name}", "{client_ptr}"},
		milter.StageHelo:     {"{tls_version}", "{cipher}", "{cipher_bits}"},
		milter.StageMailFrom: {"i", "{auth_authen}", "{auth_type}", "{mail_addr}"},
		milter.StageRcptTo:   {"i", "{rcpt_addr}"},
		milter.StageEOH:      {"i"},
		milter.StageEOM:      {"i"},
	}
}
