package policy

import (
	"strings"

	"sekisho/filter/finding"
	"sekisho/policy/rule"
	"sekisho/policy/strictyaml"
)

// Decision is what one policy says about one message.
type Decision struct {
	Verdict Verdict
	Points  int          // sum over all findings that weigh
	Policy  string       // name of the policy
	Where   string       // file:line of the action or threshold that decided; "" for accept
	By      finding.Name // the finding that decided: by its action, or as the heaviest; "" for accept
	Scores  []Score      // in the order of the findings, without those that are off

	Observed   Verdict            // what Verdict would be if the policy did not only observe; "" when it is carried out
	Findings   []finding.Finding  // that the policy decided on; the message's, but for what forwarders and exceptions take away
	Forwarder  *finding.Forwarder // trusted path that failures of authentication were put down to; nil for none
	Exceptions []Used             // that had an effect
	Softened   []finding.Name     // that were found, and have stepped down one level

	RuleFailures []RuleFailure // own rules that came to no result
}

// ByException is the cause of a verdict that an exception brought.
const ByException finding.Name = "exception"

// Score is what a policy makes of one finding.
type Score struct {
	Finding finding.Finding
	Points  int // 0 when observed
	Action  Action
}

// Decide judges the findings about one message. The verdict is the worst of the
// threshold that the sum of points reaches and of the findings' own actions;
// where both say the same, the action is named as the cause, because it is the
// more precise one.
//
// Where a look-up failed for the moment (auth-temperror is among the findings,
// whatever its rule) and fail.dns says so, quarantine and reject become
// tempfail, or tag: the missing answer might have proved the sender. Where checks
// were left out under load (checks-shed) and fail.shed_margin more points would
// bring a graver verdict, accept and tag become tempfail.
func (p *Policy) Decide(findings []finding.Finding) Decision { return p.decide(findings, nil) }

// decide is Decide, where some findings have stepped down.
func (p *Policy) decide(findings []finding.Finding, softened []finding.Name) Decision {
	d := Decision{Verdict: Accept, Policy: p.name, Softened: softened}
	firm := 0 // points that count for more than a tag
	var cause, heaviest *findingRule
	var heaviestName finding.Name
	temporary := false
	for _, f := range findings {
		temporary = temporary || f.Name == finding.AuthTempError
		r := p.rule(f)
		if r == nil || r.action == Off {
			continue
		}
		if d.Scores == nil {
			d.Scores = make([]Score, 0, len(findings))
		}
		solid, action := r.softer(f.Name, softened)
		d.Scores = append(d.Scores, Score{Finding: f, Points: r.points, Action: action})
		d.Points += r.points
		firm += solid
		if heaviest == nil || r.points > heaviest.points {
			heaviest, heaviestName = r, f.Name
		}
		if v := action.verdict(); v.Worse(d.Verdict) {
			d.Verdict, d.By, cause = v, f.Name, r
		}
	}
	pos := strictyaml.Pos{}
	if cause != nil {
		pos = cause.pos
	}
	if v, at := p.Thresholds.verdict(d.Points, firm); v.Worse(d.Verdict) {
		d.Verdict, d.By, pos = v, heaviestName, at
	}
	if temporary && d.Verdict.Worse(Tag) && d.Verdict != Tempfail && p.Fail.DNS.Value != dnsContinue {
		d.Verdict, d.By, pos = p.Fail.DNS.Value.verdict(), finding.AuthTempError, p.Fail.DNS.Pos
	}
	if d.Verdict != Accept {
		d.Where = where(pos)
	}
	p.missed(&d, findings, firm)
	return d
}

// rule is what p says about a finding, which its brand may soften.
func (p *Policy) rule(f finding.Finding) *findingRule {
	r := p.Findings.of(f.Name)
	if name, own := strings.CutPrefix(string(f.Name), rule.Prefix); own {
		r = ownRule(p.Rules.Named(name))
	}
	switch protection := p.Brands.of(f); {
	case r == nil || protection == brandOn:
		return r
	case protection == brandOff || r.action == Off:
		return nil
	}
	return &findingRule{action: Observe, pos: r.pos}
}

// ownRule is one of the operator's rules in the form of those about findings.
func ownRule(own *rule.Rule) *findingRule {
	switch {
	case own == nil || own.Off:
		return nil
	case own.Observe:
		return &findingRule{action: Observe, pos: own.Pos}
	case own.Action == "":
		return &findingRule{action: Points, points: own.Points, pos: own.Pos}
	}
	return &findingRule{action: Action(own.Action), points: own.Points, pos: own.Pos}
}

// verdict is what stands in the place of one that rests on half the facts.
func (f onDNS) verdict() Verdict {
	if f == dnsObserve {
		return Tag
	}
	return Tempfail
}

// verdict is the gravest verdict whose threshold points reach, and its place; only
// firm points bring more than a tag.
func (t *thresholds) verdict(points, firm int) (Verdict, strictyaml.Pos) {
	switch {
	case t.Reject.Value.reached(firm):
		return Reject, t.Reject.Pos
	case t.Quarantine.Value.reached(firm):
		return Quarantine, t.Quarantine.Pos
	case t.Tag.Value.reached(points):
		return Tag, t.Tag.Pos
	}
	return Accept, strictyaml.Pos{}
}
