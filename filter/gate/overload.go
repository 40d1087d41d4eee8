package gate

import (
	"sekisho/filter/act"
	"sekisho/policy"
)

// Overloaded is the plan for a message to recipients that there is no room to
// judge. One whose policy wants to have it judged is enough for the sender to be
// asked to come again: nobody gets unjudged what they asked to have judged.
func (g *Gate) Overloaded(recipients []string) act.Plan {
	marked := false
	mode := policy.OverloadContinue
	for _, rcpt := range recipients {
		switch g.set.Policies.For(rcpt).OnOverload() {
		case policy.OverloadContinue:
		case policy.OverloadObserve:
			marked = true
		default:
			mode = policy.OverloadTempfail
		}
	}
	if len(recipients) == 0 {
		mode = policy.OverloadTempfail
	}
	plan := act.NoRoom()
	if mode == policy.OverloadContinue {
		plan = act.Unjudged(marked, g.set.Generation)
	}
	if g.opt.Metrics != nil {
		g.opt.Metrics.Unjudged(plan.Reply)
	}
	return plan
}
