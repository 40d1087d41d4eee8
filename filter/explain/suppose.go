package explain

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/policy"
)

// Kind says what would have to be otherwise. The words are an interface.
type Kind string

const (
	IfFinding   Kind = "finding"   // Findings were not found
	IfFewer     Kind = "fewer"     // there were Points fewer
	IfMore      Kind = "more"      // there were Points more
	IfBrand     Kind = "brand"     // Brand were proved, by one of Domains in alignment with From
	IfAuthor    Kind = "author"    // the domain of From were authenticated
	IfException Kind = "exception" // the policy had the exception in Text
	IfNoDeny    Kind = "no-deny"   // the exception at Where were not there
	IfEnforced  Kind = "enforced"  // the policy carried verdicts out
)

// If is one thing that would bring another verdict.
type If struct {
	Kind     Kind           `json:"kind"`
	Findings []finding.Name `json:"findings,omitempty"`
	Points   int            `json:"points,omitempty"`
	Brand    string         `json:"brand,omitempty"`
	Domains  []string       `json:"domains,omitempty"`
	Text     string         `json:"text,omitempty"`
	Where    string         `json:"where,omitempty"`
	Verdict  policy.Verdict `json:"verdict"` // that would come of it
}

// asker asks one recipient's policy under suppositions.
type asker struct {
	hearing *policy.Hearing
	facts   *fact.Facts
	rcpt    string
	out     *Outcome
	ifs     []If
}

// suppose lists what would bring another verdict than the policies of now do.
func (j Judge) suppose(hearing *policy.Hearing, facts *fact.Facts, rcpt string, o *Outcome) []If {
	q := &asker{hearing: hearing, facts: facts, rcpt: rcpt, out: o}
	is := o.Is.full()
	if o.Is.Observed != "" {
		q.add(If{Kind: IfEnforced, Verdict: o.Is.Observed})
	}
	if o.Is.By == policy.ByException {
		d := hearing.Suppose(rcpt, policy.Supposition{NoDeny: true})
		q.add(If{Kind: IfNoDeny, Where: o.Is.Where, Verdict: fullOf(&d)})
	}
	if is != policy.Accept {
		carry := q.findings()
		q.fewer()
		q.brands(j)
		q.author(j)
		q.exception(carry)
	}
	q.more()
	return q.ifs
}

func (q *asker) add(i If) { q.ifs = append(q.ifs, i) }

// without is the verdict if some findings were not there.
func (q *asker) without(names []finding.Name) policy.Verdict {
	d := q.hearing.Suppose(q.rcpt, policy.Supposition{Without: names})
	return fullOf(&d)
}

func fullOf(d *policy.Decision) policy.Verdict { j := judgement(d); return j.full() }

// findings tells which ones carry the verdict: each that does so alone, or else the
// fewest that do together, the heaviest first. It returns those without which the
// message would be accepted; nil where even that is not enough.
func (q *asker) findings() []finding.Name {
	is := q.out.Is.full()
	var heavy []Score
	for _, s := range q.out.Scores {
		if s.Points > 0 || s.Action != policy.Observe && s.Action != policy.Points {
			heavy = append(heavy, s)
		}
	}
	slices.SortStableFunc(heavy, func(a, b Score) int {
		return cmp.Or(cmp.Compare(order(b.Action), order(a.Action)), cmp.Compare(b.Points, a.Points))
	})
	alone := false
	for _, s := range heavy {
		if v := q.without([]finding.Name{s.Name}); is.Worse(v) {
			q.add(If{Kind: IfFinding, Findings: []finding.Name{s.Name}, Verdict: v})
			alone = true
		}
	}
	var gone []finding.Name
	for _, s := range heavy {
		gone = append(gone, s.Name)
		switch v := q.without(gone); {
		case v == policy.Accept:
			if len(gone) > 1 {
				q.add(If{Kind: IfFinding, Findings: gone, Verdict: v})
			}
			return gone
		case is.Worse(v) && !alone:
			q.add(If{Kind: IfFinding, Findings: slices.Clone(gone), Verdict: v})
			alone = true
		}
	}
	return nil
}

// order ranks actions by the verdict that they bring alone.
func order(a policy.Action) int { return slices.Index(policy.Verdicts(), policy.Verdict(a)) }

// fewer tells how far the threshold that decided is from not deciding.
func (q *asker) fewer() {
	at := slices.IndexFunc(q.out.Steps, func(s policy.Step) bool { return s.Where == q.out.Is.Where && s.Verdict == q.out.Is.full() })
	if at < 0 || q.out.Is.Points < q.out.Steps[at].Points {
		return
	}
	left := q.out.Steps[at].Points - 1
	v := policy.Accept
	for _, s := range q.out.Steps[:at] {
		if left >= s.Points && s.Verdict.Worse(v) {
			v = s.Verdict
		}
	}
	for _, s := range q.out.Scores { // actions stand whatever the sum
		if by := policy.Verdict(s.Action); order(s.Action) >= 0 && by.Worse(v) {
			v = by
		}
	}
	q.add(If{Kind: IfFewer, Points: q.out.Is.Points - left, Where: q.out.Is.Where, Verdict: v})
}

// more tells how far the next threshold is.
func (q *asker) more() {
	for _, s := range q.out.Steps {
		if s.Points > q.out.Is.Points && s.Verdict.Worse(q.out.Is.full()) {
			q.add(If{Kind: IfMore, Points: s.Points - q.out.Is.Points, Where: s.Where, Verdict: s.Verdict})
			return
		}
	}
}

// brands tells which proof would meet the claims.
func (q *asker) brands(j Judge) {
	var told []string
	for _, s := range q.out.Scores {
		b, known := j.Brands.Brand(s.Brand)
		if s.Brand == "" || !known || slices.Contains(told, s.Brand) || !s.Name.OfClaim() {
			continue
		}
		told = append(told, s.Brand)
		v := q.without(q.named(func(s Score) bool { return s.Name.OfClaim() || s.Name.OfProof() }))
		if domains := append(slices.Clone(b.Domains), b.Suffixes...); q.out.Is.full().Worse(v) && len(domains) > 0 {
			q.add(If{Kind: IfBrand, Brand: s.Brand, Domains: domains[:min(len(domains), maxDomains)], Verdict: v})
		}
	}
}

// author tells what would come of it if From were authenticated.
func (q *asker) author(j Judge) {
	domain := q.facts.Proof.FromDomain
	if domain == "" || q.facts.Proof.Aligned {
		return
	}
	v := q.without(q.named(func(s Score) bool {
		return s.Name.OfProof() || s.Name.OfClaim() && s.Brand != "" && j.Brands.Owns(s.Brand, domain)
	}))
	if q.out.Is.full().Worse(v) {
		q.add(If{Kind: IfAuthor, Domains: []string{domain}, Verdict: v})
	}
}

// named are the names of some findings.
func (q *asker) named(means func(Score) bool) []finding.Name {
	var names []finding.Name
	for _, s := range q.out.Scores {
		if means(s) {
			names = append(names, s.Name)
		}
	}
	return names
}

// exception tells the narrowest entry that would have let the message pass. Only a
// sender who is proved can be named in one.
func (q *asker) exception(carry []finding.Name) {
	if len(carry) == 0 || q.out.Is.By == policy.ByException {
		return
	}
	var when []string
	if q.facts.Proof.Aligned {
		sender := q.facts.Proof.FromDomain
		if from := q.facts.Message.From; len(from) == 1 && from[0].Local != "" && from[0].Domain == sender {
			sender = from[0].Local + "@" + sender
		}
		when = append(when, "sender: "+sender)
	}
	names := make([]string, len(carry))
	for i, n := range carry {
		names[i] = string(n)
	}
	when = append(when, "finding: ["+strings.Join(names, ", ")+"]")
	if !q.facts.Proof.Aligned {
		local := q.rcpt[:max(0, strings.LastIndexByte(q.rcpt, '@'))]
		if local == "" {
			return // it would be for every message
		}
		when = append(when, "recipient: ["+strconv.Quote(local)+"]")
	}
	q.add(If{Kind: IfException, Text: "allow: {" + strings.Join(when, ", ") + "}", Findings: carry, Verdict: q.without(carry)})
}
