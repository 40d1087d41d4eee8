package proof

import (
	"context"

	"sekisho/filter/mail"
	"sekisho/filter/proof/arc"
	"sekisho/filter/proof/authres"
	"sekisho/filter/proof/dmarc"
	"sekisho/filter/proof/internal/signature"
	"sekisho/filter/proof/internal/task"
)

// Seal is one set of an ARC chain (RFC 8617). Who sealed is only known to be who
// he is: whether his word counts is for the recipient's policy to say. It counts
// only if each later sealer is trusted too, because every one of them may have
// changed what the earlier ones saw.
type Seal struct {
	Domain string `json:"domain"`           // d= of the ARC-Seal, A-label
	Author bool   `json:"author,omitempty"` // it states that the From domain was authenticated when the message reached it
}

// verifyARC verifies the chain, for a message whose author is not proved without.
func (c *Checker) verifyARC(ctx context.Context, msg *mail.Message, m *signature.Message, p *Proof) {
	var check arc.Check
	err := task.Guard("arc", func() { check = c.arc.VerifyMessage(ctx, m) })
	if err != nil {
		c.broken(err)
		check = arc.Check{Result: arc.TempError}
	}
	p.ARC = string(check.Result)
	if check.Result == arc.Pass || check.Result == arc.TempError {
		p.Seals = seals(msg, check.Sets)
	}
}

// seals reads what the sealers state, the newest first.
func seals(msg *mail.Message, sets []arc.Set) []Seal {
	var all []Seal
	for i := len(sets) - 1; i >= 0 && len(all) < maxSeals; i-- {
		field, err := sets[i].AuthResults()
		all = append(all, Seal{Domain: sets[i].Domain, Author: err == nil && statesAuthor(msg, field)})
	}
	return all
}

// statesAuthor reports whether a field states that DMARC passed for the From
// domain or, without a word on DMARC, that an identity aligned with it did.
func statesAuthor(msg *mail.Message, field authres.Field) bool {
	p := stated(msg, field.Results)
	return p.DMARC.Result != dmarc.Fail && p.aligned()
}
