package act

import (
	"sekisho/filter/act/banner"
	"sekisho/filter/mail"
	"sekisho/policy"
)

// look is what readers see of a verdict.
type look struct {
	prefix string
	banner banner.Style
}

func lookOf(r Recipient) look {
	if r.Verdict != policy.Tag {
		return look{}
	}
	return look{prefix: cleanPrefix(r.SubjectPrefix), banner: r.Banner}
}

// Split parts the recipients who get the message by what they are to see of their
// verdict, so that nobody reads another's tags. The first part, the largest, can
// stay on the envelope of the transaction; each other one needs a copy of its own.
// Recipients who do not get the message stay with the first. It is one part when
// all are to see the same, when the message goes to nobody now, or when somebody
// cannot be taken off the envelope.
func Split(rs []Recipient) [][]Recipient {
	whole := [][]Recipient{rs}
	held, rest := part(rs)
	parts := map[look][]Recipient{}
	var order []look
	for _, r := range rest {
		l := lookOf(r)
		if parts[l] == nil {
			order = append(order, l)
		}
		parts[l] = append(parts[l], r)
	}
	if len(order) < 2 || len(order) > MaxCopies+1 {
		return whole
	}
	stays := order[0]
	for _, l := range order {
		if len(parts[l]) > len(parts[stays]) {
			stays = l
		}
	}
	off := make(map[string]bool, len(held))
	for _, address := range held {
		off[address] = true
	}
	first := parts[stays]
	for _, r := range rs {
		if off[r.Address] {
			first = append(first, r)
		}
	}
	split := [][]Recipient{first}
	for _, l := range order {
		if l == stays {
			continue
		}
		for _, r := range parts[l] {
			if !mail.IsForwardPath(r.Address) {
				return whole
			}
		}
		split = append(split, parts[l])
	}
	return split
}

// TakeOff is the plan that also takes recipients off the envelope, who have a copy.
func (p Plan) TakeOff(rs []Recipient) Plan {
	p.DeleteRecipients = append([]string(nil), p.DeleteRecipients...)
	for _, r := range rs {
		p.DeleteRecipients = append(p.DeleteRecipients, r.Address)
	}
	return p
}
