package policy

import (
	"strings"

	"sekisho/policy/rule"
	"sekisho/policy/strictyaml"
)

// file is the content of a policy file.
type file struct {
	Group      strictyaml.Located[groupName]    `yaml:"group" doc:"The group that this file builds on: groups/<name>.yaml."`
	Domains    []strictyaml.Located[domainName] `yaml:"domains" doc:"In a group: recipient domains that belong to it and need no file of their own."`
	Subdomains strictyaml.Located[bool]         `yaml:"subdomains" doc:"Also for domains below this one that have no file."`
	settings   `yaml:",inline"`
	Mailboxes  mailboxEntries `yaml:"mailboxes" doc:"What holds for some mailboxes of the domain only; the first entry that matches is taken."`
}

// settings is what any layer can say, and at once the effective policy: a layer
// is read over a copy of the one below, so that what it leaves out stays and every
// value knows the line it came from.
type settings struct {
	Mode       strictyaml.Located[Enforcement] `yaml:"mode" doc:"enforce, or observe: verdicts are recorded and counted, and every message is delivered unmarked."`
	Thresholds thresholds                      `yaml:"thresholds" doc:"The sums of points from which on a message is tagged, quarantined, rejected."`
	Findings   rules                           `yaml:"findings" doc:"What each finding weighs or does."`
	Rules      rule.Rules                      `yaml:"rules" doc:"Your own rules, by name: expressions over the facts of a message that add points or bring a verdict."`
	Brands     brandRules                      `yaml:"brands" doc:"Brands that are not protected here, or only observed, by their catalogue id."`
	Exceptions exceptions                      `yaml:"exceptions" doc:"What is known to be right or wrong, with an owner, a reason and a last day. They add to those of the layers below."`
	Tag        tagging                         `yaml:"tag" doc:"How a tagged message shows it, beside the X-Sekisho-Verdict field."`
	Quarantine quarantine                      `yaml:"quarantine" doc:"Where and how long quarantined messages are kept."`
	Reply      replying                        `yaml:"reply" doc:"What the sender of a rejected message hears, before the trace id."`
	Trusted    strictyaml.Located[forwarders]  `yaml:"forwarders" doc:"Paths that may break authentication; a list replaces the one of the layer below."`
	Budget     budget                          `yaml:"budget" doc:"How many false alarms a finding may cause here before it steps down one level."`
	Fail       failing                         `yaml:"fail" doc:"What happens while we cannot do our job."`
}

// thresholds are the sums of points from which on a verdict holds.
type thresholds struct {
	Tag        strictyaml.Located[threshold] `yaml:"tag" doc:"From so many points on: delivered, marked as suspicious."`
	Quarantine strictyaml.Located[threshold] `yaml:"quarantine" doc:"From so many points on: held."`
	Reject     strictyaml.Located[threshold] `yaml:"reject" doc:"From so many points on: refused for good."`
}

type tagging struct {
	SubjectPrefix strictyaml.Located[prefix] `yaml:"subject_prefix" doc:"Put before the subject of tagged messages; \"\" leaves subjects alone."`
	Banner        strictyaml.Located[Banner] `yaml:"banner" doc:"A warning at the top of the text of tagged messages, and its language."`
}

type quarantine struct {
	Mode    strictyaml.Located[Mode]      `yaml:"mode" doc:"store: in sekisho's own quarantine. hold: in the hold queue of the MTA."`
	Keep    strictyaml.Located[retention] `yaml:"keep" doc:"Days after which a held message is erased, such as 30d; or forever."`
	Release strictyaml.Located[roles]     `yaml:"release" doc:"Who may release a held message."`
}

type replying struct {
	English  strictyaml.Located[replyText]      `yaml:"en" doc:"In ASCII. \"\" is the text that fits the cause."`
	Japanese strictyaml.Located[localReplyText] `yaml:"ja" doc:"Before the English text where the sender's server takes UTF-8 (RFC 6531)."`
}

type budget struct {
	FalsePositives strictyaml.Located[allowance] `yaml:"false_positives" doc:"Held messages, released or marked as not phishing, that a finding may count for within the days; one more and it steps down. Or off."`
	Days           strictyaml.Located[days]      `yaml:"days" doc:"The days that are counted."`
}

type failing struct {
	DNS      strictyaml.Located[onDNS]      `yaml:"dns" doc:"While a look-up about a message fails for the moment."`
	Overload strictyaml.Located[OnOverload] `yaml:"overload" doc:"While there is no room to judge a message."`
	Shed     strictyaml.Located[checks]     `yaml:"shed" doc:"What may be left out while messages have to wait for their turn, the first first."`
	Margin   strictyaml.Located[margin]     `yaml:"shed_margin" doc:"A message from which something was left out is put off where so many points more would bring a graver verdict; or off."`
}

// check tells what contradicts each other in one layer.
func (s *settings) check(doc *strictyaml.Document) {
	s.checkThresholds(doc)
	for i := range s.Exceptions {
		for _, name := range s.Exceptions[i].when.Finding {
			own, isRule := strings.CutPrefix(string(name.Value), rule.Prefix)
			if isRule && name.Pos.File == doc.File() && s.Rules.Named(own) == nil {
				doc.Errorf(name.Pos, "exceptions: there is no rule %q here", own)
			}
		}
	}
}

// checkThresholds tells thresholds that contradict each other. Pairs that both come
// from a layer below have been told there.
func (s *settings) checkThresholds(doc *strictyaml.Document) {
	type named struct {
		name string
		at   strictyaml.Located[threshold]
	}
	list := []named{{"tag", s.Thresholds.Tag}, {"quarantine", s.Thresholds.Quarantine}, {"reject", s.Thresholds.Reject}}
	for i, low := range list {
		for _, high := range list[i+1:] {
			if !low.at.Value.above(high.at.Value) {
				continue
			}
			pos := high.at.Pos
			if pos.File != doc.File() {
				pos = low.at.Pos
			}
			if pos.File != doc.File() {
				continue
			}
			doc.Errorf(pos, "thresholds: %s (%s, %s) is above %s (%s, %s); a graver verdict needs as many points or more",
				low.name, low.at.Value, low.at.Pos.FileLine(), high.name, high.at.Value, high.at.Pos.FileLine())
		}
	}
}
