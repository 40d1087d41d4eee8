package record

import (
	"slices"

	"go.uber.org/zap/zapcore"

	"sekisho/filter/finding"
	"sekisho/policy"
)

// difference is another verdict by the candidate policies.
type difference struct {
	policy       string
	live, shadow policy.Verdict
	by           finding.Name // that decided in the candidate
	where        string
}

// shadowDiffers lists what the candidate policies would do otherwise, each
// difference once, however many recipients it is for.
func (d *Decision) shadowDiffers() []difference {
	var all []difference
	for i := range d.Recipients {
		r := &d.Recipients[i]
		if r.Shadow == nil || r.Shadow.Verdict == r.Verdict {
			continue
		}
		it := difference{r.Policy, r.Verdict, r.Shadow.Verdict, r.Shadow.By, r.Shadow.Where}
		if len(all) < maxDifferences && !slices.Contains(all, it) {
			all = append(all, it)
		}
	}
	return all
}

// maxDifferences is how many differences a log line tells.
const maxDifferences = 20

// MarshalLogObject implements zapcore.ObjectMarshaler.
func (d difference) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("policy", d.policy)
	enc.AddString("live", string(d.live))
	enc.AddString("shadow", string(d.shadow))
	enc.AddString("by", string(d.by))
	enc.AddString("where", d.where)
	return nil
}
