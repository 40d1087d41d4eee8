package explain

import (
	"fmt"

	"sekisho/filter/act"
	"sekisho/filter/record"
	"sekisho/policy"
)

var english = vocabulary{
	column:  10,
	verdict: "verdict", trace: "trace", queue: "queue id", messageID: "message id", time: "time", note: "note", from: "from", subject: "subject",
	client: "client", links: "links", claims: "claims", proofs: "proved", results: "results", findings: "findings",
	recipient: "for", policy: "policy", lines: "lines", sum: "sum", again: "again", change: "change", action: "action", took: "took",

	none: "none", nothing: "nothing", local: "a local submission", anybody: "(nobody named)", unknown: "was not recorded",
	partial: "what was done with the message as a whole concerns others, too, and is not told here", comma: ", ",
	noPersons: "recorded without what people wrote or are called; verdicts that rest on such texts do not reproduce",
	aligned:   "aligned with From", unaligned: "not aligned with From",
	hold:     "the MTA was asked to put it on hold",
	sameSame: "judged again from the record by the same policies: the same", sameOther: "judged again from the record: the same, though the policies are others now",
	otherSame:  "judged again by the same policies: %s, %d points; rules, brands or this program are not those of then",
	otherOther: "judged again by the policies of now: %s, %d points",
	clientIs:   "%s, envelope sender <%s>, %d recipients", provedBy: "%s by %s, %s", more: "and %d more", moreOutcomes: "and %d recipients with yet other outcomes",
	exceptionUsed: "exception %s (%s) lifted: %s", forwarded: "came by the trusted %s %s (%s: %s)", softened: "stepped down over their budget: %s",
	points: "%d points; %s", step: "%s from %d (%s)", observed: "; only observed: %s was not carried out",
	stored: "held in the quarantine as %s", failed: "we failed: %s", then: " -> ",

	verdicts: map[policy.Verdict]string{
		policy.Accept: "accept", policy.Tag: "tag", policy.Quarantine: "quarantine", policy.Reject: "reject", policy.Tempfail: "tempfail",
	},
	actions: map[policy.Action]string{
		policy.Observe: "only observed", policy.ActTag: "tags alone", policy.ActQuarantine: "quarantines alone",
		policy.ActReject: "rejects alone", policy.ActTempfail: "tempfails alone",
	},
	replies: map[act.Reply]string{
		act.Continue: "delivered, for those who were to get it", act.Reject: "refused for good, to the sender",
		act.Tempfail: "refused for now: the sender was to try again", act.Discard: "taken off the MTA, with our copy on disk",
	},
	stages: map[record.Stage]string{
		record.StageRead: "read", record.StageProof: "proof", record.StageClaim: "claim", record.StageJudge: "judge", record.StageStore: "store",
	},
	strengths: map[string]string{"strong": "strong", "medium": "medium", "weak": "weak", "mention": "only mentioned"},
	places: map[string]string{
		"from-name": "in the From name", "from-address": "in the From address", "subject-bracket": "in brackets in the subject", "subject": "in the subject",
		"heading": "in the heading", "signature": "in the signature", "link-text": "in the text of a link", "link-host": "in a link's host",
		"reply-to": "in Reply-To", "asset": "by pictures of its own host", "logo-alt": "in an image's text", "body": "in the text", "rule": "a rule of the policy's own",
	},
	ifs: map[Kind]func(*If) string{
		IfFinding: func(i *If) string { return "without " + joined(i.Findings) },
		IfFewer:   func(i *If) string { return fmt.Sprintf("with %d points fewer (%s)", i.Points, i.Where) },
		IfMore:    func(i *If) string { return fmt.Sprintf("with %d points more (%s)", i.Points, i.Where) },
		IfBrand: func(i *If) string {
			return "were " + i.Brand + " proved, by DKIM or SPF of " + orMore(i.Domains, " or ") + " in From"
		},
		IfAuthor: func(i *If) string {
			return "were " + joined(i.Domains) + ", the domain of From, authenticated by DKIM or SPF"
		},
		IfException: func(i *If) string { return "with the exception " + i.Text },
		IfNoDeny:    func(i *If) string { return "without the exception at " + i.Where },
		IfEnforced:  func(*If) string { return "did the policy not only observe (mode: enforce)" },
	},
}
