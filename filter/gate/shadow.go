package gate

import (
	"fmt"
	"slices"

	"sekisho/filter/record"
	"sekisho/policy"
)

// shadow lets the candidate policies hear the same facts. The plan is made and what
// must be held is on disk: whatever a candidate does, even a panic, is told beside
// the decision and changes nothing of it.
func (g *Gate) shadow(d *record.Decision) {
	if g.opt.Shadow == nil || slices.Contains(d.Shed, policy.Shadow) {
		return
	}
	said := make([]policy.Decision, len(d.Recipients))
	defer func() {
		if p := recover(); p != nil {
			d.ShadowFailure = fmt.Sprintf("panic: %v", p)
			return
		}
		for i := range said {
			d.Recipients[i].Shadow = &said[i]
		}
	}()
	hearing := g.opt.Shadow.Hear(d.Facts, d.Judged).Soften(g.opt.Softened())
	for i := range said {
		said[i] = hearing.For(d.Recipients[i].Address)
	}
}
