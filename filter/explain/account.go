package explain

import (
	"reflect"
	"slices"
	"time"

	"sekisho/filter/act"
	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/journal"
	"sekisho/filter/record"
	"sekisho/policy"
	"sekisho/policy/brand"
)

// Account is all that can be told of one decision. As JSON its field names are an
// interface: add, never rename.
type Account struct {
	Time      time.Time      `json:"time"`
	Trace     string         `json:"trace"`
	QueueID   string         `json:"queue_id,omitempty"`
	MessageID string         `json:"message_id,omitempty"`
	Verdict   policy.Verdict `json:"verdict"`           // the worst of the recipients'
	Partial   bool           `json:"partial,omitempty"` // there are recipients of whom nothing is told

	Generation uint64      `json:"generation"`
	Policies   string      `json:"policies"`      // digest of those that judged
	Same       bool        `json:"same_policies"` // they are those that judge again
	Persons    bool        `json:"persons"`       // false: recorded without what people wrote or are called
	Facts      *fact.Facts `json:"facts"`

	Reply   act.Reply `json:"reply,omitempty"` // to the MTA; "" when it was not recorded
	Hold    bool      `json:"hold,omitempty"`
	Stored  string    `json:"stored,omitempty"`
	Failure string    `json:"failure,omitempty"`

	Microseconds int64                  `json:"us"`
	Stages       map[record.Stage]int64 `json:"stage_us,omitempty"`

	Outcomes []Outcome `json:"outcomes"`
	More     int       `json:"more,omitempty"` // outcomes beyond those
}

// Outcome is what came of the message for some recipients, who have one policy and
// whose decisions are the same.
type Outcome struct {
	Recipients []string `json:"recipients"`
	More       int      `json:"more,omitempty"` // recipients beyond those

	Was        Judgement             `json:"was"`
	Is         Judgement             `json:"is"` // by the policies of now
	Reproduced bool                  `json:"reproduced"`
	Scores     []Score               `json:"scores,omitempty"`
	Steps      []policy.Step         `json:"thresholds,omitempty"`
	Forwarder  *record.LineForwarder `json:"forwarder,omitempty"`
	Exceptions []policy.Used         `json:"exceptions,omitempty"`
	Softened   []finding.Name        `json:"softened,omitempty"`
	Ifs        []If                  `json:"ifs"`
}

// Judgement is what a policy said.
type Judgement struct {
	Policy   string         `json:"policy"`
	Verdict  policy.Verdict `json:"verdict"`
	Points   int            `json:"points"`
	By       finding.Name   `json:"by,omitempty"`
	Where    string         `json:"where,omitempty"`
	Observed policy.Verdict `json:"observed,omitempty"` // was not carried out, because the policy only observes
}

// full is the verdict, carried out or not.
func (j *Judgement) full() policy.Verdict {
	if j.Observed != "" {
		return j.Observed
	}
	return j.Verdict
}

// Score is what the policy makes of one finding.
type Score struct {
	Name   finding.Name  `json:"name"`
	Brand  string        `json:"brand,omitempty"`
	Points int           `json:"points"`
	Action policy.Action `json:"action"`
	Line   string        `json:"line"` // of the policy
	Why    string        `json:"why,omitempty"`
}

// Judge is what decisions are made again by.
type Judge struct {
	Policies *policy.Set
	Brands   *brand.Catalogue
}

// Of explains a record.
func (j Judge) Of(rec *journal.Record) (*Account, error) { return j.For(rec, nil) }

// For explains a record to somebody who may know of some of its recipients: sees
// tells which, and nil means all. Nothing in the account tells of the others but that
// they are; it is nil where there is nobody whom they may know of.
func (j Judge) For(rec *journal.Record, sees func(address string) bool) (*Account, error) {
	if sees != nil {
		part := *rec
		part.Recipients = slices.DeleteFunc(slices.Clone(rec.Recipients), func(r journal.Recipient) bool { return !sees(r.Address) })
		switch len(part.Recipients) {
		case 0:
			return nil, nil
		case len(rec.Recipients):
		default:
			return j.part(&part)
		}
	}
	return j.whole(rec)
}

// part explains a record of which some recipients were taken out. What was done with
// the whole message would tell of them.
func (j Judge) part(rec *journal.Record) (*Account, error) {
	held := slices.ContainsFunc(rec.Recipients, func(r journal.Recipient) bool { return r.Verdict == policy.Quarantine })
	rec.Reply, rec.Hold, rec.Failure = "", false, ""
	if !held {
		rec.Stored = ""
	}
	a, err := j.whole(rec)
	if err != nil {
		return nil, err
	}
	a.Partial = true
	a.Facts.Envelope.Recipients = len(rec.Recipients)
	return a, nil
}

func (j Judge) whole(rec *journal.Record) (*Account, error) {
	facts, err := rec.Facts()
	if err != nil {
		return nil, err
	}
	a := &Account{
		Time: rec.Time, Trace: rec.Trace, QueueID: rec.QueueID, MessageID: rec.MessageID, Verdict: policy.Accept,
		Generation: rec.Generation, Policies: rec.Policies, Same: rec.Policies == j.Policies.Digest(), Persons: rec.Persons, Facts: facts,
		Reply: rec.Reply, Hold: rec.Hold, Stored: rec.Stored, Failure: rec.Failure, Microseconds: rec.Took.Microseconds(),
	}
	for stage, took := range rec.Stages {
		if a.Stages == nil {
			a.Stages = map[record.Stage]int64{}
		}
		a.Stages[stage] = took.Microseconds()
	}
	hearing := j.Policies.Hear(facts, rec.Time).Soften(rec.Softened())
	for i := range rec.Recipients {
		r := &rec.Recipients[i]
		if r.Verdict.Worse(a.Verdict) {
			a.Verdict = r.Verdict
		}
		o := j.outcome(hearing, r)
		if a.join(&o) {
			continue
		}
		if len(a.Outcomes) == maxGroups {
			a.More++
			continue
		}
		o.Ifs = j.suppose(hearing, facts, r.Address, &o)
		a.Outcomes = append(a.Outcomes, o)
	}
	return a, nil
}

// join puts a recipient beside others with the same outcome, if there are any. What
// would change it is asked for the first of them alone.
func (a *Account) join(o *Outcome) bool {
	for i := range a.Outcomes {
		was := a.Outcomes[i]
		was.Recipients, was.More, was.Ifs = o.Recipients, 0, nil
		if !reflect.DeepEqual(was, *o) {
			continue
		}
		to := &a.Outcomes[i]
		if len(to.Recipients) < maxNamed {
			to.Recipients = append(to.Recipients, o.Recipients...)
		} else {
			to.More++
		}
		return true
	}
	return false
}

func (j Judge) outcome(hearing *policy.Hearing, r *journal.Recipient) Outcome {
	p, d := j.Policies.For(r.Address), hearing.For(r.Address)
	o := Outcome{
		Recipients: []string{r.Address}, Was: Judgement(r.Outcome), Is: judgement(&d), Steps: p.Steps(),
		Forwarder: r.Forwarder, Exceptions: r.Exceptions, Softened: r.Softened,
	}
	o.Reproduced = o.Was == o.Is
	for _, s := range d.Scores {
		o.Scores = append(o.Scores, Score{Name: s.Finding.Name, Brand: s.Finding.Brand, Points: s.Points, Action: s.Action, Line: p.LineOf(s.Finding), Why: s.Finding.Why})
	}
	return o
}

func judgement(d *policy.Decision) Judgement {
	return Judgement{Policy: d.Policy, Verdict: d.Verdict, Points: d.Points, By: d.By, Where: d.Where, Observed: d.Observed}
}
