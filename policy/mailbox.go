package policy

import (
	"slices"

	"sekisho/policy/strictyaml"
)

// mailbox is what holds for some mailboxes of a domain.
type mailbox struct {
	match  globs
	policy *Policy
}

// mailboxEntries are read when the policy of their domain is known.
type mailboxEntries []strictyaml.Deferred

// mailboxEntry is how a file writes it.
type mailboxEntry struct {
	Match    strictyaml.Located[globs] `yaml:"match,required" doc:"Patterns for the part of the address before the @; * is any run of characters."`
	settings `yaml:",inline"`
}

// mailboxes reads the entries over the domain's own policy.
func mailboxes(doc *strictyaml.Document, list mailboxEntries, domain *Policy) []mailbox {
	if len(list) > maxMailboxes {
		doc.Errorf(list[maxMailboxes].Pos(), "mailboxes: has more than %d entries", maxMailboxes)
		return nil
	}
	all := make([]mailbox, 0, len(list))
	for _, item := range list {
		entry := mailboxEntry{settings: domain.settings}
		if !item.Decode(&entry) {
			continue
		}
		p := &Policy{name: domain.name, file: domain.file, group: domain.group, mailbox: item.Pos(), settings: entry.settings}
		p.check(doc)
		if len(entry.Match.Value) == 0 {
			doc.Errorf(entry.Match.Pos, "mailboxes: match names no mailbox")
		}
		for _, g := range entry.Match.Value {
			for _, before := range all {
				if i := slices.IndexFunc(before.match, func(b glob) bool { return b.covers(g) }); i >= 0 {
					doc.Errorf(entry.Match.Pos, "mailboxes: %q never applies, because %q (%s) comes before it and takes all of it",
						string(g), string(before.match[i]), before.policy.mailbox.FileLine())
				}
			}
		}
		all = append(all, mailbox{match: entry.Match.Value, policy: p})
	}
	return all
}
