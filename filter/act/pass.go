package act

import (
	"strings"

	"sekisho/filter/mail"
)

// Pass is the plan for a message that is known to be sent by ourselves and is not
// judged again. An original loses all that only we may write, as any message does
// that is delivered; a copy that we have marked loses only the fields named strip,
// which prove where it comes from. Nothing is added to either.
func Pass(h mail.Header, own []int, original bool, strip string) Plan {
	if original {
		edits, ok := removals(h, own)
		if !ok {
			return refuse(Reject, Status{Code: 550, Enhanced: "5.6.0", Text: textForged}).Plan
		}
		return Plan{Reply: Continue, Edits: edits}
	}
	var kept mail.Header
	for _, f := range h {
		if strings.EqualFold(fieldName(f), strip) {
			kept = append(kept, f)
		}
	}
	edits, ok := removals(kept, nil)
	if !ok {
		return refuse(Reject, Status{Code: 550, Enhanced: "5.6.0", Text: textForged}).Plan
	}
	return Plan{Reply: Continue, Edits: edits}
}
