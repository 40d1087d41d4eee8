package explain

import (
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/finding"
	"sekisho/filter/record"
	"sekisho/policy"
)

// TestComplete: each language has a word for everything that can be told.
func TestComplete(t *testing.T) {
	for lang, v := range words {
		for _, verdict := range policy.Verdicts() {
			if v.verdicts[verdict] == "" {
				t.Errorf("%s: no word for %s", lang, verdict)
			}
			if a := policy.Action(verdict); verdict != policy.Accept && v.actions[a] == "" {
				t.Errorf("%s: no word for the action %s", lang, a)
			}
		}
		for _, n := range finding.Names() {
			if lang == Japanese && v.meanings[n] == "" {
				t.Errorf("%s: no word for %s", lang, n)
			}
		}
		for _, s := range record.Stages() {
			if v.stages[s] == "" {
				t.Errorf("%s: no word for %s", lang, s)
			}
		}
		for _, p := range []claim.Place{claim.FromName, claim.SubjectBracket, claim.Subject, claim.Heading, claim.Signature, claim.LinkText, claim.LinkHost,
			claim.FromAddress, claim.ReplyTo, claim.Asset, claim.LogoAlt, claim.Body} {
			if v.places[string(p)] == "" {
				t.Errorf("%s: no word for %s", lang, p)
			}
		}
		for _, k := range []Kind{IfFinding, IfFewer, IfMore, IfBrand, IfAuthor, IfException, IfNoDeny, IfEnforced} {
			if v.ifs[k] == nil {
				t.Errorf("%s: no sentence for %s", lang, k)
			}
		}
	}
}
