package wire

import (
	"github.com/emersion/go-milter"
	"go.uber.org/zap"
)

const (
	minVersion = 2 // older ones cannot put on hold and have no macro stages
	maxVersion = 6 // SMFI_VERSION of libmilter 8.14 and later
)

// wantSteps is what we ask for where offered: no answers before the end of the
// message, header values as sent, no DATA and UNKNOWN commands.
const wantSteps = milter.OptNoConnReply | milter.OptNoHeloReply | milter.OptNoMailReply |
	milter.OptNoRcptReply | milter.OptNoDataReply | milter.OptNoUnknownReply |
	milter.OptNoHeaderReply | milter.OptNoEOHReply | milter.OptNoBodyReply |
	milter.OptHeaderLeadingSpace | milter.OptNoUnknown | milter.OptNoData

// negotiate reads the MTA's offer and cuts our wishes to it. The frame stays
// ready for the engine, which answers it.
func (c *conn) negotiate() bool {
	payload, err := c.readFrame()
	if err != nil {
		return false
	}
	if milter.Code(payload[0]) != milter.CodeOptNeg {
		_ = c.reject(BadOffer)
		return false
	}
	o, ok := parseOffer(payload[1:])
	if !ok {
		_ = c.reject(BadOffer, zap.Uint32("version", o.version))
		return false
	}
	need := c.s.opt.Need
	if missing := need &^ o.actions; missing != 0 {
		_ = c.reject(MissingAction, zap.Uint32("missing", uint32(missing)), zap.Uint32("offered", uint32(o.actions)))
		return false
	}
	c.facts.actions = (need | c.s.opt.Want | milter.OptSetSymList) & o.actions
	c.facts.steps = wantSteps & o.steps
	if c.s.opt.AskRcpt {
		c.facts.steps &^= milter.OptNoRcptReply
	}
	c.out.version = min(o.version, maxVersion)
	c.ready = c.frame
	return true
}
