package record

import (
	"slices"
	"time"

	"sekisho/filter/act"
	"sekisho/filter/claim"
	"sekisho/filter/fact"
	"sekisho/filter/finding"
	"sekisho/filter/mail"
	"sekisho/filter/proof"
	"sekisho/policy"
)

// Stage is a part of the work on one message, for timing. The set is closed.
type Stage string

const (
	StageRead  Stage = "read"  // header, MIME, text
	StageProof Stage = "proof" // DNS and signatures; runs beside claim
	StageClaim Stage = "claim" // brands and evidence
	StageJudge Stage = "judge" // findings and policies
	StageStore Stage = "store" // quarantine, until it is on disk
)

// Stages lists every stage in the order in which a message meets them.
func Stages() []Stage {
	return []Stage{StageRead, StageProof, StageClaim, StageJudge, StageStore}
}

// Recipient is the decision for one recipient.
type Recipient struct {
	Address string
	policy.Decision
	Shadow *policy.Decision // what the candidate policies say; nil without any
}

// Decision is everything that was seen, concluded and done about one message.
type Decision struct {
	Trace      string // unique id, in header, reply, log and metrics' exemplars
	Generation uint64 // number of the policy and brand set that judged
	Policies   string // digest of the policy files that judged
	Envelope   mail.Envelope
	Message    *mail.Message
	Proof      proof.Proof
	Claims     []claim.Claim
	Findings   []finding.Finding
	Shed       []policy.Check // left out because there was too much to do
	Facts      *fact.Facts    // what the policies decided on
	Recipients []Recipient    // in envelope order; one with no address when nobody was named
	Verdict    policy.Verdict // the worst of the recipients'
	Points     int            // of the recipient with the worst verdict
	Plan       act.Plan       // what the MTA was asked to do; zero for a judgement without an MTA
	Stored     string         // quarantine entry; "" when nothing is held
	Copies     []string       // entries of copies for recipients who are to see other tags than those on the envelope
	Failure    string         // why we could not do our job; "" normally
	Started    time.Time
	Judged     time.Time // that the policies were asked at, for entries that end on a day
	Took       time.Duration
	StageTook  map[Stage]time.Duration

	ShadowFailure string // why the candidate policies have said nothing; "" normally
}

// Unread are the parts of the message that nobody looked at because there was too
// much to do.
func (d *Decision) Unread() []string {
	var list []string
	for _, c := range d.Shed {
		if c != policy.Shadow {
			list = append(list, string(c))
		}
	}
	return list
}

// Heaviest returns the decision that gave the message its verdict.
func (d *Decision) Heaviest() policy.Decision {
	for _, r := range d.Recipients {
		if r.Verdict == d.Verdict && r.Points == d.Points {
			return r.Decision
		}
	}
	return policy.Decision{}
}

// Overridden reports whether failures of authentication were put down to a
// trusted path for any recipient.
func (d *Decision) Overridden() bool {
	return slices.ContainsFunc(d.Recipients, func(r Recipient) bool { return r.Forwarder != nil })
}

// Exceptions returns the ids of the exceptions that had an effect, each once.
func (d *Decision) Exceptions() []string {
	var ids []string
	for _, r := range d.Recipients {
		for _, u := range r.Exceptions {
			if !slices.Contains(ids, u.ID) {
				ids = append(ids, u.ID)
			}
		}
	}
	return ids
}

// Brands returns the catalogue ids that the message claims, each once, in the
// order of the claims; mentions do not count.
func (d *Decision) Brands() []string {
	var ids []string
	for _, c := range d.Claims {
		if c.Strength != claim.Mention && !slices.Contains(ids, c.Brand) {
			ids = append(ids, c.Brand)
		}
	}
	return ids
}
