package journal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sekisho/filter/act"
	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/record"
	"sekisho/policy"
)

// Outcome is what one policy said for one recipient.
type Outcome struct {
	Policy  string
	Verdict policy.Verdict // "" in a Shadow: no candidate was there
	Points  int
	By      finding.Name // that decided; "" for accept
	Where   string       // file:line that decided; "" for accept

	Observed policy.Verdict // that was not carried out, because the policy only observes; "" normally
}

// Recipient is the decision for one recipient.
type Recipient struct {
	Address string // as SMTP wrote it; "@domain" in a record without persons
	Outcome
	Findings   []finding.Name        // that the policy decided on
	Softened   []finding.Name        // of these, that had stepped down: a state of then, which no policy file tells
	Forwarder  *record.LineForwarder // trusted path that failures of authentication were put down to; nil for none
	Exceptions []policy.Used         // entries that had an effect
	Shadow     Outcome               // what the candidate policies said
}

// Record is one stored decision.
type Record struct {
	Time       time.Time // that the policies were asked at
	Trace      string
	QueueID    string
	MessageID  string
	Generation uint64
	Policies   string // digest of the policy files that judged; "" when it is not known
	Stored     string // quarantine entry; "" when nothing was held
	Failure    string // why we could not do our job; "" normally
	Persons    bool   // false: made without what people wrote or are called
	Recipients []Recipient

	Reply  act.Reply                      // final answer to the MTA; "" without one, and in records of before it was kept
	Hold   bool                           // the MTA was asked to put the message on hold
	Took   time.Duration                  // until the answer; 0 in records of before it was kept
	Stages map[record.Stage]time.Duration // of Took, the stages that there were

	form   int
	packed []byte
	codec  *codec
}

// Facts returns what the policies knew. It may be called from any goroutine.
func (r *Record) Facts() (*fact.Facts, error) {
	text, err := r.codec.unpack(r.form, r.packed)
	if err != nil {
		return nil, fmt.Errorf("facts of %s: %w", r.Trace, err)
	}
	f := &fact.Facts{}
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("facts of %s: %w", r.Trace, err)
	}
	return f, nil
}

// Softened is what had stepped down when the decision was made, for a hearing that
// is to come to the same.
func (r *Record) Softened() policy.Softened {
	var all policy.Softened
	for i := range r.Recipients {
		for _, n := range r.Recipients[i].Softened {
			if all == nil {
				all = policy.Softened{}
			}
			if of := r.Recipients[i].Policy; !slices.Contains(all[of], n) {
				all[of] = append(all[of], n)
			}
		}
	}
	return all
}

// entry is a decision on its way to the database. It holds no part of the message,
// which may be large: facts are text by now.
type entry struct {
	Record
	facts []byte
	size  int64
}

// newEntry makes an entry of a decision.
func newEntry(d *record.Decision, persons bool) (*entry, error) {
	facts := d.Facts
	if !persons {
		facts = withoutPersons(facts)
	}
	text, err := json.Marshal(facts)
	if err != nil {
		return nil, err
	}
	e := &entry{facts: text, Record: Record{
		Time: d.Judged, Trace: d.Trace, QueueID: strings.Clone(d.Envelope.QueueID), MessageID: strings.Clone(facts.Message.MessageID),
		Generation: d.Generation, Policies: d.Policies, Stored: d.Stored, Failure: d.Failure, Persons: persons,
		Recipients: make([]Recipient, len(d.Recipients)),
		Reply:      d.Plan.Reply, Hold: d.Plan.Hold != "", Took: d.Took, Stages: d.StageTook,
	}}
	e.size = int64(len(text)) + entryBytes
	for i := range d.Recipients {
		r := &d.Recipients[i]
		out := Recipient{Address: strings.Clone(r.Address), Outcome: outcome(&r.Decision), Findings: names(r.Findings), Softened: r.Softened, Exceptions: r.Exceptions}
		if !persons {
			out.Address = domainOnly(out.Address)
		}
		if f := r.Forwarder; f != nil {
			out.Forwarder = &record.LineForwarder{Kind: f.Kind, Domain: f.Domain, Where: f.Where, Reason: f.Reason}
		}
		if r.Shadow != nil {
			out.Shadow = outcome(r.Shadow)
		}
		e.Recipients[i] = out
		e.size += recipientBytes + int64(len(out.Address))
	}
	return e, nil
}

// What an entry and a recipient take in memory beside their texts, roughly.
const (
	entryBytes     = 500
	recipientBytes = 500
)

func outcome(d *policy.Decision) Outcome {
	return Outcome{Policy: d.Policy, Verdict: d.Verdict, Points: d.Points, By: d.By, Where: d.Where, Observed: d.Observed}
}

func names(found []finding.Finding) []finding.Name {
	list := make([]finding.Name, len(found))
	for i, f := range found {
		list[i] = f.Name
	}
	return list
}
