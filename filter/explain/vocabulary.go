package explain

import (
	"strings"

	"sekisho/filter/act"
	"sekisho/filter/finding"
	"sekisho/filter/record"
	"sekisho/policy"
)

// Language is what an account is written in.
type Language string

const (
	English  Language = "en"
	Japanese Language = "ja"
)

// Languages lists every language.
func Languages() []Language { return []Language{English, Japanese} }

// vocabulary is one language.
type vocabulary struct {
	column int // of the texts, behind the labels

	// Labels.
	verdict, trace, queue, messageID, time, note, from, subject, client, links, claims, proofs, results, findings string
	recipient, policy, lines, sum, again, change, action, took                                                    string

	// Words and sentences.
	none, nothing, local, anybody, unknown, partial, noPersons, aligned, unaligned, hold, comma string
	sameSame, sameOther                                                                         string

	// Sentences with gaps, for fmt; then stands before a verdict.
	clientIs, provedBy, more, moreOutcomes, exceptionUsed, forwarded, softened, points, step, observed string
	otherSame, otherOther, stored, failed, then                                                        string

	verdicts  map[policy.Verdict]string
	actions   map[policy.Action]string
	replies   map[act.Reply]string
	stages    map[record.Stage]string
	strengths map[string]string
	places    map[string]string
	meanings  map[finding.Name]string // where they are not those of package finding
	ifs       map[Kind]func(*If) string
}

// words are the languages.
var words = map[Language]*vocabulary{English: &english, Japanese: &japanese}

func (v *vocabulary) place(p string) string {
	if text, ok := v.places[p]; ok {
		return text
	}
	return p
}

func (v *vocabulary) meaning(n finding.Name) string {
	if text, ok := v.meanings[n]; ok {
		return text
	}
	if text := n.Meaning(); text != "" {
		return text
	}
	return v.places["rule"] // an own rule
}

// orMore lists domains.
func orMore(domains []string, between string) string {
	text := strings.Join(domains, between)
	if len(domains) == maxDomains {
		text += " …"
	}
	return text
}
